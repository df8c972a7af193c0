package dev.rondo.plan;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Node;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import java.util.ArrayList;
import java.util.List;

/**
 * Elementwise f32 operators of one shape in a row, run tile by tile: what lies between them stays in the first-level
 * cache and has no buffer.
 */
final class ChainStep extends Step {
    /** Elements of a tile: 8 KiB, so that three operands fit a first-level cache. */
    private static final int TILE = 2048;

    /** One operator; an operand is null where it is what the stage before made. */
    private record Stage(Elementwise op, Operand[] operands, View[] views) {}

    private final List<Stage> stages;
    private final Operand out;
    private final View outView;
    private final View tile;
    private final Kernels kernels;
    private int count;

    ChainStep(List<Node> chain, Binder binder) {
        this.kernels = binder.kernels;
        this.out = binder.operand(chain.getLast().outputs().getFirst());
        this.outView = out.view();
        this.tile = new View(binder.arena.allocate(TILE * 4L, Operand.ALIGNMENT), 0, 1, 0, 0);
        this.stages = new ArrayList<>();
        Value running = null;
        for (Node node : chain) {
            int inputs = node.inputs().size();
            var operands = new Operand[inputs];
            var views = new View[inputs];
            for (int i = 0; i < inputs; i++) {
                boolean isRunning = node.inputs().get(i).equals(running);
                operands[i] = isRunning ? null : binder.operand(node.inputs().get(i));
                views[i] = isRunning ? tile : operands[i].view();
            }
            stages.add(new Stage((Elementwise) node.op(), operands, views));
            running = node.outputs().getFirst();
        }
    }

    /** Whether an operator can be part of a chain: f32, every operand of the result's shape or a single element. */
    static boolean fits(Node node) {
        boolean arithmetic = node.op() instanceof Elementwise.Unary
                || node.op() instanceof Elementwise.Binary
                || node.op() instanceof Elementwise.Activate;
        ValueType type = node.outputs().getFirst().type();
        return arithmetic && type.element() == ElementType.F32 && areOfTypeOrSingle(node.inputs(), type);
    }

    private static boolean areOfTypeOrSingle(List<Value> values, ValueType type) {
        for (Value value : values) {
            if (!value.type().equals(type) && !isSingle(value.type())) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSingle(ValueType type) {
        for (Dim dim : type.dims()) {
            if (!dim.is(1)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void resize() {
        count = out.count();
    }

    @Override
    public void run() {
        for (int at = 0; at < count; at += TILE) {
            int size = Math.min(TILE, count - at);
            tile.window(1, size);
            for (int s = 0; s < stages.size(); s++) {
                Stage stage = stages.get(s);
                for (int i = 0; i < stage.views.length; i++) {
                    if (stage.operands[i] != null) {
                        boolean single = stage.operands[i].count() == 1;
                        stage.views[i].at(single ? 0 : at * 4L).window(1, single ? 1 : size);
                    }
                }
                View to = s == stages.size() - 1 ? outView.at(at * 4L).window(1, size) : tile;
                apply(stage, to);
            }
        }
    }

    private void apply(Stage stage, View to) {
        switch (stage.op) {
            case Elementwise.Unary(var function) -> kernels.unary(function, stage.views[0], to);
            case Elementwise.Activate(var activation) -> kernels.activate(activation, stage.views[0], to);
            case Elementwise.Binary(var function) -> kernels.binary(function, stage.views[0], stage.views[1], to);
            case Elementwise.Compare _, Elementwise.Where _, Elementwise.Cast _, Elementwise.Not _ ->
                throw new IllegalStateException("not part of a chain: " + stage.op);
        }
    }
}
