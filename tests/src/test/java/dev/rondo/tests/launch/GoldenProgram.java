package dev.rondo.tests.launch;

import dev.rondo.KernelChoice;
import dev.rondo.graph.Function;
import dev.rondo.tests.Engine;
import dev.rondo.tests.golden.GoldenCase;
import dev.rondo.tests.golden.GoldenModels;
import dev.rondo.tests.oracle.Closeness;
import dev.rondo.tests.oracle.NdArray;
import java.util.List;
import java.util.Map;

/** What PyTorch computed, on the best kernels of this JVM: prints the width and how many cases hold. */
final class GoldenProgram {
    private GoldenProgram() {}

    public static void main(String[] args) {
        int cases = 0;
        for (Engine engine : Engine.all()) {
            if (!engine.name().contains("BEST")) {
                continue;
            }
            for (String name : List.of("rnn_tanh", "lstm_1layer", "lstm_proj", "gru_2layer_bidirectional")) {
                GoldenCase golden = GoldenCase.load("pytorch", name);
                boolean batchFirst = golden.architecture().get("batch_first").booleanValue();
                NdArray x = batchFirst ? golden.input("x") : golden.input("x").swapFirstAxes();
                Function function = GoldenModels.recurrent(golden, false);
                NdArray y = engine.run(function, Map.of("x", x), golden.weights())
                        .output(function.outputs().getFirst().name());
                NdArray got = batchFirst ? y : y.swapFirstAxes();
                Closeness.assertClose(golden.output("y"), got, golden.atol(), golden.rtol(), engine + " " + name);
                cases++;
            }
        }
        System.out.println(
                KernelChoice.best().name() + " " + KernelChoice.best().bits() + " bit, " + cases + " hold");
    }
}
