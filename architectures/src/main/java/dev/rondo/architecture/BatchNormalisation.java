package dev.rondo.architecture;

import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Structure;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import java.util.List;

/**
 * Batch normalisation (Ioffe and Szegedy 2015): {@code x̂ = (x − μ) / σ} for each feature, and with the affine part
 * {@code y = gain ⊙ x̂ + bias}; {@code σ = √(variance + epsilon)}. It stands before the activation, in place of the linear
 * layer's bias. While it is trained, μ and the (biased) variance are those of the batch, more exactly of each shard, and the
 * gradient goes through them. Padding counts like any other step.
 *
 * <p>A model in use takes the weights {@code NAME.mean} and {@code NAME.variance}. Make the parameter store of the
 * function of inference, which has them all, with these two frozen; after training set them to the {@link #statistics} of
 * training data.
 *
 * @param name    before the names of its weights: {@code NAME.gain}, {@code NAME.bias}, f32[C]; a gain begins at 1
 * @param epsilon keeps a feature that never changes finite; 0 is allowed
 * @param affine  whether there are a gain and a bias
 */
public record BatchNormalisation(String name, float epsilon, boolean affine) {
    /** What is known of each feature: f32[C]. */
    public record Statistics(Value mean, Value variance) {}

    /** Checks epsilon. */
    public BatchNormalisation {
        if (!(epsilon >= 0 && epsilon < 1)) {
            throw new InputException("setting epsilon", "lies between 0 and 1", "" + epsilon, "change the setting");
        }
    }

    /** The tensor of the means. */
    public String mean() {
        return name + ".mean";
    }

    /** The tensor of the variances. */
    public String variance() {
        return name + ".variance";
    }

    /** The tensor of the gains. */
    public String gain() {
        return name + ".gain";
    }

    /** The tensor of the biases. */
    public String bias() {
        return name + ".bias";
    }

    /** With the affine part and an epsilon of 1e−5. */
    public static BatchNormalisation of(String name) {
        return new BatchNormalisation(name, 1e-5f, true);
    }

    /**
     * For training.
     *
     * @param x f32[..., C]
     * @return of the same shape
     * @throws ShapeException when x has one dimension only
     */
    public Value training(FunctionBuilder f, Value x) {
        return normalise(f, x, statistics(f, x));
    }

    /** For use: each row by itself. */
    public Value inference(FunctionBuilder f, Value x) {
        Object features = x.type().dim(-1);
        return normalise(f, x, new Statistics(f.weight(mean(), features), f.weight(variance(), features)));
    }

    /** Mean and variance of each feature, over all dimensions but the last. */
    public Statistics statistics(FunctionBuilder f, Value x) {
        if (x.type().rank() < 2) {
            throw new ShapeException(
                    "batch normalisation " + name,
                    "x is f32[..., features]",
                    x.toString(),
                    "add the dimension of rows");
        }
        Value mean = meanOverRows(f, x);
        Value centred = f.add(new Elementwise.Binary(BinaryFunction.SUBTRACT), x, mean);
        return new Statistics(mean, meanOverRows(f, f.times(centred, centred)));
    }

    private static Value meanOverRows(FunctionBuilder f, Value x) {
        Value mean = x;
        while (mean.type().rank() > 1) {
            mean = f.add(new Aggregation.Reduce(Reduction.MEAN, 0, false), mean);
        }
        return mean;
    }

    /** {@code (x − μ) / σ}, then the affine part. */
    Value normalise(FunctionBuilder f, Value x, Statistics known) {
        Value centred = f.add(new Elementwise.Binary(BinaryFunction.SUBTRACT), x, known.mean());
        Value above0 = f.plus(known.variance(), f.add(new Structure.Fill(ElementType.F32, epsilon, List.of())));
        Value deviation = f.add(new Elementwise.Unary(UnaryFunction.SQRT), above0);
        Value y = f.add(new Elementwise.Binary(BinaryFunction.DIVIDE), centred, deviation);
        if (!affine) {
            return y;
        }
        Object features = x.type().dim(-1);
        return f.plus(f.times(y, f.weight(gain(), features)), f.weight(bias(), features));
    }
}
