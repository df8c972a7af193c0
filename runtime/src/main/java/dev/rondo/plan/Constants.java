package dev.rondo.plan;

import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Packing;
import dev.rondo.format.Tensor;
import dev.rondo.graph.Dim;
import dev.rondo.graph.ValueType;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import dev.rondo.kernel.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The weights of a model as kernels want them. A tensor that already lies in the wanted encoding and layout is used in
 * place; what has to be derived (a bias in panel order, a repacked matrix) is made once and shared by all sessions.
 * Safe for use by several threads.
 */
public final class Constants {
    private record Key(String use, List<String> tensors, int groups) {}

    private final Map<String, Tensor> tensors;
    private final Arena arena = Arena.ofAuto();
    private final Map<Key, Object> derived = new ConcurrentHashMap<>();

    public Constants(Map<String, Tensor> tensors) {
        this.tensors = Map.copyOf(tensors);
    }

    /** The type that functions see of each tensor: what its encoding decodes to. */
    public Map<String, ValueType> types() {
        var types = new LinkedHashMap<String, ValueType>();
        tensors.forEach((name, tensor) -> types.put(
                name,
                new ValueType(
                        tensor.encoding().elementType(),
                        tensor.shape().stream().map(Dim::of).toList())));
        return types;
    }

    Tensor tensor(String name) {
        return tensors.get(name);
    }

    /** The elements as dense rows of the type functions see. */
    MemorySegment dense(String name) {
        Tensor tensor = tensors.get(name);
        boolean inPlace = tensor.layout() instanceof Layout.Rows
                && switch (tensor.encoding()) {
                    case F32, F64, I32, I64, BOOL -> true;
                    case F16, BF16, INT8 -> false;
                };
        if (inPlace) {
            return tensor.data();
        }
        return (MemorySegment) derive("dense", List.of(name), 1, () -> floats(tensor.toFloats()));
    }

    /** The matrix for products with its gates side by side. */
    Weights weights(String name, int groups) {
        Tensor tensor = tensors.get(name);
        boolean fits = tensor.layout().equals(new Layout.Panels(groups))
                || (groups == 1 && tensor.layout() instanceof Layout.Rows);
        boolean packed = tensor.encoding().elementType() == ElementType.F32;
        if (fits && packed) {
            return Weights.of(tensor);
        }
        return (Weights) derive("weights", List.of(name), groups, () -> repack(tensor, groups));
    }

    /** A table whose rows are gathered. */
    Weights table(String name) {
        return Weights.of(tensors.get(name));
    }

    /**
     * One row, or several, in panel order with zero padding: [rows, groups*blocks*16] from [rows, groups*size].
     *
     * @param name of a tensor of rank 1, f32
     */
    MemorySegment panelRow(String name, int groups) {
        return (MemorySegment) derive("panel row", List.of(name), groups, () -> {
            float[] values = tensors.get(name).toFloats();
            return floats(panelOrder(values, groups, groups, 0));
        });
    }

    /** The hidden bias of a GRU's candidate as a row of three gates: zero for r and z. */
    MemorySegment gruHiddenBias(String name) {
        return (MemorySegment) derive("gru hidden bias", List.of(name), 3, () -> {
            float[] values = tensors.get(name).toFloats();
            return floats(panelOrder(values, 1, 3, 2));
        });
    }

    /**
     * An embedding folded into the input weights: row v is {@code W table[v] + bias} in panel order. Plain kernels make
     * it: in a young JVM, which is where a model is opened, they are a hundred times faster than vector kernels, and
     * sessions of both kinds share the table.
     */
    Weights folded(String table, String weight, MemorySegment panelBias, int groups) {
        Kernels kernels = Kernels.plain();
        // Before the map is entered: what is derived inside must not derive.
        Weights rows = Weights.of(tensors.get(table));
        Weights input = weights(weight, groups);
        List<String> names = List.of(table, weight, panelBias == null ? "" : "" + panelBias.address());
        return (Weights) derive("folded", names, groups, () -> {
            int padded = RecurrentCell.gateWidth(groups, input.rows() / groups);
            MemorySegment out =
                    Operand.memory(arena, "folded tensor " + table, (long) rows.rows() * padded * Float.BYTES);
            MemorySegment index = arena.allocate(Operand.ALIGNMENT, Operand.ALIGNMENT);
            View indexView = new View(index, 0, 1, 1, Integer.BYTES);
            View row = View.f32(arena.allocate(Math.max(1, rows.columns()) * 4L, Operand.ALIGNMENT), 1, rows.columns());
            View bias = panelBias == null ? null : View.f32(panelBias, 1, padded);
            View result = View.f32(out, 1, padded);
            MemorySegment scratch = Operand.scratch(arena, input);
            for (int v = 0; v < rows.rows(); v++) {
                index.set(ValueLayout.JAVA_INT, 0, v);
                kernels.gather(rows, indexView, row);
                kernels.linear(row, input, bias, scratch, result.at((long) v * padded * Float.BYTES));
            }
            return new Weights(out, Encoding.F32, new Layout.Rows(), rows.rows(), padded);
        });
    }

    private Weights repack(Tensor tensor, int groups) {
        // Requantising could move int8 values; the other encodings keep every value.
        Encoding encoding = tensor.encoding() == Encoding.INT8 ? Encoding.F32 : tensor.encoding();
        Layout layout = new Layout.Panels(groups);
        long bytes = Packing.byteSize(encoding, layout, tensor.rows(), tensor.columns());
        MemorySegment out =
                Operand.memory(arena, "packed tensor " + tensor.name(), bytes).asSlice(0, bytes);
        Packing.pack(tensor.toFloats(), tensor.rows(), tensor.columns(), encoding, layout, out);
        return new Weights(out, encoding, layout, tensor.rows(), tensor.columns());
    }

    private MemorySegment floats(float[] values) {
        MemorySegment out = arena.allocate(Math.max(1, values.length) * 4L, Operand.ALIGNMENT);
        MemorySegment.copy(values, 0, out, ValueLayout.JAVA_FLOAT, 0, values.length);
        return out;
    }

    /** Puts {@code given} gates, the first at place {@code first}, among {@code groups} gates in panel order. */
    private static float[] panelOrder(float[] values, int given, int groups, int first) {
        int size = values.length / given;
        int blocks = (size + Weights.PANEL - 1) / Weights.PANEL;
        var out = new float[groups * blocks * Weights.PANEL];
        for (int g = 0; g < given; g++) {
            for (int i = 0; i < size; i++) {
                out[panelIndex(groups, first + g, i)] = values[g * size + i];
            }
        }
        return out;
    }

    /** Where element i of a gate lies in panel order. */
    static int panelIndex(int groups, int gate, int i) {
        return ((i / Weights.PANEL) * groups + gate) * Weights.PANEL + i % Weights.PANEL;
    }

    private Object derive(String use, List<String> names, int groups, Supplier<Object> make) {
        return derived.computeIfAbsent(new Key(use, names, groups), key -> make.get());
    }
}
