package dev.rondo.train.gradient;

import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Node;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** Gradients of {@link Contraction}: products of the cotangent with the other factor. */
final class ContractionGradient {
    private ContractionGradient() {}

    /** The cotangents of a node's inputs. */
    static List<Value> of(Contraction op, Node node, Value dy, Tape t) {
        return switch (op) {
            case Contraction.Linear() -> linear(node, dy, t);
            case Contraction.MatMul(boolean transposeB) -> matMul(transposeB, node, dy, t);
            case Contraction.Conv1d conv -> conv1d(conv, node, dy, t);
        };
    }

    /** {@code dx = dy W}, {@code dW = Σ dyᵀ x}, {@code db = Σ dy}. */
    private static List<Value> linear(Node node, Value dy, Tape t) {
        Value x = node.input("x");
        Value weight = node.input("weight");
        Value bias = node.input("bias");
        return List.of(
                t.wanted(x, () -> t.emit.product(dy, weight)),
                t.wanted(weight, () -> t.emit.outerSum(dy, x)),
                t.wanted(bias, () -> t.emit.sumTo(dy, bias.type())));
    }

    /** {@code da = dy bᵀ}, {@code db = aᵀ dy}; of a bᵀ {@code da = dy b}, {@code db = dyᵀ a}. */
    private static List<Value> matMul(boolean transposeB, Node node, Value dy, Tape t) {
        Emitter e = t.emit;
        Value a = node.input("a");
        Value b = node.input("b");
        Value da = t.wanted(a, () -> e.sumTo(e.add(new Contraction.MatMul(!transposeB), dy, b), a.type()));
        Value db = t.wanted(b, () -> {
            Value left = transposeB ? dy : a;
            Value right = transposeB ? a : dy;
            boolean shared = b.type().rank() == 2
                    && a.type()
                            .dims()
                            .subList(0, a.type().rank() - 1)
                            .equals(dy.type().dims().subList(0, dy.type().rank() - 1));
            return shared
                    ? e.outerSum(left, right)
                    : e.sumTo(e.add(new Contraction.MatMul(false), e.transposed(left), right), b.type());
        });
        return List.of(da, db);
    }

    /**
     * As a product of windows: with the steps that each tap sees side by side, {@code y = windows Wᵀ} in each group, so
     * {@code dW = Σ dyᵀ windows} and {@code dwindows = dy W}, which goes back to the steps it was taken from.
     */
    private static List<Value> conv1d(Contraction.Conv1d op, Node node, Value dy, Tape t) {
        Emitter e = t.emit;
        Value x = node.input("x");
        Value weight = node.input("weight");
        Value bias = node.input("bias");
        long outputs = weight.type().dim(0).fixed() / op.groups();
        long taps = weight.type().dim(1).fixed();
        long channels = weight.type().dim(2).fixed();
        var windows = new Windows(
                x.type().dim(1), dy.type().dim(1), (int) taps, op.stride(), op.dilation(), op.before(), op.after());
        var dx = new ArrayList<Value>();
        var dw = new ArrayList<Value>();
        for (int g = 0; g < op.groups(); g++) {
            Value dyOfGroup = e.slice(dy, 2, g * outputs, outputs);
            if (t.wants(weight)) {
                List<Value> seen = windows.take(e.slice(x, 2, g * channels, channels), e);
                Value flat = e.outerSum(dyOfGroup, e.concat(2, seen));
                dw.add(e.reshape(flat, List.of(Dim.of(outputs), Dim.of(taps), Dim.of(channels))));
            }
            if (t.wants(x)) {
                Value own = e.slice(weight, 0, g * outputs, outputs);
                Value flat = e.product(dyOfGroup, e.reshape(own, List.of(Dim.of(outputs), Dim.of(taps * channels))));
                var back = new ArrayList<Value>();
                for (int j = 0; j < taps; j++) {
                    back.add(e.slice(flat, 2, j * channels, channels));
                }
                dx.add(windows.putBack(back, e));
            }
        }
        return List.of(
                t.wanted(x, () -> e.concat(2, dx)),
                t.wanted(weight, () -> e.concat(0, dw)),
                t.wanted(bias, () -> e.sumTo(dy, bias.type())));
    }
}
