package dev.rondo.bench;

import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A cell as a model file: a function {@code step} with input x [B,I], states h and c [B,H], output h_next. */
final class RondoCell {
    private RondoCell() {}

    /** Writes the file with its matrices in that encoding, in panels as a converter lays them out; the biases are f32. */
    static void write(Path path, CellWeights weights, Encoding encoding) throws IOException {
        Cell cell = weights.cell();
        var writer = new RondoFileWriter().function(FunctionCodec.encode(step(cell)));
        matrix(writer, "U", encoding, cell, cell.hiddenSize(), weights.hidden());
        matrix(writer, "W", encoding, cell, cell.inputSize(), weights.input());
        bias(writer, "b", weights.bias());
        if (cell.kind() == Cell.Kind.GRU) {
            bias(writer, "d", weights.hiddenBias());
        }
        writer.write(path);
    }

    private static void matrix(
            RondoFileWriter writer, String name, Encoding encoding, Cell cell, int columns, float[] values) {
        writer.tensor(name, encoding, new Layout.Panels(cell.gates()), List.of(cell.rows(), columns), () -> values);
    }

    private static void bias(RondoFileWriter writer, String name, float[] values) {
        writer.tensor(name, Encoding.F32, new Layout.Rows(), List.of(values.length), () -> values);
    }

    private static Function step(Cell cell) {
        FunctionBuilder f = Function.builder("step");
        int rows = cell.rows();
        Value x = f.input("x", dev.rondo.format.ElementType.F32, "B", cell.inputSize());
        Value h = f.state("h", "B", cell.hiddenSize());
        Value u = f.weight("U", rows, cell.hiddenSize());
        Value w = f.weight("W", rows, cell.inputSize());
        Value b = f.weight("b", rows);
        Value next = switch (cell.kind()) {
            case LSTM -> {
                Value c = f.state("c", "B", cell.hiddenSize());
                List<Value> both = f.addAll(
                        new Recurrent.LstmCell(LstmActivations.STANDARD),
                        List.of("h_next", "c_next"),
                        List.of(x, h, c, u, w, b, Value.ABSENT, Value.ABSENT));
                f.next(c, both.get(1));
                yield both.getFirst();
            }
            case GRU ->
                f.add(
                        "h_next",
                        new Recurrent.GruCell(Activation.SIGMOID, Activation.TANH, true),
                        x,
                        h,
                        u,
                        w,
                        b,
                        f.weight("d", cell.hiddenSize()));
        };
        f.next(h, next);
        f.output(next);
        return f.build();
    }
}
