package dev.rondo.tests.oracle;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Aggregation.Pooling;
import dev.rondo.graph.Reduction;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Equations of {@link Aggregation}. */
final class AggregationMeaning {
    private AggregationMeaning() {}

    static List<NdArray> of(Aggregation op, Arguments in) {
        return switch (op) {
            case Aggregation.TopK(int k, var normalisation) -> topK(in.the("x"), k, normalisation);
            case Aggregation.Attention(float scale) -> attention(scale, in);
            case Aggregation.Reduce _, Aggregation.ArgMax _, Aggregation.Softmax _ -> List.of(one(op, in));
            case Aggregation.LayerNorm _, Aggregation.PoolTime _, Aggregation.PoolWindow _ -> List.of(one(op, in));
        };
    }

    private static NdArray one(Aggregation op, Arguments in) {
        NdArray x = in.the("x");
        return switch (op) {
            case Aggregation.TopK _, Aggregation.Attention _ -> throw new AssertionError(op);
            case Aggregation.Reduce(var reduction, int axis, boolean keep) -> {
                int along = x.axis(axis);
                yield NdArray.tabulate(
                        x.element(),
                        NdArray.withAxis(x.shape(), along, keep ? 1 : null),
                        i -> reduction.apply(x.along(along, keep ? i : insert(i, along))));
            }
            case Aggregation.ArgMax(int axis) -> {
                int along = x.axis(axis);
                yield NdArray.tabulate(
                        ElementType.I64,
                        NdArray.withAxis(x.shape(), along, null),
                        i -> argMax(x.along(along, insert(i, along))));
            }
            case Aggregation.Softmax(boolean log) -> softmax(x, in.maybe("mask"), log);
            case Aggregation.LayerNorm(float epsilon) -> layerNorm(x, in.maybe("gain"), in.maybe("bias"), epsilon);
            case Aggregation.PoolTime(var pooling) -> {
                int[] lengths = Interpreter.lengths(in.maybe("lengths").orElse(null), x.size(0), x.size(1));
                yield NdArray.tabulate(x.element(), List.of(x.size(0), x.size(2)), i -> {
                    double[] steps = Arrays.copyOf(x.along(1, i[0], 0, i[1]), lengths[i[0]]);
                    return steps.length == 0 ? 0 : pool(pooling, steps);
                });
            }
            case Aggregation.PoolWindow(var pooling, int size, int stride) -> {
                int windows = Math.floorDiv(x.size(1) - size, stride) + 1;
                yield NdArray.tabulate(x.element(), List.of(x.size(0), windows, x.size(2)), i -> {
                    double[] steps = x.along(1, i);
                    return pool(pooling, Arrays.copyOfRange(steps, i[1] * stride, i[1] * stride + size));
                });
            }
        };
    }

    private static double pool(Pooling pooling, double[] steps) {
        return switch (pooling) {
            case MEAN -> Reduction.MEAN.apply(steps);
            case MAX -> Reduction.MAX.apply(steps);
            case LAST -> steps[steps.length - 1];
        };
    }

    private static int argMax(double[] line) {
        int best = 0;
        for (int i = 1; i < line.length; i++) {
            best = line[i] > line[best] ? i : best;
        }
        return best;
    }

    private static List<NdArray> topK(NdArray x, int k, Aggregation.Normalisation normalisation) {
        NdArray y = switch (normalisation) {
            case NONE -> x;
            case SOFTMAX -> softmax(x, Optional.empty(), false);
            case LOG_SOFTMAX -> softmax(x, Optional.empty(), true);
        };
        NdArray indices = NdArray.tabulate(
                ElementType.I64,
                NdArray.withAxis(x.shape(), x.rank() - 1, k),
                i -> largest(x.along(-1, i), i[i.length - 1]));
        NdArray values = NdArray.tabulate(x.element(), indices.shape(), i -> {
            int[] at = i.clone();
            at[at.length - 1] = (int) indices.at(i);
            return y.at(at);
        });
        return List.of(values, indices);
    }

    /** Where the element lies that comes after {@code rank} others. */
    private static int largest(double[] line, int rank) {
        return IntStream.range(0, line.length)
                .boxed()
                .sorted((a, b) -> line[a] == line[b] ? 0 : Double.compare(line[b], line[a]))
                .toList()
                .get(rank);
    }

    private static List<NdArray> attention(double scale, Arguments in) {
        NdArray query = in.the("query");
        NdArray keys = in.the("keys");
        NdArray values = in.the("values");
        Optional<NdArray> vector = in.maybe("vector");
        int places = keys.size(1);
        NdArray scores = NdArray.tabulate(query.element(), List.of(query.size(0), query.size(1), places), i -> {
            double sum = 0;
            for (int d = 0; d < query.size(2); d++) {
                double q = query.at(i[0], i[1], d);
                double k = keys.at(keys.size(0) == 1 ? 0 : i[0], i[2], d);
                sum += vector.isPresent() ? vector.get().at(d) * Math.tanh(q + k) : q * k;
            }
            return scale * sum;
        });
        NdArray weights = softmax(scores, in.maybe("mask"), false);
        NdArray context =
                NdArray.tabulate(query.element(), List.of(query.size(0), query.size(1), values.size(2)), i -> {
                    double sum = 0;
                    for (int s = 0; s < places; s++) {
                        sum += weights.at(i[0], i[1], s) * values.at(values.size(0) == 1 ? 0 : i[0], s, i[2]);
                    }
                    return sum;
                });
        return List.of(context, weights);
    }

    private static NdArray softmax(NdArray x, Optional<NdArray> mask, boolean log) {
        return NdArray.tabulate(x.element(), x.shape(), i -> {
            double[] line = x.along(-1, i);
            boolean[] counts = new boolean[line.length];
            int[] at = i.clone();
            for (int k = 0; k < line.length; k++) {
                at[at.length - 1] = k;
                counts[k] = mask.map(m -> m.broadcastAt(at) != 0).orElse(true);
            }
            int own = i[i.length - 1];
            if (!counts[own]) {
                return log ? Double.NEGATIVE_INFINITY : 0;
            }
            // Numerator and denominator are divided by e^max, so that neither overflows.
            double max = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < line.length; k++) {
                max = counts[k] ? Math.max(max, line[k]) : max;
            }
            double sum = 0;
            for (int k = 0; k < line.length; k++) {
                sum += counts[k] ? Math.exp(line[k] - max) : 0;
            }
            return log ? line[own] - max - Math.log(sum) : Math.exp(line[own] - max) / sum;
        });
    }

    private static NdArray layerNorm(NdArray x, Optional<NdArray> gain, Optional<NdArray> bias, double epsilon) {
        return NdArray.tabulate(x.element(), x.shape(), i -> {
            double[] line = x.along(-1, i);
            int own = i[i.length - 1];
            double mean = Arrays.stream(line).sum() / line.length;
            double variance =
                    Arrays.stream(line).map(v -> (v - mean) * (v - mean)).sum() / line.length;
            double normal = (line[own] - mean) / Math.sqrt(variance + epsilon);
            return normal * gain.map(g -> g.at(own)).orElse(1.0)
                    + bias.map(b -> b.at(own)).orElse(0.0);
        });
    }

    /** The index with one entry more at an axis. */
    private static int[] insert(int[] index, int axis) {
        int[] longer = new int[index.length + 1];
        System.arraycopy(index, 0, longer, 0, axis);
        System.arraycopy(index, axis, longer, axis + 1, index.length - axis);
        return longer;
    }
}
