package dev.rondo.tests.oracle;

import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Structure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/** Equations of {@link Structure}. */
final class StructureMeaning {
    private StructureMeaning() {}

    static NdArray of(Structure op, Arguments in, ToLongFunction<String> sizes) {
        return switch (op) {
            case Structure.Concat(int axis) ->
                concat(in.values(), in.values().getFirst().axis(axis));
            case Structure.Slice(int axis, var start, var length, int step) ->
                slice(in.the("x"), axis, (int) start.evaluate(sizes), (int) length.evaluate(sizes), step);
            case Structure.Reshape(var dims) ->
                in.the("x").reshape(Interpreter.shape(dims, sizes).toArray(Integer[]::new));
            case Structure.Transpose(var permutation) -> transpose(in.the("x"), permutation);
            case Structure.Expand(var dims) -> {
                NdArray x = in.the("x");
                yield NdArray.tabulate(x.element(), Interpreter.shape(dims, sizes), x::broadcastAt);
            }
            case Structure.Pad pad -> pad(pad, in.the("x"));
            case Structure.Gather() -> gather(in.the("table"), in.the("index"));
            case Structure.Pick() -> {
                NdArray x = in.the("x");
                NdArray index = in.the("index");
                yield NdArray.tabulate(x.element(), index.shape(), i -> {
                    int[] at = Arrays.copyOf(i, i.length + 1);
                    at[i.length] = checked(index.at(i), x.size(-1));
                    return x.at(at);
                });
            }
            case Structure.Fill(ElementType element, double value, var dims) ->
                NdArray.tabulate(element, Interpreter.shape(dims, sizes), i -> value);
            case Structure.Size(var dim, ElementType element) ->
                NdArray.tabulate(element, List.of(), i -> dim.evaluate(sizes));
            case Structure.LengthMask(var size) -> {
                NdArray lengths = in.the("lengths");
                List<Integer> shape = List.of(lengths.size(0), (int) size.evaluate(sizes));
                yield NdArray.tabulate(ElementType.BOOL, shape, i -> i[1] < lengths.at(i[0]) ? 1 : 0);
            }
        };
    }

    private static NdArray concat(List<NdArray> parts, int axis) {
        NdArray first = parts.getFirst();
        int total = parts.stream().mapToInt(p -> p.size(axis)).sum();
        return NdArray.tabulate(first.element(), NdArray.withAxis(first.shape(), axis, total), i -> {
            int[] at = i.clone();
            int part = 0;
            while (at[axis] >= parts.get(part).size(axis)) {
                at[axis] -= parts.get(part++).size(axis);
            }
            return parts.get(part).at(at);
        });
    }

    private static NdArray slice(NdArray x, int axis, int start, int length, int step) {
        int along = x.axis(axis);
        return NdArray.tabulate(x.element(), NdArray.withAxis(x.shape(), along, length), i -> {
            int[] at = i.clone();
            at[along] = start + step * i[along];
            return x.at(at);
        });
    }

    private static NdArray transpose(NdArray x, List<Integer> permutation) {
        List<Integer> shape = permutation.stream().map(x::size).toList();
        return NdArray.tabulate(x.element(), shape, i -> {
            int[] at = new int[i.length];
            for (int d = 0; d < i.length; d++) {
                at[permutation.get(d)] = i[d];
            }
            return x.at(at);
        });
    }

    private static NdArray pad(Structure.Pad op, NdArray x) {
        int axis = x.axis(op.axis());
        int size = x.size(axis);
        List<Integer> shape = NdArray.withAxis(x.shape(), axis, op.before() + size + op.after());
        return NdArray.tabulate(x.element(), shape, i -> {
            int[] at = i.clone();
            int from = i[axis] - op.before();
            boolean inside = from >= 0 && from < size;
            at[axis] = switch (op.mode()) {
                case ZERO -> from;
                case EDGE -> Math.clamp(from, 0, size - 1);
                case REFLECT -> from < 0 ? -from : from < size ? from : 2 * (size - 1) - from;
            };
            return op.mode() == Structure.PadMode.ZERO && !inside ? 0 : x.at(at);
        });
    }

    private static NdArray gather(NdArray table, NdArray index) {
        var shape = new ArrayList<>(index.shape());
        shape.addAll(table.shape().subList(1, table.rank()));
        return NdArray.tabulate(table.element(), shape, i -> {
            int[] at = new int[table.rank()];
            at[0] = checked(index.at(Arrays.copyOf(i, index.rank())), table.size(0));
            System.arraycopy(i, index.rank(), at, 1, table.rank() - 1);
            return table.at(at);
        });
    }

    private static int checked(double index, int size) {
        if (index < 0 || index >= size) {
            throw new InputException("index", "is from 0 to " + (size - 1), "" + (long) index, "check the ids");
        }
        return (int) index;
    }
}
