package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.Model;
import dev.rondo.format.ReferenceCase;
import dev.rondo.graph.Function;
import dev.rondo.verify.TensorFile;
import dev.rondo.verify.Verification;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Recomputes what the source framework computed. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Recomputes the reference cases of a model file, or of a safetensors file, and reports the worst errors.",
            "An element is within tolerance when |got - want| <= atol + rtol |want|. Ends with 1 when one is not, or"
                    + " when there is nothing to verify."
        })
final class VerifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "A .rondo file.")
    private Path file;

    @Option(
            names = "--io",
            paramLabel = "FILE",
            description =
                    "Verify this safetensors file instead: in.NAME and out.NAME of --function. When its inputs have "
                            + "a leading axis more than the function's, it is called step by step.")
    private Path io;

    @Option(names = "--function", paramLabel = "F", description = "Only the cases of this function.")
    private String function;

    @Option(
            names = "--atol",
            paramLabel = "A",
            description = "Absolute tolerance (default: the case's; 1e-4 for --io).")
    private Double atol;

    @Option(
            names = "--rtol",
            paramLabel = "R",
            description = "Relative tolerance (default: the case's; 1e-3 for --io).")
    private Double rtol;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Mixin
    private KernelOption kernels;

    @Override
    public Integer call() throws IOException {
        checkTolerance("--atol", atol);
        checkTolerance("--rtol", rtol);
        try (Model model = Model.load(file)) {
            var verifications = new ArrayList<Verification>();
            for (ReferenceCase reference : cases(model)) {
                verifications.add(Verification.of(model, kernels.kernel(), reference));
            }
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                Json.print(json(verifications), out);
            } else {
                print(verifications, out);
            }
            return holds(verifications) ? Main.DONE : Main.NO;
        }
    }

    /** A tolerance without end would call anything verified. */
    static void checkTolerance(String option, Double tolerance) {
        Range.check(
                tolerance == null || tolerance >= 0 && tolerance < Double.POSITIVE_INFINITY,
                option,
                "is finite and at least 0",
                tolerance);
    }

    private List<ReferenceCase> cases(Model model) throws IOException {
        if (io != null) {
            return List.of(fromFile(model));
        }
        if (function != null) {
            model.function(function);
        }
        return model.references().stream()
                .filter(r -> function == null || r.function().equals(function))
                .map(r -> new ReferenceCase(
                        r.name(),
                        r.function(),
                        r.stepwise(),
                        atol == null ? r.atol() : atol,
                        rtol == null ? r.rtol() : rtol,
                        r.inputs(),
                        r.outputs()))
                .toList();
    }

    private ReferenceCase fromFile(Model model) throws IOException {
        Function target = Functions.choose(model, function);
        TensorFile tensors = TensorFile.read(io, target);
        return new ReferenceCase(
                "io",
                target.name(),
                tensors.isStepwise(target),
                atol == null ? 1e-4 : atol,
                rtol == null ? 1e-3 : rtol,
                tensors.inputs(),
                tensors.outputs());
    }

    static boolean holds(List<Verification> verifications) {
        return !verifications.isEmpty() && verifications.stream().allMatch(Verification::holds);
    }

    /** A line per output, then the verdict. */
    static void print(List<Verification> verifications, PrintWriter out) {
        for (Verification verification : verifications) {
            ReferenceCase reference = verification.reference();
            for (Verification.Finding f : verification.outputs()) {
                out.printf(
                        Locale.ROOT,
                        "%s, function %s, output %s: worst error %.3g absolute, %.3g relative; %s%n",
                        reference.name(),
                        reference.function(),
                        f.output(),
                        f.absolute(),
                        f.relative(),
                        f.holds()
                                ? "within tolerance"
                                : "OVER atol " + reference.atol() + ", rtol " + reference.rtol() + ": element "
                                        + f.worst() + " is " + f.got() + ", expected " + f.want());
            }
        }
        long outputs = verifications.stream().mapToLong(v -> v.outputs().size()).sum();
        if (outputs == 0) {
            out.println("not verified: there are no reference vectors");
        } else {
            out.println((holds(verifications) ? "verified: " : "not verified: ") + verifications.size() + " case(s), "
                    + outputs + " output(s)");
        }
        out.flush();
    }

    private static ObjectNode json(List<Verification> verifications) {
        ObjectNode result = Json.object();
        result.put("verified", holds(verifications));
        ArrayNode cases = result.putArray("cases");
        for (Verification verification : verifications) {
            ObjectNode node = cases.addObject();
            node.put("name", verification.reference().name());
            node.put("function", verification.reference().function());
            node.put("atol", verification.reference().atol());
            node.put("rtol", verification.reference().rtol());
            ArrayNode outputs = node.putArray("outputs");
            for (Verification.Finding f : verification.outputs()) {
                ObjectNode output = outputs.addObject();
                output.put("name", f.output());
                output.put("within", f.holds());
                output.put("absolute", f.absolute());
                output.put("relative", f.relative());
                output.put("share_of_tolerance", f.margin());
            }
        }
        return result;
    }
}
