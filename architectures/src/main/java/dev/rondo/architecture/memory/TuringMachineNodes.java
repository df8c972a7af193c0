package dev.rondo.architecture.memory;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.RecurrentNodes;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Structure;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import java.util.List;

/** The nodes of one step of a Neural Turing Machine, for all its heads at once. */
final class TuringMachineNodes {
    private static final Dim B = Dim.named("B");
    /** Added to squared lengths. */
    private static final float LEAST_SQUARE = 1e-8f;
    /** Added to shares before their logarithm: far below any share that counts. */
    private static final float LEAST_SHARE = 1e-20f;

    private final FunctionBuilder f;
    private final TuringMachine machine;
    private final int heads;
    private final int rows;
    private final int columns;
    private Value instructions = Value.ABSENT;
    private int taken;

    TuringMachineNodes(FunctionBuilder f, TuringMachine machine) {
        this.f = f;
        this.machine = machine;
        this.heads = machine.heads();
        this.rows = machine.rows();
        this.columns = machine.columns();
    }

    /** Scores [B,O], and where the heads are [B,R+W,N]. */
    record Step(Value y, Value looks) {}

    Step step(Value x) {
        Value memory = f.state("memory", B, rows, columns);
        Value read = f.state("read", B, machine.readHeads() * columns);
        Value before = f.state(TuringMachineGraph.ADDRESSING, B, heads, rows);
        Value state = controller(f.concat(1, x, read));
        instructions = f.linear(
                state,
                f.weight("heads.weight", machine.instructions(), machine.controllerSize()),
                f.weight("heads.bias", machine.instructions()));
        Value looks = addressing(memory, before);
        f.next(before, looks);
        Value written = write(memory, f.slice(looks, 1, machine.readHeads(), machine.writeHeads()));
        f.next(memory, written);
        Value found = f.add(new Contraction.MatMul(false), f.slice(looks, 1, 0, machine.readHeads()), written);
        Value now = f.reshape(found, B, machine.readHeads() * columns);
        f.next(read, now);
        Value y = f.add(
                "y",
                new Contraction.Linear(),
                f.concat(1, state, now),
                f.weight(
                        "output.weight",
                        machine.outputSize(),
                        machine.controllerSize() + machine.readHeads() * columns),
                f.weight("output.bias", machine.outputSize()));
        return new Step(y, looks);
    }

    private Value controller(Value x) {
        int size = machine.controllerSize();
        return switch (machine.controller()) {
            case FEED_FORWARD ->
                f.activate(
                        Activation.TANH,
                        f.linear(
                                x,
                                f.weight("controller.weight", size, machine.controllerInput()),
                                f.weight("controller.bias", size)));
            case LSTM -> {
                Value h = f.state("h", B, size);
                Value c = f.state("c", B, size);
                List<Value> next = new RecurrentNodes(f, new Cell.Lstm(), machine.cell(), 0)
                        .step(List.of("h_next", "c_next"), x, h, c, false);
                f.next(h, next.getFirst());
                f.next(c, next.get(1));
                yield next.getFirst();
            }
        };
    }

    /** The next instructions [B,count,each]. */
    private Value take(int count, int each) {
        Value part = f.slice(instructions, 1, taken, count * each);
        taken += count * each;
        return f.reshape(part, B, count, each);
    }

    private Value addressing(Value memory, Value before) {
        Value key = take(heads, columns);
        Value strength = f.activate(Activation.SOFTPLUS, take(heads, 1));
        Value gate = f.activate(Activation.SIGMOID, take(heads, 1));
        Value shifts = f.softmax(take(heads, 2 * machine.shift() + 1));
        Value sharpness = plusOne(f.activate(Activation.SOFTPLUS, take(heads, 1)));
        Value fit = f.add(new Contraction.MatMul(true), key, memory);
        Value scaled = f.times(
                f.times(fit, f.times(strength, inverseLength(key))), f.reshape(inverseLength(memory), B, 1, rows));
        Value content = f.softmax(scaled);
        Value between = f.plus(before, f.times(gate, minus(content, before)));
        Value moved = moved(between, shifts);
        Value logarithm =
                f.add(new Elementwise.Unary(UnaryFunction.LOG), f.activate(Activation.affine(1, LEAST_SHARE), moved));
        // softmax(γ ln w) is w^γ / Σ w^γ, without powers that underflow.
        return f.add("looks", new Aggregation.Softmax(false), f.times(sharpness, logarithm), Value.ABSENT);
    }

    private Value plusOne(Value x) {
        return f.activate(Activation.affine(1, 1), x);
    }

    private Value minus(Value a, Value b) {
        return f.add(new Elementwise.Binary(BinaryFunction.SUBTRACT), a, b);
    }

    /** 1 / √(|x|² + ε) of the last axis, which stays with size 1. */
    private Value inverseLength(Value x) {
        Value square = f.add(new Aggregation.Reduce(Reduction.SUM, -1, true), f.times(x, x));
        Value length = f.add(
                new Elementwise.Unary(UnaryFunction.SQRT), f.activate(Activation.affine(1, LEAST_SQUARE), square));
        return f.add(new Elementwise.Unary(UnaryFunction.RECIPROCAL), length);
    }

    /** {@code Σ_j w(i − j) s_j}, j from −shift to shift, around the memory. */
    private Value moved(Value w, Value shifts) {
        int most = machine.shift();
        Value sum = Value.ABSENT;
        for (int by = -most; by <= most; by++) {
            int first = Math.floorMod(-by, rows);
            Value turned = by == 0 ? w : f.concat(2, f.slice(w, 2, first, rows - first), f.slice(w, 2, 0, first));
            Value part = f.times(turned, f.slice(shifts, 2, by + most, 1));
            sum = sum.isAbsent() ? part : f.plus(sum, part);
        }
        return sum;
    }

    /** All heads erase, then all add. */
    private Value write(Value memory, Value looks) {
        int writers = machine.writeHeads();
        Value erase = f.activate(Activation.SIGMOID, take(writers, columns));
        Value add = take(writers, columns);
        Value kept = memory;
        for (int head = 0; head < writers; head++) {
            Value where = f.reshape(f.slice(looks, 1, head, 1), B, rows, 1);
            Value share = f.times(where, f.slice(erase, 1, head, 1));
            kept = minus(kept, f.times(kept, share));
        }
        Value places = f.add(new Structure.Transpose(List.of(0, 2, 1)), looks);
        return f.plus(kept, f.add(new Contraction.MatMul(false), places, add));
    }
}
