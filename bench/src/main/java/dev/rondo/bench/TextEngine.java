package dev.rondo.bench;

import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.TextGenerator;
import dev.rondo.format.Encoding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Draws character after character from a language model of ours. Its outputs are the logits that the last draw saw. */
final class TextEngine implements Engine {
    private final Path file;
    private final Model model;
    private final LanguageModel language;
    private final int symbols;
    private TextGenerator generator;
    private int drawn;

    private TextEngine(Path file, Model model, int symbols) {
        this.file = file;
        this.model = model;
        this.language = LanguageModel.of(model);
        this.symbols = symbols;
        reset();
    }

    static TextEngine open(Text text, Encoding encoding) {
        try {
            Path file = Files.createTempFile("bench", ".rondo");
            RandomLanguageModel.write(file, text, encoding);
            return new TextEngine(file, Model.open(file), text.symbols());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public float run(float[] x) {
        drawn++;
        return generator.next();
    }

    /** Repeats the text in a session of its own, whose logits can be read. */
    @Override
    public float[] outputs() {
        TextGenerator again = language.generator(Text.SAMPLING);
        var call = model.session().call("step");
        int token = 0;
        again.feed(token);
        for (int i = 0; i < drawn; i++) {
            call.input("token").set(0, token);
            call.run();
            token = again.next();
        }
        float[] logits = call.output("logits").toFloats();
        if (logits.length != symbols) {
            throw new IllegalStateException("has " + symbols + " logits; got " + logits.length);
        }
        return logits;
    }

    @Override
    public void reset() {
        generator = language.generator(Text.SAMPLING);
        generator.feed(0);
        drawn = 0;
    }

    @Override
    public void close() {
        model.close();
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
