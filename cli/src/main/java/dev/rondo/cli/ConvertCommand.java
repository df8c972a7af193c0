package dev.rondo.cli;

import dev.rondo.Model;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionReport;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.convert.draft.EncodingChoice;
import dev.rondo.convert.draft.GraphOptions;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.AtomicFile;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.ReferenceCase;
import dev.rondo.graph.Function;
import dev.rondo.graph.State;
import dev.rondo.verify.Verification;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a model file of another framework's. */
@Command(
        name = "convert",
        mixinStandardHelpOptions = true,
        description = {
            "Converts the weights of another framework to a .rondo file, as a configuration says"
                    + " (docs/architectures.md).",
            "With --io the converted model is verified before the file takes its place: over its tolerance nothing is"
                + " written, and the command ends with 1. The reference vectors stay in the file, for 'rondo verify'."
        })
final class ConvertCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "SOURCE",
            arity = "0..1",
            description = "A safetensors, PyTorch, ONNX, Keras or RTNeural file.")
    private Path source;

    @Option(
            names = "--function",
            paramLabel = "NAME=FILE",
            description = "Instead of SOURCE: the ONNX model that becomes this function; may be repeated.")
    private Map<String, Path> functions = new LinkedHashMap<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "MODEL",
            required = true,
            description = "The .rondo file to write.")
    private Path output;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The architecture of weights without a graph, in JSON; or the configuration of a Keras model"
                    + " whose file holds weights only.")
    private Path config;

    @Option(
            names = "--vocabulary",
            paramLabel = "FILE",
            description =
                    "A JSON list of tokens, where the configuration holds none; of a translation for both sides, or an"
                            + " object with those of source and target.")
    private Path vocabulary;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "How matrices are stored: f32, f16, bf16 or int8 (default: as in the source).")
    private String dtype;

    @Option(
            names = "--keep",
            paramLabel = "PATTERN=TYPE",
            description =
                    "Stores the matrices of that name in the file (* for anything) in another type than --dtype says,"
                            + " as in --keep 'output*=bf16'; may be repeated: the first pattern that matches counts,"
                            + " with the last type given for it.")
    private Map<String, String> keep = new LinkedHashMap<>();

    @Option(
            names = "--io",
            paramLabel = "[FUNCTION=]FILE",
            description = "A safetensors file with inputs in.NAME and what the source framework computed, out.NAME; may"
                    + " be repeated.")
    private List<String> io = new ArrayList<>();

    @Option(names = "--atol", paramLabel = "A", description = "Absolute tolerance of --io (default: 1e-4).")
    private double atol = ConversionRequest.Tolerance.USUAL.atol();

    @Option(names = "--rtol", paramLabel = "R", description = "Relative tolerance of --io (default: 1e-3).")
    private double rtol = ConversionRequest.Tolerance.USUAL.rtol();

    @Option(
            names = "--state",
            paramLabel = "INPUT=OUTPUT",
            description = "ONNX: this input is a state that the session keeps, replaced by this output after a call;"
                    + " may be repeated, also for one input that several functions replace.")
    private List<String> states = new ArrayList<>();

    @Option(
            names = "--context",
            paramLabel = "INPUT=N",
            description = "ONNX: the first N elements of this input are the last N of the call before; the caller gives"
                    + " the rest.")
    private Map<String, Integer> contexts = new LinkedHashMap<>();

    @Option(
            names = "--fix",
            paramLabel = "NAME=VALUE",
            description = "ONNX: the value of an input, a number or a list as [1,2]; or the size of a dimension.")
    private Map<String, String> fixed = new LinkedHashMap<>();

    @Option(names = "--shape", paramLabel = "INPUT=DIMS", description = "ONNX: the dimensions of an input, as B,T,40.")
    private Map<String, String> shapes = new LinkedHashMap<>();

    @Option(
            names = "--allow-unused",
            paramLabel = "PATTERN",
            description = "Tensors of the source that may stay unused, * for anything; may be repeated.")
    private List<String> allowUnused = new ArrayList<>();

    @Option(
            names = "--state-dict",
            paramLabel = "PATH",
            description =
                    "PyTorch: where in the checkpoint the weights lie, as model.encoder, or . for the whole; needed"
                            + " when it holds more than one state dict.")
    private String stateDict;

    @Option(
            names = "--yes",
            description = "Without --config: goes on with the architecture that names and shapes of the weights tell.")
    private boolean yes;

    @Option(
            names = "--activation",
            paramLabel = "NAME",
            description =
                    "Without --config: the activation of plain recurrent layers (nn.RNN), tanh or relu, which no file"
                            + " of weights says.")
    private String activation;

    @Mixin
    private KernelOption kernels;

    @Override
    public Integer call() throws IOException {
        VerifyCommand.checkTolerance("--atol", atol);
        VerifyCommand.checkTolerance("--rtol", rtol);
        checkNames();
        checkFiles();
        PrintWriter out = spec.commandLine().getOut();
        if (!confirmed(out)) {
            spec.commandLine()
                    .getErr()
                    .println("rondo: " + output
                            + " was not written: is this the architecture? Then pass --yes, or --io with"
                            + " reference vectors that prove it. Else write it to a file, edit it and pass --config");
            return Main.NO;
        }
        if (!AtomicFile.write(output, fresh -> convert(fresh, out))) {
            spec.commandLine().getErr().println("rondo: " + output + " was not written");
            return Main.NO;
        }
        out.println("wrote " + output + ", " + Files.size(output) + " bytes");
        out.flush();
        return Main.DONE;
    }

    /**
     * Whether the architecture is given, or inferred and shown, and accepted or about to be proven by reference
     * vectors.
     */
    private boolean confirmed(PrintWriter out) throws IOException {
        Optional<String> inferred = Conversion.infer(request(output));
        inferred.ifPresent(config -> out.println(
                "inferred from names and shapes, since there is no --config (docs/architectures.md):\n" + config));
        out.flush();
        return inferred.isEmpty() || isAccepted();
    }

    private boolean isAccepted() {
        return yes || !io.isEmpty();
    }

    /** Whether the file that was written may take its place. */
    private boolean convert(Path fresh, PrintWriter out) throws IOException {
        ConversionRequest request = request(fresh);
        ConversionReport report = Conversion.convert(request);
        print(report, out);
        boolean verified = verify(fresh, request, out);
        // A reader that has gone ends the command before anything takes the target's place.
        out.flush();
        return verified;
    }

    private ConversionRequest request(Path fresh) {
        return new ConversionRequest(
                sources(),
                fresh,
                Optional.ofNullable(config),
                new ConversionRequest.Inference(isAccepted(), Optional.ofNullable(activation)),
                new EncodingChoice(Optional.ofNullable(dtype).map(type -> encoding("--dtype", type)), kept()),
                Optional.ofNullable(vocabulary),
                io.stream().map(ConvertCommand::io).toList(),
                new ConversionRequest.Tolerance(atol, rtol),
                new GraphOptions(replacements(), contexts, fixed, shapes),
                allowUnused,
                Optional.ofNullable(stateDict));
    }

    private Map<String, Path> sources() {
        if ((source == null) == functions.isEmpty()) {
            throw new InputException(
                    "SOURCE",
                    "is given, or --function NAME=FILE for each function",
                    source == null ? "neither" : "both",
                    "name what to convert once");
        }
        return source == null ? functions : Map.of("", source);
    }

    /** {@code FUNCTION=FILE}, or {@code FILE} when a file of that whole name exists or there is no {@code =}. */
    private static ConversionRequest.Io io(String text) {
        int equals = text.indexOf('=');
        if (equals < 0 || Files.exists(Path.of(text))) {
            return new ConversionRequest.Io(Optional.empty(), Path.of(text));
        }
        return new ConversionRequest.Io(Optional.of(text.substring(0, equals)), Path.of(text.substring(equals + 1)));
    }

    private Map<String, List<String>> replacements() {
        var replacements = new LinkedHashMap<String, List<String>>();
        for (String state : states) {
            int equals = state.indexOf('=') < 0 ? state.indexOf(':') : state.indexOf('=');
            if (equals < 1 || equals == state.length() - 1) {
                throw new InputException(
                        "--state", "is INPUT=OUTPUT", "'" + state + "'", "name the output that replaces the input");
            }
            replacements
                    .computeIfAbsent(state.substring(0, equals), _ -> new ArrayList<>())
                    .add(state.substring(equals + 1));
        }
        return replacements;
    }

    private Map<String, Encoding> kept() {
        var kept = new LinkedHashMap<String, Encoding>();
        keep.forEach((pattern, type) -> kept.put(pattern, encoding("--keep " + pattern, type)));
        return kept;
    }

    private static Encoding encoding(String option, String dtype) {
        return EncodingChoice.ENCODINGS.stream()
                .filter(e -> e.text().equals(dtype))
                .findFirst()
                .orElseThrow(() -> new InputException(
                        option,
                        "must be one of "
                                + EncodingChoice.ENCODINGS.stream()
                                        .map(Encoding::text)
                                        .toList(),
                        "'" + dtype + "'",
                        "leave it out to keep the source's"));
    }

    /** What is said of one name twice is a slip: one of the two would be forgotten. */
    private void checkNames() {
        Map.of("--function", functions, "--context", contexts, "--fix", fixed, "--shape", shapes)
                .forEach((option, byName) -> {
                    OptionSpec given = spec.commandLine().getParseResult().matchedOption(option);
                    if (given != null && given.originalStringValues().size() > byName.size()) {
                        throw new InputException(
                                option,
                                "says one thing of a name",
                                given.originalStringValues().toString(),
                                "leave out what is too much");
                    }
                    if (byName.containsKey("")) {
                        throw new InputException(option, "begins with a name", "none before =", "say of what");
                    }
                });
    }

    private void checkFiles() throws IOException {
        var inputs = new ArrayList<>(sources().values());
        Optional.ofNullable(config).ifPresent(inputs::add);
        Optional.ofNullable(vocabulary).ifPresent(inputs::add);
        io.forEach(text -> inputs.add(io(text).file()));
        for (Path input : inputs) {
            if (Files.exists(output) && Files.exists(input) && Files.isSameFile(output, input)) {
                throw new InputException(
                        "--output", "must be another file than what is read", output.toString(), "name another");
            }
        }
        Path folder = output.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(output)) {
            throw new InputException(
                    "--output", "must be a file in a folder that exists", output.toString(), "make the folder first");
        }
    }

    private static void print(ConversionReport report, PrintWriter out) {
        for (ConversionReport.SourceFile file : report.sources()) {
            out.println("source: " + file.name() + ", " + file.size() + " bytes, SHA-256 " + file.sha256());
        }
        out.println("tensors of the source: " + report.sourceTensors());
        report.interpretation().forEach((key, value) -> out.println(key + ": " + value));
        for (Function function : report.functions()) {
            out.println("function " + function.name() + ": inputs " + function.inputs() + ", states "
                    + function.states().stream().map(State::value).toList() + ", outputs " + function.outputs());
        }
        for (ConversionReport.TensorReport tensor : report.tensors()) {
            out.println("tensor " + tensor.name() + ": " + tensor.encoding().text() + " " + layout(tensor.layout())
                    + " "
                    + tensor.shape() + " from " + String.join(" + ", tensor.sources()) + ", "
                    + (tensor.worstRelativeError() == 0
                            ? "exact"
                            : String.format(
                                    Locale.ROOT, "error up to %.2g of a row's largest", tensor.worstRelativeError())));
        }
        if (!report.unused().isEmpty()) {
            out.println("unused, as allowed: " + String.join(", ", report.unused()));
        }
    }

    private static String layout(Layout layout) {
        return switch (layout) {
            case Layout.Rows() -> "rows";
            case Layout.Panels(int groups) -> "panels(" + groups + ")";
        };
    }

    /** Whether the file computes what its reference vectors say; true without any. */
    private boolean verify(Path fresh, ConversionRequest request, PrintWriter out) throws IOException {
        List<Verification> verifications = verifications(fresh);
        if (verifications.isEmpty()) {
            out.println("unverified: no reference vectors were given (--io)");
            return true;
        }
        VerifyCommand.print(verifications, out);
        if (dtype != null) {
            compare(request, out);
        }
        return VerifyCommand.holds(verifications);
    }

    private List<Verification> verifications(Path file) throws IOException {
        try (Model model = Model.load(file)) {
            var verifications = new ArrayList<Verification>();
            for (ReferenceCase reference : model.references()) {
                verifications.add(Verification.of(model, kernels.kernel(), reference));
            }
            return verifications;
        }
    }

    /** The error of the outputs for each encoding that could have been chosen, beside its size. */
    private void compare(ConversionRequest request, PrintWriter out) throws IOException {
        Path other = Files.createTempFile("rondo", ".rondo");
        try {
            for (Encoding encoding : EncodingChoice.ENCODINGS) {
                ConversionReport report;
                try {
                    report = Conversion.convert(request.withOutput(other).withDtype(encoding));
                } catch (FormatException unfit) {
                    out.println("as " + encoding.text() + ": " + unfit.getMessage());
                    continue;
                }
                double worst = 0;
                double share = 0;
                for (Verification verification : verifications(other)) {
                    for (Verification.Finding finding : verification.outputs()) {
                        worst = Math.max(worst, finding.absolute());
                        share = Math.max(share, finding.margin());
                    }
                }
                out.printf(
                        Locale.ROOT,
                        "as %s: worst error of an output %.2g, %.2g of the tolerance; %d bytes%n",
                        encoding.text(),
                        worst,
                        share,
                        report.outputSize());
            }
        } finally {
            Files.deleteIfExists(other);
        }
    }
}
