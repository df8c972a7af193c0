package dev.rondo.samples;

import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.decode.Sampling;
import java.io.IOException;
import java.nio.file.Path;

/** Continues a text: {@code java ... dev.rondo.samples.GenerateText MODEL PROMPT}. */
public final class GenerateText {
    private GenerateText() {}

    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            System.err.println("usage: GenerateText MODEL PROMPT");
            System.exit(2);
        }
        try (Model model = Model.open(Path.of(args[0]))) {
            LanguageModel.of(model).generate(args[1], 200, Sampling.GREEDY, piece -> {
                System.out.print(piece);
                return true;
            });
        }
        System.out.println();
    }
}
