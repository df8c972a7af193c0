package dev.rondo.convert.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rondo.convert.draft.OpenFiles;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Keras model as its files hold it, whichever they are.
 *
 * @param model   the configuration: class name and configuration of the model
 * @param weights of the model
 * @param tensors everything that the file holds
 * @param version of Keras; empty when the files do not say
 */
record KerasFile(String file, JsonNode model, LayerWeights weights, SourceTensors tensors, String version) {
    private static final int ZIP = 0x504b;

    /**
     * Opens an archive or an HDF5 file.
     *
     * @param config the model's configuration, when the file has none
     */
    static KerasFile open(Path source, Optional<Path> config, OpenFiles files) throws IOException {
        String file = String.valueOf(source.getFileName());
        byte[] head;
        try (InputStream in = Files.newInputStream(source)) {
            head = in.readNBytes(2);
        }
        if (head.length == 2 && ((head[0] & 0xff) << 8 | head[1] & 0xff) == ZIP) {
            KerasArchive archive = KerasArchive.read(source, files);
            refuseConfig(config, "its own config.json");
            JsonNode metadata = JsonText.object(file, "metadata.json", archive.metadata());
            JsonNode model = JsonText.object(file, "config.json", archive.config());
            return of(
                    file,
                    model,
                    archive.weights(),
                    metadata.path("keras_version").asText(""),
                    files);
        }
        ByteBuffer bytes = KerasArchive.map(source, files);
        Hdf5File hdf = files.add(Hdf5File.of(file, bytes));
        Optional<List<String>> own = hdf.texts("", "model_config");
        if (own.isPresent()) {
            refuseConfig(config, "its own model_config");
            return of(file, JsonText.object(file, "model_config", String.join("", own.get())), hdf, "");
        }
        Path given = config.orElseThrow(() -> new InputException(
                "--config",
                "is needed for a file of weights only",
                file + " without model_config",
                "give the config.json of the model (model.to_json() writes it)"));
        return of(file, JsonText.object(String.valueOf(given.getFileName()), "--config", readText(given)), hdf, "");
    }

    private static KerasFile of(String file, JsonNode model, ByteBuffer weights, String version, OpenFiles files) {
        return of(file, model, files.add(Hdf5File.of(file, weights)), version);
    }

    private static KerasFile of(String file, JsonNode model, Hdf5File hdf, String known) {
        var tensors = new SourceTensors(file, hdf.datasets());
        String base = hdf.groups().contains("model_weights") ? "model_weights" : "";
        String version = known.isEmpty() ? text(hdf, "").orElse(text(hdf, base).orElse("")) : known;
        version = version.isEmpty() ? model.path("keras_version").asText("") : version;
        LayerWeights weights = names(hdf, base, "layer_names").isPresent()
                ? new ByLayer(tensors, hdf, base)
                : new LayerWeights.Numbered(tensors, hdf, "", "model");
        return new KerasFile(file, model, weights, tensors, version);
    }

    private static Optional<String> text(Hdf5File hdf, String group) {
        return hdf.texts(group, "keras_version").map(t -> String.join("", t));
    }

    /** A list of names; HDF5 bounds an attribute, so that long ones are in several. */
    private static Optional<List<String>> names(Hdf5File hdf, String group, String attribute) {
        Optional<List<String>> whole = hdf.texts(group, attribute);
        if (whole.isPresent()) {
            return whole;
        }
        var all = new ArrayList<String>();
        int parts = 0;
        for (Optional<List<String>> part = hdf.texts(group, attribute + parts);
                part.isPresent();
                part = hdf.texts(group, attribute + ++parts)) {
            all.addAll(part.get());
        }
        return parts == 0 ? Optional.empty() : Optional.of(all);
    }

    /** The weights of a model in an HDF5 file of old: a group for each layer, which lists them. */
    private static final class ByLayer extends LayerWeights {
        private final SourceTensors tensors;
        private final Hdf5File hdf;
        private final String base;

        ByLayer(SourceTensors tensors, Hdf5File hdf, String base) {
            this.tensors = tensors;
            this.hdf = hdf;
            this.base = base;
        }

        @Override
        SourceTensor next(String role, int... shape) {
            throw new FormatException("model", "has no weights outside its layers", role, "save anew");
        }

        @Override
        LayerWeights inner(String attribute, String component) {
            return this;
        }

        @Override
        LayerWeights layer(LayerSpec layer, int sameClassBefore) {
            String group = (base.isEmpty() ? "" : base + "/") + layer.name();
            List<String> names = names(hdf, group, "weight_names").orElse(List.of());
            Map<String, String> paths = new HashMap<>();
            names.forEach(name -> paths.put(name, group + "/" + name));
            return new Named(tensors, layer.config().subject(), names, paths);
        }
    }

    private static void refuseConfig(Optional<Path> config, String own) {
        if (config.isPresent()) {
            throw new InputException("--config", "is for a file of weights only", own, "leave it out");
        }
    }

    private static String readText(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new InputException("--config", "must be an existing file", path.toString(), "check the path");
        }
        if (Files.size(path) > JsonText.MAX_BYTES) {
            throw new InputException(
                    "--config",
                    "has at most " + JsonText.MAX_BYTES + " bytes",
                    Files.size(path) + " bytes",
                    "is it one?");
        }
        return new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
    }
}
