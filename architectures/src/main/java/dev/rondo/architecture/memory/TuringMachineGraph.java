package dev.rondo.architecture.memory;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Scan;
import dev.rondo.graph.State;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * The functions of a Neural Turing Machine over the states {@code memory} f32[B,N,M], {@code read} f32[B,R*M],
 * {@code addressing} f32[B,R+W,N], read heads first, and of an LSTM controller {@code h}, {@code c} f32[B,H].
 *
 * <p>A step: the controller reads input and what was read before. Each head has a key k, strength β, gate g, shifts s and
 * sharpness γ. It addresses by content, {@code w_c = softmax_i(β k·M_i / (|k| |M_i|))}, goes on from where it was,
 * {@code w_g = g w_c + (1 − g) w}, moves, {@code w̃_i = Σ_j w_g(i − j) s_j} around the memory, and sharpens,
 * {@code w_i = w̃_i^γ / Σ w̃^γ}. Write heads erase and add, {@code M_i := M_i (1 − w_i e) + w_i a}; then read heads read
 * {@code r = Σ_i w_i M_i} (Graves et al. 2014, section 3). The contents that are compared are those before the step. Lengths in
 * the cosine are {@code √(|x|² + 1e−8)}, so that an empty place fits no key and has a gradient.
 */
public final class TuringMachineGraph {
    public static final String START = "start";
    public static final String STEP = "step";
    public static final String SEQUENCE = "sequence";
    public static final String TRAINING = "training";
    public static final String EVALUATION = "evaluation";

    static final String ADDRESSING = "addressing";

    private static final Dim B = Dim.named("B");
    private static final Dim T = Dim.named("T");

    private final TuringMachine machine;

    /** The functions over the parameters of a machine. */
    public TuringMachineGraph(TuringMachine machine) {
        this.machine = machine;
    }

    /** {@code start()}: an empty memory, heads where they begin. A sequence begins with it. */
    public Function start() {
        FunctionBuilder f = Function.builder(START);
        for (State state : step(true).states()) {
            Value before = f.state(state.value().name(), state.value().type());
            f.next(
                    before,
                    state.value().name().equals(ADDRESSING)
                            ? addressing(f)
                            : f.add(new Structure.Fill(
                                    ElementType.F32, 0, state.value().type().dims())));
        }
        return f.build();
    }

    /** {@code step(x f32[B,I]) -> y f32[B,O], looks f32[B,R+W,N]}: scores, and where the heads are in this step. */
    public Function step() {
        return step(true);
    }

    /** {@code sequence(x f32[B,T,I]) -> y f32[B,T,O], looks f32[B,T,R+W,N]}: steps from the states as they are. */
    public Function sequence() {
        FunctionBuilder f = Function.builder(SEQUENCE);
        Value x = f.input("x", ElementType.F32, B, T, machine.inputSize());
        Function body = step(true);
        var in = new ArrayList<>(List.of(x));
        var states = new ArrayList<Value>();
        for (State state : body.states()) {
            states.add(f.state(state.value().name(), state.value().type()));
        }
        in.addAll(states);
        in.add(Value.ABSENT);
        List<Value> found = f.addAll(new Scan(body, List.of("x"), false, false), List.of("y", "looks"), in);
        for (int i = 0; i < states.size(); i++) {
            f.next(states.get(i), found.get(2 + i));
        }
        f.output(found.getFirst());
        f.output(found.get(1));
        return f.build();
    }

    /**
     * {@code training(x f32[B,T,I], target f32[B,T,O], counts f32[T]) -> loss f32[], count f32[]}: a sequence from the start. The
     * sum of the binary cross-entropies in nats, {@code ln(1 + e^y) − target y}, of the steps whose count is 1 and not 0, and
     * the number of their bits.
     */
    public Function training() {
        FunctionBuilder f = Function.builder(TRAINING);
        var sequence = new Sequence(f);
        f.output(f.add("loss", sum(), f.add(sum(), f.add(sum(), sequence.losses()))));
        Value steps = f.add(sum(), sequence.counts);
        Value bits = f.add(new Structure.Size(B.times(machine.outputSize()), ElementType.F32));
        f.output(f.add("count", new Elementwise.Binary(BinaryFunction.MULTIPLY), steps, bits));
        return f.build();
    }

    /**
     * {@code evaluation(x, target, counts) -> losses f32[B,T], wrong f32[B,T]}: of each step the sum of its bits' cross-entropies,
     * and how many of them have the other sign; zero where the count is.
     */
    public Function evaluation() {
        FunctionBuilder f = Function.builder(EVALUATION);
        var sequence = new Sequence(f);
        f.output(f.add("losses", sum(), sequence.losses()));
        Value zero = f.add(new Structure.Fill(ElementType.F32, 0, List.of()));
        Value half = f.add(new Structure.Fill(ElementType.F32, 0.5, List.of()));
        Value said = f.add(new Elementwise.Compare(Comparison.GREATER), sequence.y, zero);
        Value meant = f.add(new Elementwise.Compare(Comparison.GREATER), sequence.target, half);
        Value differ = f.add(
                new Elementwise.Compare(Comparison.NOT_EQUAL),
                f.add(new Elementwise.Cast(ElementType.I32), said),
                f.add(new Elementwise.Cast(ElementType.I32), meant));
        Value counted = sequence.counted(f.add(new Elementwise.Cast(ElementType.F32), differ));
        f.output(f.add("wrong", sum(), counted));
        return f.build();
    }

    private static Aggregation.Reduce sum() {
        return new Aggregation.Reduce(Reduction.SUM, -1, false);
    }

    /** A sequence from the start, and what is wanted of it. */
    private final class Sequence {
        final FunctionBuilder f;
        final Value target;
        final Value counts;
        final Value y;

        Sequence(FunctionBuilder f) {
            this.f = f;
            Value x = f.input("x", ElementType.F32, B, T, machine.inputSize());
            this.target = f.input("target", ElementType.F32, B, T, machine.outputSize());
            this.counts = f.input("counts", ElementType.F32, T);
            Function body = TuringMachineGraph.this.step(false);
            var in = new ArrayList<>(List.of(x));
            for (State state : body.states()) {
                in.add(state.value().name().equals(ADDRESSING) ? addressing(f) : Value.ABSENT);
            }
            in.add(Value.ABSENT);
            this.y = f.addAll(new Scan(body, List.of("x"), false, false), List.of(), in)
                    .getFirst();
        }

        Value losses() {
            Value both = f.activate(Activation.SOFTPLUS, y);
            return counted(f.add(new Elementwise.Binary(BinaryFunction.SUBTRACT), both, f.times(target, y)));
        }

        Value counted(Value x) {
            return f.times(x, f.reshape(counts, T, 1));
        }
    }

    /** Where the heads begin, for each row. */
    private Value addressing(FunctionBuilder f) {
        Value start = f.softmax(f.weight(TuringMachine.START, machine.heads(), machine.rows()));
        return f.add(new Structure.Expand(List.of(B, Dim.of(machine.heads()), Dim.of(machine.rows()))), start);
    }

    /** @param watched whether it also says where its heads are */
    private Function step(boolean watched) {
        FunctionBuilder f = Function.builder(STEP);
        var nodes = new TuringMachineNodes(f, machine);
        TuringMachineNodes.Step step = nodes.step(f.input("x", ElementType.F32, B, machine.inputSize()));
        f.output(step.y());
        if (watched) {
            f.output(step.looks());
        }
        return f.build();
    }
}
