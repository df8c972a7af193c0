package dev.rondo.train.gradient;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Node;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;

/** Gradients of {@link Structure}: cotangents go back to where elements came from, and add up there. */
final class StructureGradient {
    private StructureGradient() {}

    /** The cotangents of a node's inputs. */
    static List<Value> of(Structure op, Node node, Value dy, Tape t) {
        Emitter e = t.emit;
        return switch (op) {
            case Structure.Concat(int axis) -> concat(axis, node, dy, t);
            case Structure.Slice(int axis, Dim start, Dim _, int step) -> {
                Dim size = node.inputs().getFirst().type().dim(axis);
                yield List.of(inF32(dy, e, d -> e.add(new Training.SliceBackward(axis, start, size, step), d)));
            }
            case Structure.Reshape _ ->
                List.of(e.reshape(dy, node.inputs().getFirst().type().dims()));
            case Structure.Transpose(var permutation) -> {
                var inverse = new ArrayList<>(Collections.nCopies(permutation.size(), 0));
                for (int d = 0; d < permutation.size(); d++) {
                    inverse.set(permutation.get(d), d);
                }
                yield List.of(e.add(new Structure.Transpose(inverse), dy));
            }
            case Structure.Expand _ ->
                List.of(e.sumTo(dy, node.inputs().getFirst().type()));
            case Structure.Pad pad -> {
                Dim size = node.inputs().getFirst().type().dim(pad.axis());
                yield List.of(inF32(dy, e, d -> pad(pad, size, d, e)));
            }
            case Structure.Gather() -> {
                Value index = node.inputs().get(1);
                Dim rows = node.inputs().getFirst().type().dim(0);
                yield List.of(inF32(dy, e, d -> e.add(new Training.GatherBackward(rows), d, index)), Value.ABSENT);
            }
            case Structure.Pick() -> {
                Value index = node.inputs().get(1);
                Dim size = node.inputs().getFirst().type().dim(-1);
                yield List.of(inF32(dy, e, d -> e.add(new Training.PickBackward(size), d, index)), Value.ABSENT);
            }
            case Structure.LengthMask _ -> List.of(Value.ABSENT);
            case Structure.Fill _, Structure.Size _ -> List.of();
        };
    }

    /** The operators that put cotangents in place are of f32; f64 goes through them as f32. */
    private static Value inF32(Value dy, Emitter e, UnaryOperator<Value> gradient) {
        return e.cast(gradient.apply(e.cast(dy, ElementType.F32)), dy.type().element());
    }

    private static List<Value> concat(int axis, Node node, Value dy, Tape t) {
        var back = new ArrayList<Value>();
        Dim start = Dim.of(0);
        for (Value part : node.inputs()) {
            Dim from = start;
            Dim size = part.type().dim(axis);
            back.add(t.wanted(part, () -> t.emit.slice(dy, axis, from, size)));
            start = start.plus(size);
        }
        return back;
    }

    private static Value pad(Structure.Pad op, Dim size, Value dy, Emitter e) {
        int axis = op.axis();
        int before = op.before();
        Value inside = e.slice(dy, axis, Dim.of(before), size);
        Dim behind = size.plus(before);
        return switch (op.mode()) {
            case ZERO -> inside;
            case EDGE -> {
                Value dx = inside;
                if (before > 0) {
                    Value first = e.sum(e.slice(dy, axis, 0, before), axis, true);
                    dx = e.plus(dx, e.add(new Training.SliceBackward(axis, Dim.of(0), size, 1), first));
                }
                if (op.after() > 0) {
                    Value last = e.sum(e.slice(dy, axis, behind, Dim.of(op.after())), axis, true);
                    dx = e.plus(dx, e.add(new Training.SliceBackward(axis, size.plus(-1), size, 1), last));
                }
                yield dx;
            }
            case REFLECT -> {
                Value dx = inside;
                if (before > 0) {
                    Value mirrored = mirrored(dy, axis, Dim.of(0), before, e);
                    dx = e.plus(dx, e.add(new Training.SliceBackward(axis, Dim.ONE, size, 1), mirrored));
                }
                if (op.after() > 0) {
                    Value mirrored = mirrored(dy, axis, behind, op.after(), e);
                    Dim start = size.plus(-1L - op.after());
                    dx = e.plus(dx, e.add(new Training.SliceBackward(axis, start, size, 1), mirrored));
                }
                yield dx;
            }
        };
    }

    /** Elements of an axis in reverse order. */
    private static Value mirrored(Value x, int axis, Dim start, int length, Emitter e) {
        var parts = new ArrayList<Value>();
        for (int i = length - 1; i >= 0; i--) {
            parts.add(e.slice(x, axis, start.plus(i), Dim.ONE));
        }
        return e.concat(axis, parts);
    }
}
