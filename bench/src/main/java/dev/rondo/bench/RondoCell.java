package dev.rondo.bench;

import dev.rondo.Capacity;
import dev.rondo.format.ElementType;
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
import java.util.Map;

/**
 * A cell as a model file: {@code step} with input x [B,I], states h and c [B,H], output h_next; or {@code sequence}
 * with input x [B,T,I] and output y [B,T,H]. Matrices lie in panels, as a converter lays them out; biases are f32.
 */
final class RondoCell {
    private static final Value NONE = Value.ABSENT;

    private final FunctionBuilder f;
    private final Cell cell;
    private final Value u;
    private final Value w;
    private final Value b;

    private RondoCell(String name, Cell cell) {
        this.f = Function.builder(name);
        this.cell = cell;
        this.u = f.weight("U", cell.rows(), cell.hiddenSize());
        this.w = f.weight("W", cell.rows(), cell.inputSize());
        this.b = f.weight("b", cell.rows());
    }

    static RondoEngine step(CellWeights weights, Encoding encoding) {
        var cell = new RondoCell("step", weights.cell());
        return RondoEngine.open(writer(cell.step(), weights, encoding), "step", Capacity.ONE, Map.of());
    }

    static RondoEngine sequence(CellWeights weights, Encoding encoding, int steps) {
        var cell = new RondoCell("sequence", weights.cell());
        Capacity capacity = Capacity.of("T", steps);
        return RondoEngine.open(writer(cell.sequence(), weights, encoding), "sequence", capacity, Map.of());
    }

    /** Writes a model of one step. */
    static void write(Path path, CellWeights weights, Encoding encoding) throws IOException {
        writer(new RondoCell("step", weights.cell()).step(), weights, encoding).write(path);
    }

    private static RondoFileWriter writer(Function function, CellWeights weights, Encoding encoding) {
        Cell cell = weights.cell();
        var writer = new RondoFileWriter().function(FunctionCodec.encode(function));
        matrix(writer, "U", encoding, cell, cell.hiddenSize(), weights.hidden());
        matrix(writer, "W", encoding, cell, cell.inputSize(), weights.input());
        bias(writer, "b", weights.bias());
        if (cell.kind() == Cell.Kind.GRU) {
            bias(writer, "d", weights.hiddenBias());
        }
        return writer;
    }

    private static void matrix(
            RondoFileWriter writer, String name, Encoding encoding, Cell cell, int columns, float[] values) {
        writer.tensor(name, encoding, new Layout.Panels(cell.gates()), List.of(cell.rows(), columns), () -> values);
    }

    private static void bias(RondoFileWriter writer, String name, float[] values) {
        writer.tensor(name, Encoding.F32, new Layout.Rows(), List.of(values.length), () -> values);
    }

    private Function step() {
        Value x = f.input("x", ElementType.F32, "B", cell.inputSize());
        Value h = f.state("h", "B", cell.hiddenSize());
        Value next = switch (cell.kind()) {
            case LSTM -> {
                Value c = f.state("c", "B", cell.hiddenSize());
                List<Value> both = f.addAll(
                        new Recurrent.LstmCell(LstmActivations.STANDARD),
                        List.of("h_next", "c_next"),
                        List.of(x, h, c, u, w, b, NONE, NONE));
                f.next(c, both.get(1));
                yield both.getFirst();
            }
            case GRU ->
                f.add("h_next", new Recurrent.GruCell(Activation.SIGMOID, Activation.TANH, true), x, h, u, w, b, d());
            case ELMAN -> f.add("h_next", new Recurrent.ElmanCell(Activation.TANH), x, h, u, w, b);
        };
        f.next(h, next);
        f.output(next);
        return f.build();
    }

    private Function sequence() {
        Value x = f.input("x", ElementType.F32, "B", "T", cell.inputSize());
        f.output(
                switch (cell.kind()) {
                    case LSTM ->
                        f.add(
                                "y",
                                new Recurrent.LstmLayer(LstmActivations.STANDARD, false, false),
                                x,
                                NONE,
                                NONE,
                                u,
                                w,
                                b,
                                NONE,
                                NONE,
                                NONE);
                    case GRU -> {
                        var layer = new Recurrent.GruLayer(Activation.SIGMOID, Activation.TANH, true, false, false);
                        yield f.add("y", layer, x, NONE, u, w, b, d(), NONE);
                    }
                    case ELMAN ->
                        f.add("y", new Recurrent.ElmanLayer(Activation.TANH, false, false), x, NONE, u, w, b, NONE);
                });
        return f.build();
    }

    private Value d() {
        return f.weight("d", cell.hiddenSize());
    }
}
