package dev.rondo.train.lm;

import dev.rondo.architecture.LanguageModelArchitecture;
import dev.rondo.architecture.LanguageModelGraph;
import dev.rondo.error.InputException;
import dev.rondo.format.RondoFile;
import dev.rondo.format.Tensor;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.plan.Constants;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * A language model that another one begins as: trained here, or converted.
 *
 * @param architecture read from its function {@code step}
 * @param pipeline     its vocabulary
 * @param file         that holds its tensors, while it is open
 * @param fingerprint  SHA-256 of the file
 */
record PretrainedModel(
        LanguageModelArchitecture architecture, TextPipeline pipeline, RondoFile file, String fingerprint)
        implements AutoCloseable {

    /**
     * Opens a model.
     *
     * @throws dev.rondo.error.FormatException when the file is damaged
     * @throws InputException when it is no language model of one text whose step is an embedding, recurrent layers and a matrix
     * @throws IOException    when it cannot be read
     */
    static PretrainedModel open(Path path) throws IOException {
        String fingerprint = fingerprint(path);
        RondoFile file = RondoFile.load(path);
        try {
            if (file.texts().size() != 1) {
                throw unfit(path, file.texts().size() + " vocabularies");
            }
            Map<String, Function> functions =
                    FunctionCodec.decode(file.functions(), new Constants(file.tensors()).types());
            Function step = functions.get(LanguageModelGraph.STEP);
            if (step == null) {
                throw unfit(path, "functions " + functions.keySet());
            }
            LanguageModelArchitecture architecture = LanguageModelGraph.architecture(step)
                    .orElseThrow(() -> unfit(path, "a step that computes something else"));
            TextPipeline pipeline = file.texts().getFirst();
            if (pipeline.vocabulary().size() != architecture.vocabularySize()) {
                throw unfit(
                        path,
                        pipeline.vocabulary().size() + " tokens and " + architecture.vocabularySize()
                                + " rows of its embedding");
            }
            return new PretrainedModel(architecture, pipeline, file, fingerprint);
        } catch (RuntimeException unusable) {
            file.close();
            throw unusable;
        }
    }

    private static InputException unfit(Path path, String got) {
        return new InputException(
                "model " + path,
                "is a language model with one vocabulary, whose step is an embedding, recurrent layers and a matrix",
                got,
                "begin with a model of 'rondo train lm' without --network, or with a converted one of that architecture");
    }

    private static String fingerprint(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            var digest = MessageDigest.getInstance("SHA-256");
            new DigestInputStream(in, digest).transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible); // every JDK has SHA-256
        }
    }

    Map<String, Tensor> tensors() {
        return file.tensors();
    }

    @Override
    public void close() {
        file.close();
    }
}
