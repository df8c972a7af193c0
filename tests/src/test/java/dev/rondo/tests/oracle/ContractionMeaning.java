package dev.rondo.tests.oracle;

import dev.rondo.graph.Contraction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Equations of {@link Contraction}. */
final class ContractionMeaning {
    private ContractionMeaning() {}

    static NdArray of(Contraction op, Arguments in) {
        return switch (op) {
            case Contraction.Linear() -> linear(in.the("x"), in.the("weight"), in.maybe("bias"));
            case Contraction.MatMul(boolean transposeB) -> matMul(in.the("a"), in.the("b"), transposeB);
            case Contraction.Conv1d conv -> conv1d(conv, in.the("x"), in.the("weight"), in.maybe("bias"));
        };
    }

    private static NdArray linear(NdArray x, NdArray weight, Optional<NdArray> bias) {
        List<Integer> shape = NdArray.withAxis(x.shape(), x.rank() - 1, weight.size(0));
        return NdArray.tabulate(x.element(), shape, i -> {
            int n = i[i.length - 1];
            double[] row = x.along(-1, i);
            double sum = bias.map(b -> b.at(n)).orElse(0.0);
            for (int k = 0; k < row.length; k++) {
                sum += row[k] * weight.at(n, k);
            }
            return sum;
        });
    }

    private static NdArray matMul(NdArray a, NdArray b, boolean transposeB) {
        var shape = new ArrayList<>(NdArray.broadcast(outer(a), outer(b)));
        int outer = shape.size();
        shape.add(a.size(-2));
        shape.add(b.size(transposeB ? -2 : -1));
        return NdArray.tabulate(a.element(), shape, i -> {
            int row = i[outer];
            int column = i[outer + 1];
            double sum = 0;
            for (int k = 0; k < a.size(-1); k++) {
                double right = transposeB ? entry(b, i, outer, column, k) : entry(b, i, outer, k, column);
                sum += entry(a, i, outer, row, k) * right;
            }
            return sum;
        });
    }

    /** An array of the shape of the axes before the last two. */
    private static NdArray outer(NdArray x) {
        return NdArray.zeros(x.element(), x.shape().subList(0, x.rank() - 2));
    }

    /** Entry (row, column) of the matrix that x, broadcast over the outer axes, has at an outer index. */
    private static double entry(NdArray x, int[] index, int outer, int row, int column) {
        int own = x.rank() - 2;
        int[] at = Arrays.copyOfRange(index, outer - own, outer + 2);
        for (int d = 0; d < own; d++) {
            at[d] = x.size(d) == 1 ? 0 : at[d];
        }
        at[own] = row;
        at[own + 1] = column;
        return x.at(at);
    }

    private static NdArray conv1d(Contraction.Conv1d op, NdArray x, NdArray weight, Optional<NdArray> bias) {
        int steps = x.size(1);
        int taps = weight.size(1);
        int channels = weight.size(2);
        int perGroup = weight.size(0) / op.groups();
        int results = Math.floorDiv(steps + op.before() + op.after() - op.dilation() * (taps - 1) - 1, op.stride()) + 1;
        return NdArray.tabulate(x.element(), List.of(x.size(0), results, weight.size(0)), i -> {
            int group = i[2] / perGroup;
            double sum = bias.map(b -> b.at(i[2])).orElse(0.0);
            for (int j = 0; j < taps; j++) {
                int t = i[1] * op.stride() + j * op.dilation() - op.before();
                for (int c = 0; c < channels && t >= 0 && t < steps; c++) {
                    sum += x.at(i[0], t, group * channels + c) * weight.at(i[2], j, c);
                }
            }
            return sum;
        });
    }
}
