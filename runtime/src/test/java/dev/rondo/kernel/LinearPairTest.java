package dev.rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Packing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two products of a step: whichever way they are read, the bits of one after the other. */
class LinearPairTest {
    private final Arena arena = Arena.ofAuto();
    private final Random random = new Random(4);

    private View view(int cols) {
        View view = View.f32(arena.allocate(4L * cols, 64), 1, cols);
        for (int c = 0; c < cols; c++) {
            view.put(0, c, random.nextFloat() - 0.5f);
        }
        return view;
    }

    private Weights weights(Encoding encoding, int gates, int units, int columns) {
        var values = new float[gates * units * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        var layout = new Layout.Panels(gates);
        MemorySegment data = arena.allocate(Packing.byteSize(encoding, layout, gates * units, columns), 64);
        Packing.pack(values, gates * units, columns, encoding, layout, data);
        return new Weights(data, encoding, layout, gates * units, columns);
    }

    private static float[] values(View view) {
        var values = new float[view.cols];
        for (int c = 0; c < values.length; c++) {
            values[c] = view.get(0, c);
        }
        return values;
    }

    // 2 MB and 1.5 MB are read in turns, 88 KB one after the other; units and columns that fill no panel are among
    // them.
    @ParameterizedTest
    @CsvSource({"F32,4,256,256", "F32,3,250,251", "BF16,4,300,333", "F32,1,600,500", "F32,4,40,30", "INT8,4,256,256"})
    void everyWayHasTheBitsOfOneAfterTheOther(Encoding encoding, int gates, int units, int columns) {
        Weights w = weights(encoding, gates, units, columns);
        Weights u = weights(encoding, gates, units, units);
        View x = view(columns);
        View h = view(units);
        int width = gates == 1 ? units : w.paddedRows();
        View bias = view(width);
        View hiddenBias = view(width);
        long bytes = Math.max(Kernels.linearScratch(w), Kernels.linearScratch(u));
        MemorySegment scratch = bytes == 0 ? null : arena.allocate(bytes, 64);
        View sum = view(width);
        View own = view(width);
        for (Kernels kernels : new Kernels[] {Kernels.best(), Kernels.plain()}) {
            kernels.linear(h, u, hiddenBias, scratch, own);
            float[] hidden = values(own);
            kernels.linear(x, w, bias, scratch, sum);
            float[] input = values(sum);
            kernels.addLinear(h, u, 0, gates, scratch, sum);
            float[] both = values(sum);
            for (boolean backwards : new boolean[] {false, true}) {
                View out = view(width);
                View other = view(width);
                var first = new Product(x, w, bias, scratch, out);
                kernels.linearPair(first, new Product(h, u, null, scratch, out), backwards);
                assertArrayEquals(both, values(out));
                kernels.linearPair(first, new Product(h, u, hiddenBias, scratch, other), backwards);
                assertArrayEquals(input, values(out));
                assertArrayEquals(hidden, values(other));
            }
        }
    }
}
