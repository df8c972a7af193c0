package dev.rondo.cli;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.graph.Function;
import dev.rondo.verify.FunctionRun;
import dev.rondo.verify.TensorFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Calls a function on tensors from a file. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Calls a function of a model on tensors from a safetensors file.",
            "Inputs are named NAME or in.NAME, initial states NAME or state.NAME (zero where not given); out.NAME is"
                + " left aside. Outputs are written as out.NAME and the states after the last call as out.state.NAME."
                + " Sizes of dimensions follow from the shapes of the inputs."
        })
final class RunCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "A .rondo file.")
    private Path file;

    @Option(names = "--function", paramLabel = "F", description = "The function (default: the only one).")
    private String function;

    @Option(names = "--in", paramLabel = "FILE", required = true, description = "A safetensors file with the inputs.")
    private Path in;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "The safetensors file to write.")
    private Path out;

    @Option(
            names = "--size",
            paramLabel = "NAME=N",
            description = "The size of a dimension that follows from no shape; may be repeated.")
    private Map<String, Integer> sizes = new LinkedHashMap<>();

    @Option(
            names = "--steps",
            description = "Call once per index of a leading axis that every input has in addition, states carried.")
    private boolean steps;

    @Mixin
    private KernelOption kernels;

    @Override
    public Integer call() throws IOException {
        sizes.forEach((name, size) -> Range.check(size != null && size >= 0, "--size " + name, "is at least 0", size));
        for (Path input : List.of(in, file)) {
            if (Files.exists(input) && Files.exists(out) && Files.isSameFile(input, out)) {
                throw new InputException(
                        "--out", "is another file than MODEL and --in", out.toString(), "name another");
            }
        }
        try (Model model = Model.open(file)) {
            Function target = Functions.choose(model, function);
            FunctionRun run = FunctionRun.of(
                    model,
                    kernels.kernel(),
                    target.name(),
                    steps,
                    TensorFile.read(in, target).inputs(),
                    sizes);
            TensorFile.write(out, run.outputs(), run.states());
            PrintWriter console = spec.commandLine().getOut();
            run.outputs()
                    .forEach((name, data) ->
                            console.println("out." + name + " " + data.element().text() + " " + data.shape()));
            run.states()
                    .forEach((name, data) -> console.println(
                            "out.state." + name + " " + data.element().text() + " " + data.shape()));
        }
        return Main.DONE;
    }
}
