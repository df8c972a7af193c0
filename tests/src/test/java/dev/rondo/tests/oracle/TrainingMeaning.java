package dev.rondo.tests.oracle;

import dev.rondo.architecture.training.AttentionBackward;
import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/** Equations of {@link Training}; those of recurrent operators are in {@link RecurrentTrainingMeaning}. */
final class TrainingMeaning {
    private TrainingMeaning() {}

    static List<NdArray> of(Training op, Arguments in, ToLongFunction<String> sizes) {
        return switch (op) {
            case Training.Dropout dropout -> List.of(dropout(dropout, in.the("x"), in.the("seed")));
            case Training.CrossEntropy(float smoothing) ->
                List.of(crossEntropy(smoothing, in.the("logits"), in.the("target")));
            case Training.OuterSum() -> List.of(outerSum(in.the("a"), in.the("b")));
            case Training.ActivateBackward(var activation) -> {
                NdArray x = in.the("x");
                NdArray dy = in.the("dy");
                yield List.of(
                        NdArray.tabulate(x.element(), x.shape(), i -> dy.at(i) * derivative(activation, x.at(i))));
            }
            case Training.CrossEntropyBackward(float smoothing) ->
                List.of(crossEntropyBackward(smoothing, in.the("logits"), in.the("target"), in.the("dy")));
            case Training.GatherBackward(var rows) ->
                List.of(gatherBackward((int) rows.evaluate(sizes), in.the("dy"), in.the("index")));
            case Training.PickBackward(var size) -> {
                NdArray dy = in.the("dy");
                NdArray index = in.the("index");
                var shape = new ArrayList<>(dy.shape());
                shape.add((int) size.evaluate(sizes));
                yield List.of(NdArray.tabulate(dy.element(), shape, i -> {
                    int[] row = Arrays.copyOf(i, i.length - 1);
                    return i[i.length - 1] == index.at(row) ? dy.at(row) : 0;
                }));
            }
            case Training.SliceBackward(int axis, var start, var size, int step) ->
                List.of(sliceBackward(
                        in.the("dy"), axis, (int) start.evaluate(sizes), (int) size.evaluate(sizes), step));
            case Training.LstmTrace lstm -> RecurrentTrainingMeaning.lstmTrace(lstm, in);
            case Training.LstmBackward lstm -> RecurrentTrainingMeaning.lstmBackward(lstm, in);
            case Training.GruTrace gru -> RecurrentTrainingMeaning.gruTrace(gru, in);
            case Training.GruBackward gru -> RecurrentTrainingMeaning.gruBackward(gru, in);
            case AttentionBackward.OuterSums() -> List.of(outerSums(in.the("a"), in.the("b")));
            case AttentionBackward.AdditiveQuery() -> List.of(additiveQuery(in));
            case AttentionBackward.AdditiveKeys() -> additiveKeys(in);
            case Training.ElmanBackward elman -> RecurrentTrainingMeaning.elmanBackward(elman, in);
        };
    }

    private static NdArray dropout(Training.Dropout op, NdArray x, NdArray seed) {
        int key = Training.Dropout.key((long) seed.at(), op.site());
        double[] y = new double[x.values().length];
        for (int e = 0; e < y.length; e++) {
            boolean keeps = Training.Dropout.keeps(key, e, op.probability());
            y[e] = keeps ? x.values()[e] / (1 - (double) op.probability()) : 0;
        }
        return new NdArray(x.element(), x.shape(), y);
    }

    private static double[] logProbabilities(double[] logits) {
        double max = Arrays.stream(logits).max().orElse(0);
        double sum = Arrays.stream(logits).map(v -> Math.exp(v - max)).sum();
        return Arrays.stream(logits).map(v -> v - max - Math.log(sum)).toArray();
    }

    private static NdArray crossEntropy(double smoothing, NdArray logits, NdArray target) {
        return NdArray.tabulate(logits.element(), target.shape(), i -> {
            double[] log = logProbabilities(logits.along(-1, Arrays.copyOf(i, i.length + 1)));
            double all = Arrays.stream(log).sum();
            return -(1 - smoothing) * log[(int) target.at(i)] - smoothing / log.length * all;
        });
    }

    private static NdArray crossEntropyBackward(double smoothing, NdArray logits, NdArray target, NdArray dy) {
        return NdArray.tabulate(logits.element(), logits.shape(), i -> {
            int[] row = Arrays.copyOf(i, i.length - 1);
            int v = i[i.length - 1];
            double p = Math.exp(logProbabilities(logits.along(-1, i))[v]);
            double wanted = (v == target.at(row) ? 1 - smoothing : 0) + smoothing / logits.size(-1);
            return dy.at(row) * (p - wanted);
        });
    }

