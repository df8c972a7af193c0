package dev.rondo.cli;

import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.decode.Sampling;
import dev.rondo.error.InputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Continues a text. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = {
            "Continues a text with a language model, token by token.",
            "Prints what follows the prompt, as UTF-8, and a line break at the end; --echo prints the prompt before"
                    + " it. Stops early at the model's end token. Without a prompt the text starts at the model's begin"
                    + " token, or else after a line break."
        })
final class GenerateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "A .rondo file with a language model.")
    private Path file;

    @Option(names = "--prompt", paramLabel = "TEXT", defaultValue = "", description = "The text to continue.")
    private String prompt;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "200",
            description = "How many tokens at most (default: ${DEFAULT-VALUE}).")
    private int length;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0.8",
            description = "0 takes the likeliest token always; 1 draws from the model's distribution, below 1 likely "
                    + "tokens gain, above 1 all become more equal (default: ${DEFAULT-VALUE}).")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "0",
            description = "Draw from the K likeliest tokens; 0 for all (default: ${DEFAULT-VALUE}).")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description = "Draw from the fewest likeliest tokens that have the share P; 1 for all "
                    + "(default: ${DEFAULT-VALUE}).")
    private double topP;

    @Option(
            names = "--min-p",
            paramLabel = "M",
            defaultValue = "0",
            description = "Draw from tokens that have at least the share M of the likeliest; 0 for all "
                    + "(default: ${DEFAULT-VALUE}).")
    private double minP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "R",
            defaultValue = "1",
            description = "Tokens that the text has already count less above 1; 1 is none (default: ${DEFAULT-VALUE}).")
    private double repetitionPenalty;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "The same seed gives the same text (default: another one each time).")
    private Long seed;

    @Option(names = "--echo", description = "Print the prompt first.")
    private boolean echo;

    @Mixin
    private KernelOption kernels;

    @Override
    public Integer call() throws IOException {
        Range.check(length >= 0, "--length", "is at least 0", length);
        Range.check(
                temperature >= 0 && temperature < Double.POSITIVE_INFINITY,
                "--temperature",
                "is finite and at least 0",
                temperature);
        Range.check(topK >= 0, "--top-k", "is at least 0", topK);
        Range.check(topP > 0 && topP <= 1, "--top-p", "is above 0 and at most 1", topP);
        Range.check(minP >= 0 && minP <= 1, "--min-p", "is at least 0 and at most 1", minP);
        Range.check(
                repetitionPenalty > 0 && repetitionPenalty <= 1000,
                "--repetition-penalty",
                "is above 0 and at most 1000",
                repetitionPenalty);
        checkPrompt();
        var sampling = new Sampling(
                temperature,
                topK,
                topP,
                minP,
                repetitionPenalty,
                seed == null ? ThreadLocalRandom.current().nextLong() : seed);
        PrintWriter out = spec.commandLine().getOut();
        try (Model model = Model.open(file)) {
            LanguageModel language = LanguageModel.of(model, kernels.kernel());
            boolean[] begun = {false};
            language.generate(prompt, length, sampling, piece -> {
                if (echo && !begun[0]) {
                    out.print(prompt);
                }
                begun[0] = true;
                out.print(piece);
                out.flush();
                return true;
            });
            if (echo && !begun[0]) {
                out.print(prompt);
            }
        }
        out.print('\n');
        out.flush();
        return Main.DONE;
    }

    /** What the JVM could not decode arrives as replacement characters; their own message would mislead. */
    private void checkPrompt() {
        String encoding = System.getProperty("sun.jnu.encoding", "");
        if (prompt.indexOf('\ufffd') >= 0 && !encoding.equalsIgnoreCase("UTF-8")) {
            throw new InputException(
                    "--prompt",
                    "is text in the encoding of this terminal, " + encoding,
                    "bytes that are none",
                    "set the environment variable LC_ALL=C.UTF-8");
        }
    }
}
