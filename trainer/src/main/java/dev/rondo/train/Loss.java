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
import dev.rondo.train.rule.Settings;
import java.util.ArrayList;
import java.util.Arrays;
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
     * The same over some targets only: {@code Σ mask · −log softmax(logits)_target}; the count is {@code Σ mask}, so that the mean
     * is that of PyTorch's {@code ignore_index}. A target that the mask leaves out must be a class all the same, 0 for
     * instance.
     *
     * @param logits  f32[..., V]
     * @param targets i32 or i64[...]
     * @param mask    bool or f32[...]; f32 weighs each target, none negative
     */
    public static void maskedCrossEntropy(FunctionBuilder f, Value logits, Value targets, Value mask) {
        maskedCrossEntropy(f, logits, targets, mask, 0);
    }

    /** The same with label smoothing s: the target has the probability {@code 1 − s + s/V}, each other class s/V. */
    public static void maskedCrossEntropy(
            FunctionBuilder f, Value logits, Value targets, Value mask, double smoothing) {
        weighted(f, f.add(new Training.CrossEntropy((float) smoothing), logits, targets), mask);
    }

    /**
     * Cross-entropy where each class has a weight: {@code Σ w_target · −log softmax(logits)_target}; the count is
     * {@code Σ w_target}, so that the mean is PyTorch's. With a mask as well, {@link #maskedCrossEntropy} takes
     * {@code f.times(mask, f.gather(weights, targets))}.
     *
     * @param logits  f32[..., V]
     * @param targets i32 or i64[...]
     * @param weights f32[V], such as {@link #classWeights}; none negative
     */
    public static void weightedCrossEntropy(FunctionBuilder f, Value logits, Value targets, Value weights) {
        maskedCrossEntropy(f, logits, targets, f.gather(weights, targets));
    }

    /**
     * Numbers as a value f32[V] that is not trained: weights of classes.
     *
     * @throws dev.rondo.error.InputException when there are none, one is negative or no number, or all are 0
     */
    public static Value classWeights(FunctionBuilder f, List<Double> weights) {
        double sum = 0;
        for (double weight : weights) {
            Settings.require(weight >= 0 && weight < Float.MAX_VALUE, "class weight", "is a number from 0 on", weight);
            sum += weight;
        }
        Settings.require(sum > 0, "class weights", "hold one above 0", weights);
        var parts = new ArrayList<Value>();
        for (int from = 0, to; from < weights.size(); from = to) {
            // Equal neighbours are one node.
            to = from + 1;
            while (to < weights.size() && weights.get(to).equals(weights.get(from))) {
                to++;
            }
            double value = weights.get(from).floatValue();
            parts.add(f.add(new Structure.Fill(ElementType.F32, value, List.of(Dim.of(to - from)))));
        }
        return parts.size() == 1 ? parts.getFirst() : f.concat(0, parts.toArray(Value[]::new));
    }

    /**
     * The weights that make all classes count the same, {@code N / (V · n_v)} of class v with n_v of N examples; 0 for a class without
     * examples (King and Zeng 2001; scikit-learn's {@code balanced}).
     *
     * @param counts examples of each class
     */
    public static List<Double> balancedWeights(long[] counts) {
        long all = Arrays.stream(counts).sum();
        return Arrays.stream(counts)
                .mapToObj(n -> n == 0 ? 0.0 : (double) all / ((double) counts.length * n))
                .toList();
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
        Dim count = Dim.of(1);
        for (Dim dim : losses.type().dims()) {
            count = count.times(dim);
        }
        sum(f, GradientRun.LOSS, losses);
        f.output(f.add(GradientRun.COUNT, new Structure.Size(count, ElementType.F32)));
    }

    /**
     * The weighted sum of any losses, and the sum of the weights as their count: the mean loss is the weighted mean.
     *
     * @param losses  f32[...]
     * @param weights bool or f32, of the same shape
     */
    public static void weighted(FunctionBuilder f, Value losses, Value weights) {
        Value numbers = weights.type().element() == ElementType.F32
                ? weights
                : f.add(new Elementwise.Cast(ElementType.F32), weights);
        sum(f, GradientRun.LOSS, f.times(losses, numbers));
        sum(f, GradientRun.COUNT, numbers);
    }

    /** An output: the sum of all elements. */
    private static void sum(FunctionBuilder f, String output, Value x) {
        int rank = x.type().rank();
        Value sum = x;
        for (int i = 0; i < rank; i++) {
            sum = i + 1 < rank ? f.add(total(), sum) : f.add(output, total(), sum);
        }
        f.output(rank == 0 ? f.add(output, new Structure.Reshape(List.of()), sum) : sum);
    }

    private static Aggregation.Reduce total() {
        return new Aggregation.Reduce(Reduction.SUM, -1, false);
    }
}
