package dev.rondo.architecture.memory;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.ParameterRole;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.error.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The sizes of an end-to-end memory network (Sukhbaatar et al. 2015) and, by them, the names of its parameters. Token 0 is
 * padding: it adds nothing to a sentence.
 *
 * @param vocabularySize V
 * @param size           d of every embedding and of the controller's state
 * @param sentences      S that a memory holds at most, where there is temporal encoding
 * @param words          J that a sentence and the question are padded to
 * @param hops           K
 * @param tying          what the hops share
 * @param encoding       of sentences
 * @param temporal       whether a row for each place of the memory is added to what it holds
 * @param biases         whether the linear maps of layer-wise tying have biases; adjacent tying has no such maps
 */
public record MemoryNetwork(
        int vocabularySize,
        int size,
        int sentences,
        int words,
        int hops,
        Tying tying,
        SentenceEncoding encoding,
        boolean temporal,
        boolean biases) {
    /** The position encoding l, f32[J,d]: no parameter, but a constant that follows from the sizes. */
    public static final String POSITION = "position";

    private static final Cell GRU = new Cell.Gru(true);
    private static final int MAX_SIZE = 1 << 16;
    private static final int MAX_VOCABULARY = 1 << 24;
    private static final int MAX_PLACES = 1 << 12;
    private static final int MAX_HOPS = 64;

    /** @throws InputException when a size is out of range */
    public MemoryNetwork {
        require("vocabulary", vocabularySize, 2, MAX_VOCABULARY);
        require("size", size, 1, MAX_SIZE);
        require("sentences", sentences, 1, MAX_PLACES);
        require("words of a sentence", words, 1, MAX_PLACES);
        require("hops", hops, 1, MAX_HOPS);
        if (encoding instanceof SentenceEncoding.Recurrent(var layer)
                && (layer.inputSize() != size || layer.hiddenSize() != size)) {
            throw new InputException(
                    "memory network",
                    "the recurrent layer of sentences has " + size + " inputs and units",
                    layer.inputSize() + " and " + layer.hiddenSize(),
                    "make the sizes equal");
        }
    }

    private static void require(String what, int got, int least, int most) {
        if (got < least || got > most) {
            throw new InputException(
                    "memory network, " + what, "is from " + least + " to " + most, "" + got, "choose another size");
        }
    }

    /** A GRU for sentences, under its usual names. */
    public static SentenceEncoding recurrent(int size) {
        return new SentenceEncoding.Recurrent(RecurrentParameters.of("sentence", GRU, size, size));
    }

    Cell cell() {
        return GRU;
    }

    /** The table [V,d] that the question is read with. */
    public String question() {
        return tying == Tying.ADJACENT ? "embedding.0" : "embedding.query";
    }

    /** The table [V,d] of a hop's keys; the first hop is 0. */
    public String keys(int hop) {
        return tying == Tying.ADJACENT ? "embedding." + hop : "embedding.key";
    }

    /** The table [V,d] of a hop's values. */
    public String values(int hop) {
        return tying == Tying.ADJACENT ? "embedding." + (hop + 1) : "embedding.value";
    }

    /** The rows [S,d] of places that go with a table: {@code temporal.0} with {@code embedding.0}. */
    public static String places(String table) {
        return "temporal" + table.substring(table.indexOf('.'));
    }

    /** The matrix [V,d] of the answer. */
    public String output() {
        return tying == Tying.ADJACENT ? values(hops - 1) : "output.weight";
    }

    /** Every tensor once, in the order in which files hold them; {@link #POSITION} among them. */
    public List<Parameter> parameters() {
        Map<String, Parameter> all = new LinkedHashMap<>();
        table(all, question(), false);
        for (int hop = 0; hop < hops; hop++) {
            table(all, keys(hop), true);
            table(all, values(hop), true);
        }
        switch (encoding) {
            case SentenceEncoding.Bag() -> {}
            case SentenceEncoding.Position() -> Parameter.add(all, POSITION, ParameterRole.VECTOR, words, size);
            case SentenceEncoding.Recurrent(var layer) -> layer.addTo(all, GRU);
        }
        if (tying == Tying.LAYER_WISE) {
            Parameter.add(all, "hop.weight", ParameterRole.LINEAR, size, size);
            if (biases) {
                Parameter.add(all, "hop.bias", ParameterRole.BIAS, size);
            }
        }
        Parameter.add(all, output(), ParameterRole.OUTPUT, vocabularySize, size);
        if (tying == Tying.LAYER_WISE && biases) {
            Parameter.add(all, "output.bias", ParameterRole.OUTPUT_BIAS, vocabularySize);
        }
        return List.copyOf(all.values());
    }

    private void table(Map<String, Parameter> all, String name, boolean ofMemory) {
        Parameter.add(all, name, ParameterRole.EMBEDDING, vocabularySize, size);
        if (ofMemory && temporal) {
            Parameter.add(all, places(name), ParameterRole.VECTOR, sentences, size);
        }
    }

    /** The numbers of {@link #POSITION}, row by row. */
    public float[] positions() {
        float[] l = new float[words * size];
        for (int j = 1; j <= words; j++) {
            for (int k = 1; k <= size; k++) {
                double part = (double) j / words;
                l[(j - 1) * size + k - 1] = (float) (1 - part - (double) k / size * (1 - 2 * part));
            }
        }
        return l;
    }
}
