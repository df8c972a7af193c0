package dev.rondo.train.step;

import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Node;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import dev.rondo.plan.Binder;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Step;
import java.util.ArrayList;
import java.util.List;

/**
 * The input's share of the pre-activations of a recurrent layer, {@code W x + b}. Where anything has to be computed it stands in the memory of the
 * gates, which take its place step by step.
 */
final class InputShare {
    private final Operand source;
    private final List<Step> steps;

    private InputShare(Operand source, List<Step> steps) {
        this.source = source;
        this.steps = steps;
    }

    /**
     * Takes x, weight_input and bias of a node.
     *
     * @param operand where the gates of all steps will be
     * @param count how many gates there are
     */
    static InputShare of(Node node, Operand operand, int count, Binder binder) {
        Operand x = binder.operand(node.input("x"));
        Operand bias = binder.operand(node.input("bias"));
        var steps = new ArrayList<Step>();
        if (!node.input("weight_input").isAbsent()) {
            PackStep pack = PackStep.of(node, "weight_input", 0, count, count, false, binder);
            steps.add(pack);
            steps.add(new Product(x, pack, bias, operand, binder.kernels()));
            return new InputShare(operand, steps);
        }
        if (bias != null) {
            steps.add(new Sum(x, bias, operand, binder.kernels()));
            return new InputShare(operand, steps);
        }
        return new InputShare(x, steps);
    }

    /** Where it stands: x itself or the gates. */
    Operand source() {
        return source;
    }

    /** What must be done before the first step. */
    List<Step> steps() {
        return steps;
    }

    private static final class Product extends Step {
        private final Operand x;
        private final PackStep pack;
        private final Operand out;
        private final View from;
        private final View bias;
        private final View to;
        private final Kernels kernels;

        Product(Operand x, PackStep pack, Operand bias, Operand out, Kernels kernels) {
            this.x = x;
            this.pack = pack;
            this.out = out;
            this.from = x.view();
            this.bias = bias == null ? null : View.f32(bias.segment(), 1, bias.count());
            this.to = out.view();
            this.kernels = kernels;
        }

        @Override
        public void resize() {
            int rows = out.product(0, 2);
            x.asMatrix(from, rows, pack.weights().columns());
            out.asMatrix(to, rows, pack.weights().rows());
        }

        @Override
        public void run() {
            if (!out.isEmpty()) {
                kernels.linear(from, pack.weights(), bias, to);
            }
        }
    }

    private static final class Sum extends Step {
        private final Operand x;
        private final Operand out;
        private final View from;
        private final View bias;
        private final View to;
        private final Kernels kernels;

        Sum(Operand x, Operand bias, Operand out, Kernels kernels) {
            this.x = x;
            this.out = out;
            this.from = x.view();
            this.bias = View.f32(bias.segment(), 1, bias.count());
            this.bias.rowStride = 0;
            this.to = out.view();
            this.kernels = kernels;
        }

        @Override
        public void resize() {
            x.asRows(from);
            out.asRows(to);
            bias.rows = to.rows;
        }

        @Override
        public void run() {
            if (!out.isEmpty()) {
                kernels.binary(BinaryFunction.ADD, from, bias, to);
            }
        }
    }
}
