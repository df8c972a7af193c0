package dev.rondo.convert;

import dev.rondo.architecture.LanguageModelArchitecture;
import dev.rondo.architecture.LanguageModelGraph;
import dev.rondo.convert.ConversionReport.TensorReport;
import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Models of other frameworks to {@code .rondo} files. Nothing is guessed: an unknown key, a missing or unused tensor, a
 * shape that does not fit is an error, and then nothing is written. One tensor at a time is on the heap.
 */
public final class Conversion {
    /** Written into every file; raised whenever the same source would give another file. */
    static final String VERSION = "1";

    private static final int BUFFER = 1 << 16;

    private Conversion() {}

    /**
     * Converts a model: reads and checks everything, then writes the output at once.
     *
     * <p>The file holds the functions {@code step(token: i32[B]) -> logits f32[B,V]} and
     * {@code sequence(tokens: i32[B,T], lengths: i32[B]) -> logits f32[B,T,V]} over the shared states {@code h0, c0, ...},
     * the text pipeline {@code text}, and, given reference vectors, a case that {@code rondo verify} recomputes (with
     * {@code log_probs(token) -> log_probs f32[B,V], logits} when they hold log-probabilities).
     *
     * @return what was read, decided and written
     * @throws FormatException when a file breaks a rule of its format, a name does not resolve or a tensor is
     *                                         left over
     * @throws dev.rondo.error.ShapeException  when a shape does not fit the architecture
     * @throws InputException                  when a file is missing, or source and output are the same
     * @throws IOException                     when a file cannot be read or written
     */
    public static ConversionReport convert(ConversionRequest request) throws IOException {
        LanguageModelConfig config = ConfigReader.languageModel(ConfigObject.read(request.config()));
        Optional<List<String>> vocabulary = request.vocabulary().isEmpty()
                ? Optional.empty()
                : Optional.of(ConfigObject.readTexts(request.vocabulary().get(), "vocabulary"));
        checkOutput(request);
        try (SafetensorsFile file = open(request.source())) {
            String name = String.valueOf(request.source().getFileName());
            var tensors = new LinkedHashMap<String, SourceTensor>();
            file.tensors().forEach((key, tensor) -> tensors.put(key, SourceTensor.of(tensor)));
            var source = new SourceTensors(name, tensors);
            var weights = LanguageModelWeights.collect(config, source, request.dtype(), request.keep());
            var allowed = new ArrayList<>(config.allowUnused());
            allowed.addAll(request.allowUnused());
            List<String> unused = source.unused(allowed);
            Optional<TextPipeline> text =
                    config.text().pipeline(vocabulary, weights.architecture().vocabularySize());
            if (request.io().isEmpty()) {
                return write(request, weights, text, Optional.empty(), tensors.size(), unused);
            }
            try (SafetensorsFile io = SafetensorsFile.open(request.io().get())) {
                ReferenceCase reference =
                        ReferenceVectors.read(io.tensors(), config.reference(), weights.architecture());
                return write(request, weights, text, Optional.of(reference), tensors.size(), unused);
            }
        }
    }

    private static SafetensorsFile open(Path source) throws IOException {
        try {
            return SafetensorsFile.open(source);
        } catch (FormatException wrong) {
            throw ForeignFormat.refusal(source, wrong).orElse(wrong);
        }
    }

    private static ConversionReport write(
            ConversionRequest request,
            LanguageModelWeights weights,
            Optional<TextPipeline> text,
            Optional<ReferenceCase> reference,
            int sourceTensors,
            List<String> unused)
            throws IOException {
        String name = String.valueOf(request.source().getFileName());
        long size = Files.size(request.source());
        String sha256 = sha256(request.source());
        var writer = new RondoFileWriter();
        writer.metadata("task", "language-model");
        writer.metadata("source.name", name);
        writer.metadata("source.size", Long.toString(size));
        writer.metadata("source.sha256", sha256);
        writer.metadata("converter.version", VERSION);
        weights.interpretation().forEach((key, value) -> writer.metadata("interpretation." + key, value));
        text.ifPresent(writer::text);
        List<Function> functions = functions(weights.architecture(), reference);
        functions.forEach(function -> writer.function(FunctionCodec.encode(function)));
        Map<String, TensorReport> reports = new LinkedHashMap<>();
        for (StoredTensor tensor : weights.tensors()) {
            writer.tensor(tensor.name(), tensor.encoding(), tensor.layout(), tensor.shape(), () -> {
                float[] values = tensor.values();
                double error =
                        EncodingError.worst(tensor.name(), values, tensor.rows(), tensor.encoding(), tensor.layout());
                reports.put(
                        tensor.name(),
                        new TensorReport(
                                tensor.name(),
                                tensor.sources(),
                                tensor.shape(),
                                tensor.encoding(),
                                tensor.layout(),
                                error));
                return values;
            });
        }
        reference.ifPresent(writer::reference);
        writer.write(request.output());
        return new ConversionReport(
                name,
                size,
                sha256,
                sourceTensors,
                weights.interpretation(),
                functions.stream().map(Function::name).toList(),
                List.copyOf(reports.values()),
                unused,
                reference.map(ReferenceCase::function),
                request.output(),
                Files.size(request.output()));
    }

    private static List<Function> functions(LanguageModelArchitecture architecture, Optional<ReferenceCase> reference) {
        var graph = new LanguageModelGraph(architecture);
        var functions = new ArrayList<>(List.of(graph.step(), graph.sequence()));
        if (ReferenceVectors.needsLogProbs(reference)) {
            functions.add(graph.logProbs());
        }
        return functions;
    }

    private static void checkOutput(ConversionRequest request) throws IOException {
        for (Path input : List.of(request.source(), request.config())) {
            if (Files.exists(input) && Files.exists(request.output()) && Files.isSameFile(input, request.output())) {
                throw new InputException(
                        "output",
                        "must be another file than the source",
                        request.output().toString(),
                        "name another");
            }
        }
        if (Files.isDirectory(request.output())) {
            throw new InputException("output", "must be a file", request.output() + ", a folder", "name a file in it");
        }
    }

    private static String sha256(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[BUFFER];
            for (int read; (read = in.read(buffer)) >= 0; ) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible); // every JDK has SHA-256
        }
    }
}
