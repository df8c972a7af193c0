package dev.rondo.bench;

import dev.rondo.Model;
import dev.rondo.format.Encoding;
import dev.rondo.format.RondoFile;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.SpecialIds;
import dev.rondo.translation.Translator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A translation model and what it is to translate. The property {@code model} names a model file of the family that
 * {@link TranslationWeights} knows; without, a random one of that size translates, and its results are made as long as their sources.
 * The property {@code sources} names a text, a sentence a line; without it is the Multi30k test of 2016 beside the checkout,
 * or made up.
 */
final class TranslationTask implements AutoCloseable {
    private static final Path TEST_2016 = Path.of("../shared/data/multi30k/test_2016_flickr.en");
    private static final int BEAM = 5;
    private static final double LENGTH_PENALTY = 1;
    private static final int MADE_UP = 200;

    private final Path temporary;
    private final Path half;
    private final Model model;
    private final Model halfModel;
    private final TranslationWeights weights;
    private final TranslationPlan plan;
    private final String text;

    private TranslationTask(Path file, boolean made, List<String> lines, String text) throws IOException {
        this.temporary = made ? file : null;
        this.half = Files.createTempFile("bench", ".rondo");
        rewrite(file, half, Encoding.BF16);
        this.model = Model.open(file);
        this.halfModel = Model.open(half);
        this.weights = TranslationWeights.of(model);
        this.plan = plan(model, lines, made ? 1 : 0);
        this.text = text;
    }

    /** What the properties say. */
    static TranslationTask open() throws IOException {
        String given = System.getProperty("model");
        String named = System.getProperty("sources");
        Path source = named == null ? TEST_2016 : Path.of(named);
        boolean there = named != null || Files.exists(source);
        List<String> lines = there ? Files.readAllLines(source) : madeUp();
        String sources = there
                ? source.getFileName() + ", " + lines.size() + " sentences"
                : "made up, since " + TEST_2016 + " is not there; SOURCES=FILE names others";
        boolean made = given == null;
        Path file = made ? random(lines) : Path.of(given);
        return new TranslationTask(
                file,
                made,
                lines,
                String.format(
                        Locale.ROOT,
                        "Model: %s. Sources: %s. Beam %d, log-probability divided by length^%s.",
                        made
                                ? "random weights, " + RandomTranslationModel.MULTI30K + "; MODEL=FILE names another"
                                : file.getFileName(),
                        sources,
                        BEAM,
                        LENGTH_PENALTY));
    }

    TranslationPlan plan() {
        return plan;
    }

    TranslationWeights weights() {
        return weights;
    }

    /** What it is, a sentence or two. */
    String text() {
        return text;
    }

    /** A network of a contender that runs in this JVM, for the calling thread. */
    TranslationNetwork open(Contender contender, TranslationPlan of, int threads) {
        return switch (contender) {
            case RONDO_F32 -> new RondoTranslation(model, of.limits());
            case RONDO_BF16 -> new RondoTranslation(halfModel, of.limits());
            case ORT_F32 -> new OrtTranslation(new OnnxTranslation(weights), of.limits(), threads);
            case RONDO_F16, RONDO_INT8, ORT_INT8, C, RTNEURAL, TORCH, DJL ->
                throw new IllegalArgumentException(contender + ": translates here; it does not");
        };
    }

    @Override
    public void close() throws IOException {
        model.close();
        halfModel.close();
        Files.delete(half);
        if (temporary != null) {
            Files.delete(temporary);
        }
    }

    private static List<String> madeUp() {
        var random = new Random(1);
        return IntStream.range(0, MADE_UP)
                .mapToObj(i -> String.join(
                        " ",
                        IntStream.range(0, 8 + random.nextInt(11))
                                .mapToObj(j -> "w" + random.nextInt(5000))
                                .toList()))
                .toList();
    }

    private static Path random(List<String> lines) throws IOException {
        Path file = Files.createTempFile("bench", ".rondo");
        RandomTranslationModel.MULTI30K.write(file, lines.stream().flatMap(line -> Stream.of(line.split(" "))));
        return file;
    }

    /** The same model with its matrices in another encoding. */
    private static void rewrite(Path from, Path to, Encoding encoding) throws IOException {
        var writer = new RondoFileWriter();
        try (RondoFile file = RondoFile.load(from)) {
            file.metadata().forEach(writer::metadata);
            file.texts().forEach(writer::text);
            file.functions().forEach(writer::function);
            file.tensors()
                    .forEach((name, tensor) -> writer.tensor(
                            name,
                            tensor.shape().size() == 2 ? encoding : tensor.encoding(),
                            tensor.layout(),
                            tensor.shape(),
                            tensor::toFloats));
            writer.write(to);
        }
    }

    /** The sources as the model reads them, with what stands around each. */
    static TranslationPlan plan(Model model, List<String> lines, double minFactor) {
        Translator translator = Translator.of(model);
        SpecialIds special = translator.target().pipeline().special();
        int[][] sources = lines.stream()
                .map(translator::sourceIds)
                .filter(source -> source.length > 0)
                .sorted(Comparator.comparingInt((int[] source) -> -source.length))
                .toArray(int[][]::new);
        return new TranslationPlan(sources, 1, BEAM, special.begin(), special.end(), LENGTH_PENALTY, minFactor);
    }
}
