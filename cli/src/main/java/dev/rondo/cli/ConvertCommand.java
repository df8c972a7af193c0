package dev.rondo.cli;

import dev.rondo.Model;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionReport;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.error.InputException;
import dev.rondo.format.AtomicFile;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.ReferenceCase;
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
    private static final List<Encoding> DTYPES = List.of(Encoding.F32, Encoding.F16, Encoding.BF16, Encoding.INT8);

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "SOURCE", arity = "1..*", description = "A safetensors file.")
    private List<Path> sources;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "MODEL",
            required = true,
            description = "The .rondo file to write.")
    private Path output;

    @Option(names = "--config", paramLabel = "FILE", required = true, description = "The architecture, in JSON.")
    private Path config;

    @Option(
            names = "--vocabulary",
            paramLabel = "FILE",
            description = "A JSON list of tokens, where the configuration holds none.")
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
            paramLabel = "FILE",
            description = "A safetensors file with inputs in.NAME and what the source framework computed, out.NAME.")
    private Path io;

    @Option(
            names = "--allow-unused",
            paramLabel = "PATTERN",
            description = "Tensors of the source that may stay unused, * for anything; may be repeated.")
    private List<String> allowUnused = new ArrayList<>();

    @Mixin
    private KernelOption kernels;

    @Override
    public Integer call() throws IOException {
        if (sources.size() != 1) {
            throw new InputException("SOURCE", "is one safetensors file", sources.toString(), "merge the files first");
        }
        checkFiles();
        PrintWriter out = spec.commandLine().getOut();
        if (!AtomicFile.write(output, fresh -> convert(fresh, out))) {
            spec.commandLine().getErr().println("rondo: " + output + " was not written");
            return Main.NO;
        }
        out.println("wrote " + output + ", " + Files.size(output) + " bytes");
        out.flush();
        return Main.DONE;
    }

    /** Whether the file that was written may take its place. */
    private boolean convert(Path fresh, PrintWriter out) throws IOException {
        var request = new ConversionRequest(
                sources.getFirst(),
                config,
                fresh,
                Optional.ofNullable(dtype).map(type -> encoding("--dtype", type)),
                kept(),
                Optional.ofNullable(vocabulary),
                Optional.ofNullable(io),
                allowUnused);
        ConversionReport report = Conversion.convert(request);
        print(report, out);
        boolean verified = verify(fresh, out);
        // A reader that has gone ends the command before anything takes the target's place.
        out.flush();
        return verified;
    }

    private Map<String, Encoding> kept() {
        var kept = new LinkedHashMap<String, Encoding>();
        keep.forEach((pattern, type) -> kept.put(pattern, encoding("--keep " + pattern, type)));
        return kept;
    }

    private static Encoding encoding(String option, String dtype) {
        return DTYPES.stream()
                .filter(e -> e.text().equals(dtype))
                .findFirst()
                .orElseThrow(() -> new InputException(
                        option,
                        "must be one of " + DTYPES.stream().map(Encoding::text).toList(),
                        "'" + dtype + "'",
                        "leave it out to keep the source's"));
    }

    private void checkFiles() throws IOException {
        var inputs = new ArrayList<>(List.of(sources.getFirst(), config));
        Optional.ofNullable(vocabulary).ifPresent(inputs::add);
        Optional.ofNullable(io).ifPresent(inputs::add);
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
        out.println("source: " + report.source() + ", " + report.sourceSize() + " bytes, " + report.sourceTensors()
                + " tensors, SHA-256 " + report.sourceSha256());
        report.interpretation().forEach((key, value) -> out.println(key + ": " + value));
        out.println("functions: " + String.join(", ", report.functions()));
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
    private boolean verify(Path file, PrintWriter out) throws IOException {
        try (Model model = Model.load(file)) {
            if (model.references().isEmpty()) {
                out.println("unverified: no reference vectors were given (--io)");
                return true;
            }
            var verifications = new ArrayList<Verification>();
            for (ReferenceCase reference : model.references()) {
                verifications.add(Verification.of(model, kernels.kernel(), reference));
            }
            VerifyCommand.print(verifications, out);
            return VerifyCommand.holds(verifications);
        }
    }
}
