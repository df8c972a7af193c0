package dev.rondo.convert;

import dev.rondo.convert.ConversionReport.TensorReport;
import dev.rondo.convert.draft.GraphOptions;
import dev.rondo.convert.draft.ModelDraft;
import dev.rondo.convert.draft.OpenFiles;
import dev.rondo.convert.draft.SafetensorsShards;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.StoredTensor;
import dev.rondo.convert.keras.KerasImport;
import dev.rondo.convert.onnx.OnnxImport;
import dev.rondo.convert.pytorch.PytorchFile;
import dev.rondo.convert.rtneural.RtneuralFile;
import dev.rondo.convert.rtneural.RtneuralImport;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.convert.statedict.ReferenceFile;
import dev.rondo.convert.statedict.StackInference;
import dev.rondo.convert.statedict.StateDictImport;
import dev.rondo.convert.statedict.StateDictOptions;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.graph.FunctionCodec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Models of other frameworks to {@code .rondo} files. Nothing is guessed: an unknown operator or key, a missing or
 * unused tensor, a shape that does not fit is an error, and then nothing is written. One tensor at a time is on the
 * heap.
 */
public final class Conversion {
    /** Written into every file; raised whenever the same source would give another file. */
    static final String VERSION = "2";

    private static final int BUFFER = 1 << 16;

    private Conversion() {}

    /**
     * Converts a model: reads and checks everything, then writes the output at once.
     *
     * <p>The file holds the functions, their tensors, the text pipeline if the model reads text, and, given reference
     * vectors, a case of each file that {@code rondo verify} recomputes. Which functions a source becomes says its
     * document: {@code docs/architectures.md}, {@code docs/pytorch.md}, {@code docs/onnx.md}, {@code docs/keras.md},
     * {@code docs/rtneural.md}.
     *
     * @return what was read, decided and written
     * @throws FormatException when a file breaks a rule of its format, a name does not resolve or a tensor is
     *                                         left over
     * @throws dev.rondo.error.ShapeException  when a shape does not fit
     * @throws InputException                  when a file is missing, source and output are the same, or an option does
     *                                         not go with the source
     * @throws IOException                     when a file cannot be read or written
     */
    public static ConversionReport convert(ConversionRequest request) throws IOException {
        checkOutput(request);
        var formats = new LinkedHashMap<String, SourceFormat>();
        for (Map.Entry<String, Path> source : request.sources().entrySet()) {
            formats.put(source.getKey(), SourceFormat.of(source.getValue()));
        }
        SourceFormat format = formats.values().iterator().next();
        boolean named = !formats.keySet().equals(Set.of(""));
        if (named && formats.values().stream().anyMatch(f -> f != SourceFormat.ONNX)) {
            throw new InputException(
                    "--function",
                    "names ONNX models; others name their functions themselves",
                    formats.toString(),
                    "convert one file at a time, without --function");
        }
        try (OpenFiles files = new OpenFiles()) {
            ModelDraft draft = draft(request, format, files);
            return write(request, format, draft, references(request, draft), files.parts());
        }
    }

    private static ModelDraft draft(ConversionRequest request, SourceFormat format, OpenFiles files)
            throws IOException {
        refuseOptions(request, format);
        return switch (format) {
            case SAFETENSORS, SAFETENSORS_INDEX -> stateDict(request, weights(request, format, files));
            case PYTORCH -> {
                PytorchFile.StateDict dict = checkpoint(request, files);
                yield stateDict(request, dict.tensors())
                        .withInterpretation("state_dict", dict.path().equals(".") ? "the whole file" : dict.path());
            }
            case ONNX ->
                OnnxImport.draft(request.sources(), request.graph(), request.allowUnused(), files, request.encodings());
            case RTNEURAL ->
                switch (RtneuralFile.read(request.source())) {
                    case RtneuralFile.Content.Weights(var tensors) -> stateDict(request, tensors);
                    case RtneuralFile.Content.Model model -> {
                        refuseDescription(request);
                        yield RtneuralImport.draft(
                                String.valueOf(request.source().getFileName()),
                                model,
                                stateDictOptions(request).io(),
                                request.encodings());
                    }
                };
            case KERAS ->
                KerasImport.draft(
                        request.source(), request.config(), request.encodings(), request.allowUnused(), files);
        };
    }

