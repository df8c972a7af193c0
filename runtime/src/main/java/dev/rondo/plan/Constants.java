package dev.rondo.plan;

import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Packing;
import dev.rondo.format.Tensor;
import dev.rondo.graph.Dim;
import dev.rondo.graph.ValueType;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.Memory;
import dev.rondo.kernel.View;
import dev.rondo.kernel.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights of a model as kernels want them. A tensor that already lies in the wanted encoding and layout is used in
 * place; what has to be derived (a bias in panel order, a repacked matrix) is made once and shared by all sessions.
 * Safe for use by several threads.
 */
public final class Constants {
    /** Input weights of so many elements are folded in arrays: 16 MiB. */
    private static final long MAX_IN_ARRAYS = 1 << 22;

    private final Map<String, Tensor> tensors;
    private final Arena arena = Arena.ofAuto();
    private final Map<List<?>, MemorySegment> segments = new HashMap<>();
    private final Map<List<?>, Weights> matrices = new HashMap<>();

    public Constants(Map<String, Tensor> tensors) {
        this.tensors = Map.copyOf(tensors);
    }

    /** The type that functions see of each tensor: what its encoding decodes to. */
    public Map<String, ValueType> types() {
        var types = new LinkedHashMap<String, ValueType>();
        for (Tensor tensor : tensors.values()) {
            types.put(tensor.name(), new ValueType(tensor.encoding().elementType(), Dim.ofAll(tensor.shape())));
        }
        return types;
    }

    Tensor tensor(String name) {
        return tensors.get(name);
    }

    /** The elements as dense rows of the type functions see. */
    synchronized MemorySegment dense(String name) {
        Tensor tensor = tensors.get(name);
        Encoding encoding = tensor.encoding();
        if (tensor.layout() instanceof Layout.Rows && encoding == Encoding.of(encoding.elementType())) {
            return tensor.data();
        }
        List<?> use = List.of("dense", name);
        MemorySegment dense = segments.get(use);
        if (dense == null) {
            dense = floats(tensor.toFloats());
            segments.put(use, dense);
        }
        return dense;
    }

    /** The matrix for products with its gates side by side; rows serve as they are where they are f32. */
    synchronized Weights weights(String name, int groups) {
        Tensor tensor = tensors.get(name);
        boolean panels = tensor.layout() instanceof Layout.Panels;
        boolean inPlace =
                panels && tensor.encoding().elementType() == ElementType.F32 || tensor.encoding() == Encoding.F32;
        if (inPlace && tensor.layout().groups() == groups) {
            return Weights.of(tensor);
        }
        return packed(tensor, groups);
    }

    /** The matrix for products of many rows, in panels. */
    synchronized Weights panels(String name) {
        Weights weights = weights(name, 1);
        return weights.panels() ? weights : packed(tensors.get(name), 1);
    }

    private Weights packed(Tensor tensor, int groups) {
        List<?> use = List.of("weights", tensor.name(), groups);
        Weights packed = matrices.get(use);
        if (packed == null) {
            packed = repack(tensor, groups);
            matrices.put(use, packed);
        }
        return packed;
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
        return panelRow(name, groups, groups, 0);
    }

    /** The hidden bias of a GRU's candidate as a row of three gates: zero for r and z. */
    MemorySegment gruHiddenBias(String name) {
        return panelRow(name, 1, 3, 2);
    }

    private synchronized MemorySegment panelRow(String name, int given, int groups, int first) {
        List<?> use = List.of("panel row", name, given, groups, first);
        MemorySegment row = segments.get(use);
        if (row == null) {
            row = floats(panelOrder(tensors.get(name).toFloats(), given, groups, first));
            segments.put(use, row);
        }
        return row;
    }

