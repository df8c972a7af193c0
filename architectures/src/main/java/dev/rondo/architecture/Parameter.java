package dev.rondo.architecture;

import dev.rondo.error.InputException;
import dev.rondo.format.Layout;
import java.util.List;
import java.util.Map;

/**
 * A tensor of a model: its name, what it is for, and its shape.
 *
 * @param role   in the first place that has it
 * @param groups gates below each other in its rows; 1 for what has none
 * @param shared whether a table is the matrix of a product too: an embedding tied to the output
 */
public record Parameter(String name, ParameterRole role, List<Integer> shape, int groups, boolean shared) {
    /** Copies the shape. */
    public Parameter {
        shape = List.copyOf(shape);
    }

    /**
     * Adds a parameter of one group, unless one of that name is there: what two places share counts once.
     *
     * @throws InputException when the one that is there has another shape
     */
    public static void add(Map<String, Parameter> all, String name, ParameterRole role, Integer... shape) {
        new Parameter(name, role, List.of(shape), 1, false).addTo(all);
    }

    /** Adds this one in the same way. */
    void addTo(Map<String, Parameter> all) {
        Parameter known = all.putIfAbsent(name, this);
        if (known != null && known.role != role && known.rows() != rows()) {
            all.replace(name, new Parameter(name, known.role, known.shape, Math.max(groups, known.groups), true));
        }
        if (known != null && !known.shape.equals(shape)) {
            throw new InputException(
                    "parameter '" + name + "'",
                    "places that share it want one shape",
                    known.shape + " (" + known.role + ") and " + shape + " (" + role + ")",
                    "make their sizes equal, or give them tensors of their own");
        }
    }

    /** The layout that the kernels of a step want. A product reads all of a matrix, a look-up one row: what is both is for the product. */
    public Layout layout() {
        return rows() && !shared ? new Layout.Rows() : new Layout.Panels(groups);
    }

    /** Whether the place that it is for takes it row by row. */
    private boolean rows() {
        return switch (role) {
            case WEIGHT_INPUT, WEIGHT_HIDDEN, PROJECTION, LINEAR, OUTPUT -> false;
            case EMBEDDING, CONVOLUTION, BIAS, HIDDEN_BIAS, PEEPHOLES, OUTPUT_BIAS, VECTOR, GAIN, STATISTIC -> true;
        };
    }
}
