package dev.rondo.train.network;

import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.format.RondoFile;
import dev.rondo.format.Segmentation;
import dev.rondo.format.Tensor;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.plan.Constants;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.data.Scaling;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model that another one begins as.
 *
 * @param path        for messages
 * @param file        that holds its tensors, while it is open
 * @param fingerprint SHA-256 of the file
 */
record PretrainedNetwork(Path path, RondoFile file, String fingerprint) implements AutoCloseable {
    /** Of a network's last map, and of its chain. */
    private static final List<String> OF_LABELS = List.of("output.", "chain.");

    /**
     * Opens a model.
     *
     * @throws dev.rondo.error.FormatException when the file is damaged
     * @throws IOException when it cannot be read
     */
    static PretrainedNetwork open(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            var digest = MessageDigest.getInstance("SHA-256");
            new DigestInputStream(in, digest).transferTo(OutputStream.nullOutputStream());
            return new PretrainedNetwork(
                    path, RondoFile.load(path), HexFormat.of().formatHex(digest.digest()));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible); // every JDK has SHA-256
        }
    }

    private Optional<TextPipeline> pipeline(String name) {
        return file.texts().stream().filter(t -> t.name().equals(name)).findFirst();
    }

    /** The vocabulary of its words, or of whatever it reads, under the name that this network gives it. */
    TextPipeline words() {
        TextPipeline found = pipeline("words")
                .or(() -> pipeline("text"))
                .orElseThrow(() -> wrong("a text pipeline 'words' or 'text'"));
        if (found.segmentation() == Segmentation.BYTE_PAIRS) {
            throw wrong("words or characters, not byte pairs");
        }
        return new TextPipeline(
                "words", found.normalisation(), found.segmentation(), found.vocabulary(), List.of(), found.special());
    }

    /** The vocabulary of its words' characters. */
    TextPipeline characters() {
        return pipeline("characters")
                .orElseThrow(() -> wrong("a text pipeline 'characters', as the network spells words"));
    }

    private InputException wrong(String what) {
        return new InputException(
                "model " + path,
                "has " + what,
                file.texts().stream().map(TextPipeline::name).toList().toString(),
                "begin with another model, or with random numbers");
    }

    /** Its classes or tags; none where it has others to say. */
    List<String> labels() {
        return pipeline(Labels.PIPELINE).map(TextPipeline::vocabulary).orElse(List.of());
    }

    /**
     * How it scales the numbers that it reads, or those that it gives; its parameters mean numbers so scaled. Empty where it takes
     * them as they are.
     *
     * @param layer {@code input} or {@code output}
     */
    Optional<Scaling> scaling(String layer) {
        Tensor scale = file.tensors().get(layer + ".scale");
        Tensor shift = file.tensors().get(layer + ".shift");
        if (scale == null || shift == null) {
            return Optional.empty();
        }
        if (scale.encoding().elementType() != ElementType.F32
                || shift.encoding().elementType() != ElementType.F32) {
            throw wrong("a scaling of numbers");
        }
        return Optional.of(
                layer.equals(NetworkFile.INPUT)
                        ? Scaling.of(scale.toFloats(), shift.toFloats())
                        : Scaling.ofInverse(scale.toFloats(), shift.toFloats()));
    }

    /** Whether it predicts just these columns, so many rows ahead. */
    boolean predicts(List<String> targets, int horizon) {
        return String.join("\t", targets).equals(file.metadata().get("targets"))
                && ("" + horizon).equals(file.metadata().get("horizon"));
    }

    /**
     * Lets parameters begin as its tensors, which may have the names of another framework where its functions do what these do.
     *
     * @param functions of the network
     * @param outputs   whether those that give classes, tags or numbers, too: they are of the same
     */
    void load(ParameterStore parameters, List<Function> functions, boolean outputs) {
        Map<String, Function> own = FunctionCodec.decode(file.functions(), new Constants(file.tensors()).types());
        parameters.load(
                CorrespondingTensors.of(functions, own, file.tensors()),
                parameters.names().stream()
                        .filter(name -> outputs || OF_LABELS.stream().noneMatch(name::startsWith))
                        .toList());
    }

    @Override
    public void close() {
        file.close();
    }
}
