package dev.rondo.architecture;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Value;
import java.util.List;

/** The nodes of {@link Layer.Hypernetwork}: a scan of its step. */
final class HypernetworkNodes {
    /** The network that generates weights. */
    static final Cell SMALL = new Cell.Elman(Activation.TANH);

    private HypernetworkNodes() {}

    /**
     * All steps of x [B,T,I]: y [B,T,H].
     *
     * @param name of the step, one for each layer of a function
     */
    static Value sequence(FunctionBuilder f, Layer.Hypernetwork layer, String name, Value x, Value lengths) {
        var scan = new Scan(step(layer, name), List.of("x"), false, false);
        return f.addAll(scan, List.of(), List.of(x, Value.ABSENT, Value.ABSENT, lengths))
                .getFirst();
    }

    private static Function step(Layer.Hypernetwork layer, String name) {
        FunctionBuilder f = Function.builder(name);
        Value x = f.input("x", ElementType.F32, "B", layer.input().inputSize());
        Value h = f.state("h", "B", layer.hiddenSize());
        Value z = f.state("z", "B", layer.small().hiddenSize());
        RecurrentParameters small = layer.small();
        Value next = f.addAll(
                        new Recurrent.ElmanCell(Activation.TANH),
                        List.of(),
                        List.of(
                                f.concat(1, x, h),
                                z,
                                f.weight(small.weightHidden(), small.hiddenSize(), small.hiddenSize()),
                                f.weight(small.weightInput(), small.hiddenSize(), small.inputSize()),
                                RecurrentNodes.optional(f, small.bias(), small.hiddenSize())))
                .getFirst();
        f.next(z, next);
        Value ofInput = f.times(layer.inputScale().of(f, next), layer.input().of(f, x));
        Value ofState = f.times(layer.stateScale().of(f, next), layer.state().of(f, h));
        Value sum = f.plus(f.plus(ofInput, ofState), layer.bias().of(f, next));
        Value y = f.activate(Activation.TANH, sum);
        f.next(h, y);
        f.output(y);
        return f.build();
    }
}
