package dev.rondo.convert.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rondo.Model;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.error.InputException;
import dev.rondo.format.TensorData;
import dev.rondo.verify.FunctionRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gathers along an axis of each row: an index outside of the axis is refused, though another row has an element there. */
class RowGatherTest {
    private static final int STEPS = 6;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "elements, 2, -1, 2 11",
        "nd, 2, -1, 2 11",
        "reverse, 2, 6, 1 0 2 3 4 5 11 10 9 8 7 6",
    })
    void takesTheElementsOfItsRow(String name, long first, long second, String wanted) throws IOException {
        String[] texts = wanted.split(" ");
        double[] values = new double[texts.length];
        double[] got = new double[texts.length];
        TensorData y = run(name, first, second);
        for (int i = 0; i < values.length; i++) {
            values[i] = Double.parseDouble(texts[i]);
            got[i] = y.value(i);
        }
        assertArrayEquals(values, got);
    }

    @ParameterizedTest
    @CsvSource({"elements, 6, 0", "elements, 0, -7", "nd, 7, 0", "nd, 0, -9", "reverse, 7, 6", "reverse, 6, 12"})
    void refusesThoseOfAnother(String name, long first, long second) {
        assertThrows(InputException.class, () -> run(name, first, second));
    }

    private TensorData run(String name, long first, long second) throws IOException {
        Path out = folder.resolve("gather.rondo");
        Conversion.convert(ConversionRequest.of(Path.of("src/test/resources/onnx/gather-" + name + ".onnx"), out));
        float[] x = new float[2 * STEPS];
        for (int i = 0; i < x.length; i++) {
            x[i] = i;
        }
        List<Integer> shape = name.equals("reverse") ? List.of(2) : List.of(2, 1);
        var inputs =
                Map.of("x", TensorData.ofFloats(List.of(2, STEPS), x), "i", TensorData.ofLongs(shape, first, second));
        try (Model model = Model.load(out)) {
            return FunctionRun.of(model, Model.Kernel.PLAIN, "run", false, inputs, Map.of())
                    .outputs()
                    .get("y");
        }
    }
}
