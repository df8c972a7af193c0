package dev.rondo.bench;

import dev.rondo.bench.TranslationWeights.Gru;
import dev.rondo.bench.TranslationWeights.Linear;
import dev.rondo.bench.TranslationWeights.Matrix;
import dev.rondo.convert.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What {@code translation.py} reads: weights by what they are for, and what to translate how. */
record TorchTranslation(TranslationWeights weights, TranslationPlan plan) {

    void write(Path folder) throws IOException {
        var writer = new SafetensorsWriter();
        add(writer, "source", weights.sourceTable());
        add(writer, "target", weights.targetTable());
        add(writer, "forward", weights.forward());
        add(writer, "backward", weights.backward());
        add(writer, "first", weights.first());
        add(writer, "second", weights.second());
        add(writer, "bridge", weights.bridge());
        add(writer, "keys", weights.keys());
        add(writer, "query", weights.query());
        add(writer, "vector", weights.vector());
        if (weights.readout() != null) {
            add(writer, "readout", weights.readout());
        }
        add(writer, "output", weights.output());
        writer.write(folder.resolve("model.safetensors"));
        Files.writeString(folder.resolve("plan.json"), json());
    }

    private String json() {
        String parts = weights.parts().stream().map(part -> "\"" + part + "\"").collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                """
                {"parts": [%s], "mean": %b, "bent": %b, "beam": %d, "begin": %d, "end": %d, "length_penalty": %s,
                 "min_factor": %s, "max_factor": %s, "max_extra": %d, "max_length": %d, "batch": %d, "sources": %s}
                """,
                parts,
                weights.mean(),
                weights.bent(),
                plan.beamSize(),
                plan.begin(),
                plan.end(),
                plan.lengthPenalty(),
                plan.minFactor(),
                plan.maxFactor(),
                plan.maxExtra(),
                plan.maxLength(),
                plan.batch(),
                Arrays.deepToString(plan.sources()));
    }

    private static void add(SafetensorsWriter writer, String name, Matrix matrix) {
        writer.floats(name, List.of(matrix.rows(), matrix.columns()), matrix.values());
    }

    private static void add(SafetensorsWriter writer, String name, float[] vector) {
        writer.floats(name, List.of(vector.length), vector);
    }

    private static void add(SafetensorsWriter writer, String name, Linear linear) {
        add(writer, name + ".weight", linear.weight());
        add(writer, name + ".bias", linear.bias());
    }

    private static void add(SafetensorsWriter writer, String name, Gru gru) {
        add(writer, name + ".weight_input", gru.input());
        add(writer, name + ".weight_hidden", gru.hidden());
        add(writer, name + ".bias", gru.bias());
        add(writer, name + ".hidden_bias", gru.hiddenBias());
    }
}
