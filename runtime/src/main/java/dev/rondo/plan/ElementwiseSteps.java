package dev.rondo.plan;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Elementwise;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.Scalars;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Binds elementwise operators: f32 to the kernels, other element types to plain loops. */
final class ElementwiseSteps {
    private ElementwiseSteps() {}

    static Step bind(Elementwise op, List<Operand> in, Operand out, Kernels kernels) {
        ElementType element = in.getFirst().type.element();
        boolean f32 = element == ElementType.F32;
        return switch (op) {
            case Elementwise.Unary(var function) ->
                new BroadcastStep(in, out, false) {
                    @Override
                    void kernel() {
                        if (f32) {
                            kernels.unary(function, views[0], outView);
                        } else {
                            Scalars.unary(function, element, views[0], outView);
                        }
                    }
                };
            case Elementwise.Activate(var activation) ->
                new BroadcastStep(in, out, false) {
                    @Override
                    void kernel() {
                        kernels.activate(activation, views[0], outView);
                    }
                };
            case Elementwise.Binary(var function) ->
                new BroadcastStep(in, out, false) {
                    @Override
                    void kernel() {
                        if (f32) {
                            kernels.binary(function, views[0], views[1], outView);
                        } else {
                            Scalars.binary(function, element, views[0], views[1], outView);
                        }
                    }
                };
            case Elementwise.Compare(var comparison) ->
                new BroadcastStep(in, out, false) {
                    @Override
                    void kernel() {
                        Scalars.compare(comparison, element, views[0], views[1], outView);
                    }
                };
            case Elementwise.Where() ->
                new BroadcastStep(in, out, false) {
                    @Override
                    void kernel() {
                        Scalars.where(out.type.element(), views[0], views[1], views[2], outView);
                    }
                };
            case Elementwise.Cast(var to) ->
                new BroadcastStep(in, out, false) {
                    @Override
                    void kernel() {
                        Scalars.cast(element, to, views[0], outView);
                    }
                };
            case Elementwise.Not() -> new Not(in.getFirst(), out);
        };
    }

    private static final class Not extends Step {
        private final Operand x;
        private final Operand out;

        Not(Operand x, Operand out) {
            this.x = x;
            this.out = out;
        }

        @Override
        public void resize() {}

        @Override
        public void run() {
            int count = out.count();
            for (int i = 0; i < count; i++) {
                byte value = x.segment.get(ValueLayout.JAVA_BYTE, i);
                out.segment.set(ValueLayout.JAVA_BYTE, i, (byte) (value == 0 ? 1 : 0));
            }
        }
    }
}