    /** The tensors of a source without a graph; none of another. */
    private static Map<String, SourceTensor> weights(ConversionRequest request, SourceFormat format, OpenFiles files)
            throws IOException {
        return switch (format) {
            case SAFETENSORS -> {
                SafetensorsFile file = files.add(SafetensorsFile.open(request.source()));
                var tensors = new LinkedHashMap<String, SourceTensor>();
                file.tensors().forEach((key, tensor) -> tensors.put(key, SourceTensor.of(tensor)));
                yield tensors;
            }
            case SAFETENSORS_INDEX -> SafetensorsShards.open(request.source(), files);
            case PYTORCH -> checkpoint(request, files).tensors();
            case RTNEURAL ->
                RtneuralFile.read(request.source()) instanceof RtneuralFile.Content.Weights(var tensors)
                        ? tensors
                        : Map.of();
            case ONNX, KERAS -> Map.of();
        };
    }

    private static PytorchFile.StateDict checkpoint(ConversionRequest request, OpenFiles files) throws IOException {
        return files.add(PytorchFile.open(request.source())).stateDict(request.stateDict());
    }

    /**
     * The architecture that names and shapes of weights without a graph tell: a configuration, ready to be edited.
     * Nothing is written.
     *
     * @return empty when the request has a configuration, or the source a graph
     * @throws FormatException when names and shapes do not tell it
     * @throws InputException  when it needs what no file says, such as the nonlinearity of a plain recurrent layer
     */
    public static Optional<String> infer(ConversionRequest request) throws IOException {
        if (request.config().isPresent() || request.sources().size() > 1) {
            return Optional.empty();
        }
        SourceFormat format = SourceFormat.of(request.source());
        try (OpenFiles files = new OpenFiles()) {
            Map<String, SourceTensor> tensors = weights(request, format, files);
            return tensors.isEmpty() && !format.isStateDict()
                    ? Optional.empty()
                    : Optional.of(StackInference.config(
                            String.valueOf(request.source().getFileName()),
                            tensors,
                            stateDictOptions(request).inference()));
        }
    }

    private static ModelDraft stateDict(ConversionRequest request, Map<String, SourceTensor> tensors)
            throws IOException {
        return StateDictImport.draft(
                String.valueOf(request.source().getFileName()), tensors, stateDictOptions(request));
    }

    private static StateDictOptions stateDictOptions(ConversionRequest request) {
        return new StateDictOptions(
                request.config(),
                new StateDictOptions.Inference(
                        request.inference().confirmed(), request.inference().activation()),
                request.vocabulary(),
                request.io().stream()
                        .map(io -> new ReferenceFile(
                                io.function(),
                                io.file(),
                                request.tolerance().atol(),
                                request.tolerance().rtol()))
                        .toList(),
                request.encodings(),
                request.allowUnused());
    }

    /** Options that say nothing about a source of this format are a misunderstanding. */
    private static void refuseOptions(ConversionRequest request, SourceFormat format) {
        boolean graph = !request.graph().equals(GraphOptions.NONE);
        if (graph && format != SourceFormat.ONNX) {
            throw new InputException(
                    "--state, --context, --fix, --shape", "are for ONNX models", format.text(), "leave them out");
        }
        if (request.stateDict().isPresent() && format != SourceFormat.PYTORCH) {
            throw new InputException("--state-dict", "is for PyTorch checkpoints", format.text(), "leave it out");
        }
        boolean weightsOnly = format.isStateDict() || format == SourceFormat.RTNEURAL; // which may hold a state dict
        if (request.inference().activation().isPresent() && (request.config().isPresent() || !weightsOnly)) {
            throw new InputException(
                    "--activation",
                    "is for weights without a graph whose architecture is inferred",
                    request.config().isPresent() ? "with --config" : format.text(),
                    "leave it out, or say it in the configuration");
        }
        if (request.vocabulary().isPresent() && !weightsOnly) {
            throw new InputException("--vocabulary", "is for weights without a graph", format.text(), "leave it out");
        }
        if (request.config().isPresent() && format == SourceFormat.ONNX) {
            throw new InputException(
                    "--config", "is for weights without a graph", format.text() + ", which has one", "leave it out");
        }
    }

    /** A file that describes its layers needs no other description. */
    private static void refuseDescription(ConversionRequest request) {
        boolean described = request.config().isPresent()
                || request.vocabulary().isPresent()
                || request.inference().activation().isPresent()
                || !request.allowUnused().isEmpty();
        if (described) {
            throw new InputException(
                    "--config, --vocabulary, --activation, --allow-unused",
                    "are for weights without a graph",
                    "an RTNeural model, which lists its layers",
                    "leave them out");
        }
    }

