package dev.rondo.convert.rtneural;

import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.format.Encoding;
import java.util.List;
import java.util.Optional;

/**
 * Numbers in nested lists.
 *
 * @param shape  from the outermost list to the innermost; empty of a number without a list
 * @param values row-major
 */
record JsonTensor(List<Integer> shape, float[] values) {

    /** As it is. */
    SourceTensor named(String name) {
        return named(name, shape, values);
    }

    /** With the axes the other way round: {@code [in, out]} becomes {@code [out, in]}. */
    SourceTensor reversed(String name) {
        int rank = shape.size();
        float[] out = new float[values.length];
        int[] index = new int[rank];
        for (float value : values) {
            int at = 0;
            for (int axis = rank - 1; axis >= 0; axis--) {
                at = at * shape.get(axis) + index[axis];
            }
            out[at] = value;
            for (int axis = rank - 1; axis >= 0 && ++index[axis] == shape.get(axis); axis--) {
                index[axis] = 0;
            }
        }
        return named(name, shape.reversed(), out);
    }

    /** Row i of the outermost list. */
    SourceTensor row(String name, int i) {
        int size = values.length / shape.getFirst();
        float[] out = new float[size];
        System.arraycopy(values, i * size, out, 0, size);
        return named(name, shape.subList(1, shape.size()), out);
    }

    /** All numbers in one list. */
    SourceTensor flat(String name) {
        return named(name, List.of(values.length), values);
    }

    private static SourceTensor named(String name, List<Integer> shape, float[] values) {
        return new SourceTensor(
                name,
                shape.stream().map(Integer::longValue).toList(),
                "JSON numbers",
                Optional.of(Encoding.F32),
                (first, to, at, count) -> System.arraycopy(values, Math.toIntExact(first), to, at, count));
    }
}
