package dev.rondo.train;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.List;

/** The outputs {@code loss} and {@code count} of a function that is trained. */
public final class Loss {
    private Loss() {}

    /**
     * Cross-entropy in nats: {@code Σ −log softmax(logits)_target}; the count is that of the targets.
     *
     * @param logits  f32[..., V]
     * @param targets i32 or i64[...]
     */
    public static void crossEntropy(FunctionBuilder f, Value logits, Value targets) {
        outputs(f, f.add(new Training.CrossEntropy(0), logits, targets));
    }

    /**
     * Squared error: {@code Σ (y − target)²}; the count is that of the elements, so that the mean loss is the mean squared
     * error.
     *
     * @param y      f32[...]
     * @param target of the same shape
     */
    public static void squaredError(FunctionBuilder f, Value y, Value target) {
        Value error = f.add(new Elementwise.Binary(BinaryFunction.SUBTRACT), y, target);
        outputs(f, f.times(error, error));
    }

    /** The sum of any losses, and their count. */
    public static void outputs(FunctionBuilder f, Value losses) {
        List<Dim> dims = losses.type().dims();
        Dim count = Dim.of(1);
        Value sum = losses;
        for (int i = 0; i < dims.size(); i++) {
            count = count.times(dims.get(i));
            sum = i + 1 < dims.size() ? f.add(total(), sum) : f.add(GradientRun.LOSS, total(), sum);
        }
        f.output(dims.isEmpty() ? f.add(GradientRun.LOSS, new Structure.Reshape(List.of()), sum) : sum);
        f.output(f.add(GradientRun.COUNT, new Structure.Size(count, ElementType.F32)));
    }

    private static Aggregation.Reduce total() {
        return new Aggregation.Reduce(Reduction.SUM, -1, false);
    }
}