    /**
     * An embedding folded into the input weights: row v is {@code W table[v] + bias} in panel order, with the sums of the
     * plain kernels. Sessions of both kinds share the table.
     */
    synchronized Weights folded(String table, String weight, MemorySegment panelBias, int groups) {
        List<?> use = List.of("folded", table, weight, panelBias == null ? 0L : panelBias.address(), groups);
        Weights folded = matrices.get(use);
        if (folded == null) {
            Weights input = weights(weight, groups);
            boolean small = (long) input.columns() * input.paddedRows() <= MAX_IN_ARRAYS;
            folded = small && input.encoding() != Encoding.INT8
                    ? fold(tensors.get(table), tensors.get(weight), panelBias, groups)
                    : foldByKernel(table, input, panelBias);
            matrices.put(use, folded);
        }
        return folded;
    }

    /** In arrays: a JVM that has not compiled a loop yet takes ten times as long for one over segments. */
    private Weights fold(Tensor table, Tensor weight, MemorySegment panelBias, int groups) {
        int columns = weight.columns();
        int size = weight.rows() / groups;
        int padded = RecurrentCell.gateWidth(groups, size);
        float[] values = weight.toFloats();
        var input = new float[columns * padded];
        for (int n = 0; n < weight.rows(); n++) {
            int at = panelIndex(groups, n / size, n % size);
            for (int k = 0; k < columns; k++) {
                input[k * padded + at] = values[n * columns + k];
            }
        }
        var bias = new float[padded];
        if (panelBias != null) {
            asBuffer(panelBias).get(bias);
        }
        float[] rows = table.toFloats();
        MemorySegment out =
                Operand.memory(arena, "folded tensor " + table.name(), (long) table.rows() * padded * Float.BYTES);
        FloatBuffer results = asBuffer(out);
        for (int v = 0; v < table.rows(); v++) {
            float[] sums = bias.clone();
            for (int k = 0; k < columns; k++) {
                addProducts(rows[v * columns + k], input, k * padded, sums);
            }
            results.put(sums);
        }
        return new Weights(out, Encoding.F32, new Layout.Rows(), table.rows(), padded);
    }

    private static void addProducts(float factor, float[] row, int from, float[] sums) {
        for (int n = 0; n < sums.length; n++) {
            sums[n] += factor * row[from + n];
        }
    }

    /** Copies of a segment's own would begin with a pattern switch, which a young JVM takes ten milliseconds for. */
    private static FloatBuffer asBuffer(MemorySegment floats) {
        return floats.asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    /** What is large, and int8, whose kernel makes whole numbers of x too. */
    private Weights foldByKernel(String table, Weights input, MemorySegment panelBias) {
        Kernels kernels = Kernels.plain();
        Weights rows = Weights.of(tensors.get(table));
        int padded = RecurrentCell.gateWidth(input.groups(), input.groupSize());
        MemorySegment out = Operand.memory(arena, "folded tensor " + table, (long) rows.rows() * padded * Float.BYTES);
        MemorySegment index = arena.allocate(Operand.ALIGNMENT, Operand.ALIGNMENT);
        View indexView = new View(index, 0, 1, 1, Integer.BYTES);
        View row = View.f32(arena.allocate(Math.max(1, rows.columns()) * 4L, Operand.ALIGNMENT), 1, rows.columns());
        View bias = panelBias == null ? null : View.f32(panelBias, 1, padded);
        View result = View.f32(out, 1, padded);
        MemorySegment scratch = Operand.scratch(arena, input);
        for (int v = 0; v < rows.rows(); v++) {
            index.set(ValueLayout.JAVA_INT_UNALIGNED, 0, v);
            kernels.gather(rows, indexView, row);
            kernels.linear(row, input, bias, scratch, result.at((long) v * padded * Float.BYTES));
        }
        return new Weights(out, Encoding.F32, new Layout.Rows(), rows.rows(), padded);
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
        for (int i = 0; i < values.length; i++) {
            Memory.put(out, (long) i * Float.BYTES, values[i]);
        }
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
}