    private static NdArray outerSum(NdArray a, NdArray b) {
        int n = a.size(-1);
        int k = b.size(-1);
        int rows = n == 0 ? 0 : a.values().length / n;
        double[] y = new double[n * k];
        for (int r = 0; r < rows; r++) {
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < k; j++) {
                    y[i * k + j] += a.values()[r * n + i] * b.values()[r * k + j];
                }
            }
        }
        return NdArray.f32(List.of(n, k), y);
    }

    private static NdArray outerSums(NdArray a, NdArray b) {
        return NdArray.tabulate(a.element(), List.of(a.size(0), a.size(2), b.size(2)), i -> {
            double sum = 0;
            for (int r = 0; r < a.size(1); r++) {
                sum += a.at(i[0], r, i[1]) * b.at(i[0], r, i[2]);
            }
            return sum;
        });
    }

    private static double bent(Arguments in, int b, int q, int s, int d) {
        return Math.tanh(in.the("query").at(b, q, d) + in.the("keys").at(b, s, d));
    }

    private static NdArray additiveQuery(Arguments in) {
        NdArray query = in.the("query");
        NdArray dy = in.the("dy");
        return NdArray.tabulate(query.element(), query.shape(), i -> {
            double sum = 0;
            for (int s = 0; s < dy.size(2); s++) {
                double bent = bent(in, i[0], i[1], s, i[2]);
                sum += dy.at(i[0], i[1], s) * (1 - bent * bent);
            }
            return sum * in.the("vector").at(i[2]);
        });
    }

    private static List<NdArray> additiveKeys(Arguments in) {
        NdArray keys = in.the("keys");
        NdArray vector = in.the("vector");
        NdArray dy = in.the("dy");
        NdArray dkeys = NdArray.tabulate(keys.element(), keys.shape(), i -> {
            double sum = 0;
            for (int q = 0; q < dy.size(1); q++) {
                double bent = bent(in, i[0], q, i[1], i[2]);
                sum += dy.at(i[0], q, i[1]) * (1 - bent * bent);
            }
            return sum * vector.at(i[2]);
        });
        NdArray dvector = NdArray.tabulate(vector.element(), vector.shape(), i -> {
            double sum = 0;
            for (int b = 0; b < dy.size(0); b++) {
                for (int q = 0; q < dy.size(1); q++) {
                    for (int s = 0; s < dy.size(2); s++) {
                        sum += dy.at(b, q, s) * bent(in, b, q, s, i[0]);
                    }
                }
            }
            return sum;
        });
        return List.of(dkeys, dvector);
    }

    private static NdArray gatherBackward(int rows, NdArray dy, NdArray index) {
        var shape = new ArrayList<Integer>();
        shape.add(rows);
        shape.addAll(dy.shape().subList(index.rank(), dy.rank()));
        NdArray table = NdArray.zeros(dy.element(), shape);
        int count = index.values().length;
        int size = count == 0 ? 0 : dy.values().length / count;
        for (int r = 0; r < count; r++) {
            for (int i = 0; i < size; i++) {
                table.values()[(int) index.values()[r] * size + i] += dy.values()[r * size + i];
            }
        }
        return table;
    }

    private static NdArray sliceBackward(NdArray dy, int axis, int start, int size, int step) {
        int along = dy.axis(axis);
        return NdArray.tabulate(dy.element(), NdArray.withAxis(dy.shape(), along, size), i -> {
            int from = i[along] - start;
            if (from < 0 || from % step != 0 || from / step >= dy.size(along)) {
                return 0;
            }
            int[] at = i.clone();
            at[along] = from / step;
            return dy.at(at);
        });
    }

    /** The derivative of an activation; of a jump or kink that of its right side. */
    static double derivative(Activation f, double x) {
        double sigmoid = 1 / (1 + Math.exp(-x));
        return switch (f.kind()) {
            case IDENTITY -> 1;
            case TANH -> 1 - Math.tanh(x) * Math.tanh(x);
            case SIGMOID -> sigmoid * (1 - sigmoid);
            case RELU -> x >= 0 ? 1 : 0;
            case LEAKY_RELU -> x >= 0 ? 1 : f.alpha();
            case ELU -> x >= 0 ? 1 : f.alpha() * Math.exp(x);
            case SELU -> Activation.SELU_SCALE * (x >= 0 ? 1 : Activation.SELU_ALPHA * Math.exp(x));
            case HARD_SIGMOID -> hardSigmoid(f.alpha(), f.alpha() * x + f.beta());
            case SOFTSIGN -> 1 / ((1 + Math.abs(x)) * (1 + Math.abs(x)));
            case SOFTPLUS -> sigmoid;
            case AFFINE -> f.alpha();
            case SCALED_TANH -> {
                double tanh = Math.tanh(f.beta() * x);
                yield f.alpha() * f.beta() * (1 - tanh * tanh);
            }
            case THRESHOLDED_RELU -> x >= f.alpha() ? 1 : 0;
            case SILU -> sigmoid * (1 + x * (1 - sigmoid));
            case GELU -> {
                double share = Activation.GELU.apply(x) / x;
                double bell = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
                yield (x == 0 ? 0.5 : share) + x * bell;
            }
        };
    }

    /** z = alpha x + beta; seen from the right, the slope begins where z is 0 and alpha positive, or 1 and negative. */
    private static double hardSigmoid(double alpha, double z) {
        boolean inside = alpha >= 0 ? z >= 0 && z < 1 : z > 0 && z <= 1;
        return inside ? alpha : 0;
    }
}