    /** Reference cases: those the draft brings along, or one of each io file, told by the names of its tensors. */
    private static List<ReferenceCase> references(ConversionRequest request, ModelDraft draft) throws IOException {
        if (!draft.references().isEmpty() || request.io().isEmpty()) {
            return draft.references();
        }
        var cases = new ArrayList<ReferenceCase>();
        for (ConversionRequest.Io io : request.io()) {
            cases.add(IoCase.read(
                    io,
                    "reference" + (cases.isEmpty() ? "" : cases.size() + 1),
                    draft.functions(),
                    request.tolerance()));
        }
        return cases;
    }

    private static ConversionReport write(
            ConversionRequest request,
            SourceFormat format,
            ModelDraft draft,
            List<ReferenceCase> references,
            List<Path> parts)
            throws IOException {
        var writer = new RondoFileWriter();
        writer.metadata("task", draft.task());
        var files = new ArrayList<ConversionReport.SourceFile>();
        for (Map.Entry<String, Path> entry : request.sources().entrySet()) {
            String function = entry.getKey().isEmpty() ? "" : entry.getKey() + ".";
            files.add(note(writer, "source." + function, entry.getValue()));
        }
        for (int i = 0; i < parts.size(); i++) {
            files.add(note(writer, "sources.part" + i + ".", parts.get(i)));
        }
        writer.metadata("source.format", format.text());
        writer.metadata("converter.version", VERSION);
        draft.metadata().forEach(writer::metadata);
        draft.interpretation().forEach((key, value) -> writer.metadata("interpretation." + key, value));
        draft.texts().forEach(writer::text);
        draft.functions().forEach(function -> writer.function(FunctionCodec.encode(function)));
        var errors = new HashMap<String, Double>();
        String names = String.join(
                ", ", files.stream().map(ConversionReport.SourceFile::name).toList());
        draft.tensors().forEach(tensor -> add(writer, tensor, names, errors));
        references.forEach(writer::reference);
        writer.write(request.output());
        return new ConversionReport(
                files,
                draft.sourceTensors(),
                draft.interpretation(),
                draft.functions(),
                draft.tensors().stream().map(tensor -> report(tensor, errors)).toList(),
                draft.unused(),
                references.stream().map(ReferenceCase::function).toList(),
                request.output(),
                Files.size(request.output()));
    }

    /** Name, size and SHA-256 of a file read, in the metadata and for the report. */
    private static ConversionReport.SourceFile note(RondoFileWriter writer, String key, Path path) throws IOException {
        var file = new ConversionReport.SourceFile(String.valueOf(path.getFileName()), Files.size(path), sha256(path));
        writer.metadata(key + "name", file.name());
        writer.metadata(key + "size", Long.toString(file.size()));
        writer.metadata(key + "sha256", file.sha256());
        return file;
    }

    /** Errors of encoding are known when the tensor is written. */
    private static void add(
            RondoFileWriter writer, StoredTensor tensor, String sourceNames, Map<String, Double> errors) {
        switch (tensor) {
            case StoredTensor.Floats floats ->
                writer.tensor(floats.name(), floats.encoding(), floats.layout(), floats.shape(), () -> {
                    float[] values = values(floats, sourceNames);
                    errors.put(floats.name(), floats.worstRelativeError(values));
                    return values;
                });
            case StoredTensor.Plain plain -> writer.tensor(plain.name(), plain.values());
        }
    }

    /** What is wrong with them is wrong in the source, not in the file that is being written. */
    private static float[] values(StoredTensor.Floats floats, String sourceNames) {
        try {
            return floats.values().get();
        } catch (FormatException wrong) {
            throw wrong.at(sourceNames, -1);
        }
    }

    private static TensorReport report(StoredTensor tensor, Map<String, Double> errors) {
        return switch (tensor) {
            case StoredTensor.Floats floats ->
                new TensorReport(
                        floats.name(),
                        floats.sources(),
                        floats.shape(),
                        floats.encoding(),
                        floats.layout(),
                        errors.get(floats.name()));
            case StoredTensor.Plain plain ->
                new TensorReport(
                        plain.name(),
                        plain.sources(),
                        plain.shape(),
                        Encoding.of(plain.values().element()),
                        new Layout.Rows(),
                        0);
        };
    }

    private static void checkOutput(ConversionRequest request) throws IOException {
        var inputs = new ArrayList<>(request.sources().values());
        request.config().ifPresent(inputs::add);
        request.vocabulary().ifPresent(inputs::add);
        request.io().forEach(io -> inputs.add(io.file()));
        for (Path input : inputs) {
            if (Files.exists(input) && Files.exists(request.output()) && Files.isSameFile(input, request.output())) {
                throw new InputException(
                        "output",
                        "must be another file than what is read",
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
