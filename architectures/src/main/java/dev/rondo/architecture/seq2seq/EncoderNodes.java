package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.RecurrentNodes;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** The nodes of an encoder and of the bridge: from a source to its memory and to the decoder's first states. */
final class EncoderNodes {
    /**
     * What reading a source leaves.
     *
     * @param memory [B,S,M]
     * @param last   the last states of each layer, directions side by side
     */
    private record Read(Value memory, List<Last> last) {}

    /** The last h [B,P] of a layer and, of an LSTM, c [B,H], else absent; directions side by side. */
    private record Last(Value h, Value c) {}

    /** Where a layer of the decoder begins: h and, of an LSTM, c; absent is zero. */
    record Begin(Value h, Value c) {}

    private final FunctionBuilder f;
    private final EncoderDecoder architecture;
    private final Drops drops;
    private final Value lengths;
    private final Read read;

    EncoderNodes(FunctionBuilder f, EncoderDecoder architecture, Value source, Value lengths, Drops drops) {
        this.f = f;
        this.architecture = architecture;
        this.drops = drops;
        this.lengths = lengths;
        Encoder encoder = architecture.encoder();
        Value x = drops.input(encoder.embedding().rows(f, source));
        this.read = switch (encoder) {
            case Encoder.Recurrent recurrent -> recurrent(recurrent, x);
            case Encoder.Convolutional convolutional -> convolutional(convolutional, x);
        };
    }

    /** [B,S,M]. */
    Value memory() {
        return read.memory;
    }

    private Read recurrent(Encoder.Recurrent encoder, Value embedded) {
        var last = new ArrayList<Last>();
        Value y = embedded;
        for (int k = 0; k < encoder.layers().size(); k++) {
            Encoder.Layer layer = encoder.layers().get(k);
            Value x = y;
            if (encoder.connection() == Connection.SKIP && k > 0) {
                x = f.concat(2, x, embedded);
            }
            List<Value> forward = direction(encoder.cell(), layer.forward(), x, false);
            boolean lstm = encoder.cell() instanceof Cell.Lstm;
            Value h = forward.get(1);
            Value c = lstm ? forward.get(2) : Value.ABSENT;
            Value out = forward.getFirst();
            if (layer.backward().isPresent()) {
                List<Value> backward =
                        direction(encoder.cell(), layer.backward().get(), x, true);
                out = f.concat(2, out, backward.getFirst());
                h = f.concat(1, h, backward.get(1));
                c = lstm ? f.concat(1, c, backward.get(2)) : c;
            }
            last.add(new Last(h, c));
            y = connected(encoder.connection(), layer, x, out);
            y = k + 1 < encoder.layers().size() ? drops.between(y) : drops.memory(y);
        }
        return new Read(y, last);
    }

    private List<Value> direction(Cell cell, RecurrentParameters layer, Value x, boolean reverse) {
        var plain = new RecurrentNodes(f, cell, layer, 0);
        var nodes = new RecurrentNodes(f, cell, layer, 0, drops.recurrent(plain.weightHidden()));
        return nodes.sequence(List.of(), x, Value.ABSENT, Value.ABSENT, lengths, false, reverse);
    }

    private Value connected(Connection connection, Encoder.Layer layer, Value x, Value out) {
        boolean fits = x.type().equals(out.type());
        return switch (connection) {
            case NONE, SKIP -> out;
            case RESIDUAL -> fits ? f.plus(x, out) : out;
            case HIGHWAY -> {
                if (layer.gate().isEmpty()) {
                    yield out;
                }
                Value t = f.activate(Activation.SIGMOID, layer.gate().get().of(f, x));
                Value change = f.add(new Elementwise.Binary(BinaryFunction.SUBTRACT), out, x);
                yield f.plus(x, f.times(t, change));
            }
        };
    }

    private Read convolutional(Encoder.Convolutional encoder, Value embedded) {
        Value mask = f.reshape(mask(), "B", "S", 1);
        Value zero = f.add(new Structure.Fill(ElementType.F32, 0, List.of()));
        Value y = embedded;
        for (int k = 0; k < encoder.layers().size(); k++) {
            Encoder.Convolution layer = encoder.layers().get(k);
            // A window must not see what lies beyond its row.
            Value x = f.add(new Elementwise.Where(), mask, y, zero);
            int beside = layer.kernel() / 2;
            Value out = f.activate(
                    encoder.activation(),
                    f.add(
                            new Contraction.Conv1d(1, 1, 1, beside, beside),
                            x,
                            f.weight(layer.weight(), layer.channels(), layer.kernel(), layer.inputSize()),
                            f.weight(layer.bias(), layer.channels())));
            boolean residual =
                    encoder.connection() == Connection.RESIDUAL && x.type().equals(out.type());
            y = residual ? f.plus(x, out) : out;
            y = k + 1 < encoder.layers().size() ? drops.between(y) : drops.memory(y);
        }
        return new Read(f.add(new Elementwise.Where(), mask, y, zero), List.of());
    }

    /** Which places are of the source: bool[B,S]. */
    Value mask() {
        return f.add(new Structure.LengthMask(Dim.named("S")), lengths);
    }

    /** The summary for layer k of the decoder. */
    Value summary(Summary summary, int k) {
        return switch (summary) {
            case LAST -> read.last.getLast().h;
            case LAST_OF_LAYER -> read.last.get(k).h;
            case MEAN -> f.add(new Aggregation.PoolTime(Aggregation.Pooling.MEAN), read.memory, lengths);
            case MAX -> f.add(new Aggregation.PoolTime(Aggregation.Pooling.MAX), read.memory, lengths);
        };
    }

    /** Where the decoder's layers begin. */
    List<Begin> begins() {
        var begins = new ArrayList<Begin>();
        boolean lstm = architecture.decoder().cell() instanceof Cell.Lstm;
        for (int k = 0; k < architecture.decoder().layers().size(); k++) {
            begins.add(
                    switch (architecture.bridge()) {
                        case Bridge.Zero() -> new Begin(Value.ABSENT, Value.ABSENT);
                        case Bridge.Copy() -> new Begin(read.last.get(k).h, read.last.get(k).c);
                        case Bridge.Same(var summary) -> new Begin(summary(summary, k), Value.ABSENT);
                        case Bridge.Projected(var summary, var hidden, var cell, var activation) -> {
                            Value s = summary(summary, k);
                            Value h = f.activate(activation, hidden.get(k).of(f, s));
                            Value c = lstm && !cell.isEmpty()
                                    ? f.activate(activation, cell.get(k).of(f, s))
                                    : Value.ABSENT;
                            yield new Begin(h, c);
                        }
                    });
        }
        return begins;
    }
}
