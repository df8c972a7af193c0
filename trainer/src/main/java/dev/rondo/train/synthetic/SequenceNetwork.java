package dev.rondo.train.synthetic;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Layer;
import dev.rondo.architecture.LayerGraph;
import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.RecurrentNodes;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.format.ElementType;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Value;
import dev.rondo.train.Initialisation;
import dev.rondo.train.Loss;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The network for a problem, of any length T: an embedding for symbols, one recurrent layer, a linear output. */
final class SequenceNetwork {
    /** What is added to the states h of all steps, to ask for the gradient by it: f32[B,T,H]. */
    static final String NUDGES = "nudges";
    /** The same for the states c of an LSTM. */
    static final String CELL_NUDGES = "cell_nudges";

    private static final String EMBEDDING = "embedding";
    private static final String OUTPUT = "output.weight";
    private static final String OUTPUT_BIAS = "output.bias";

    private final SequenceProblem problem;
    private final Cell cell;
    private final int hiddenSize;
    private final RecurrentParameters layer;

    SequenceNetwork(SequenceProblem problem, Cell cell, int hiddenSize) {
        this.problem = problem;
        this.cell = cell;
        this.hiddenSize = hiddenSize;
        this.layer = RecurrentParameters.of("layer0", cell, problem.inputSize(), hiddenSize);
    }

    /** Inputs {@code x} and {@code target}, outputs {@code loss} and {@code count}. */
    Function training() {
        FunctionBuilder f = Function.builder("training");
        loss(f, answers(f, states(f), all()), all());
        return f.build();
    }

    /** Input {@code x}, output {@code y} f32[B,answers,outputs]. */
    Function answer() {
        FunctionBuilder f = Function.builder("answer");
        f.output(answers(f, states(f), all()));
        return f.build();
    }

    /** {@link #training}, of the last answer alone, by a scan of cells whose states have {@link #NUDGES} and {@link #CELL_NUDGES} added. */
    Function nudged() {
        FunctionBuilder b = Function.builder("nudged_cell");
        Value x = b.input("x", ElementType.F32, "B", problem.inputSize());
        Value nudge = b.input("nudge", ElementType.F32, "B", hiddenSize);
        boolean lstm = cell instanceof Cell.Lstm;
        Value cellNudge = lstm ? b.input("cell_nudge", ElementType.F32, "B", hiddenSize) : Value.ABSENT;
        Value h = b.state("h", "B", hiddenSize);
        Value c = lstm ? b.state("c", "B", hiddenSize) : Value.ABSENT;
        List<Value> next = new RecurrentNodes(b, cell, layer, 0).step(List.of(), x, h, c, false);
        var add = new Elementwise.Binary(BinaryFunction.ADD);
        Value moved = b.add("moved", add, next.getFirst(), nudge);
        b.next(h, moved);
        if (lstm) {
            b.next(c, b.add("moved_cell", add, next.get(1), cellNudge));
        }
        b.output(moved);
        Function body = b.build();

        FunctionBuilder f = Function.builder("nudged");
        var in = new ArrayList<Value>();
        in.add(inputs(f));
        in.add(f.input(NUDGES, ElementType.F32, "B", "T", hiddenSize));
        var sequences = new ArrayList<String>(List.of("x", "nudge"));
        if (lstm) {
            in.add(f.input(CELL_NUDGES, ElementType.F32, "B", "T", hiddenSize));
            sequences.add("cell_nudge");
        }
        body.states().forEach(_ -> in.add(Value.ABSENT));
        in.add(Value.ABSENT);
        Value y =
                f.addAll(new Scan(body, sequences, false, false), List.of(), in).getFirst();
        loss(f, answers(f, y, Dim.ONE), Dim.ONE);
        return f.build();
    }

    /** What the file has: {@code sequence} over rows of any lengths, with an answer at each step. */
    List<Function> functions() {
        var layers = new ArrayList<Layer>();
        if (problem.readsSymbols()) {
            layers.add(new Layer.Embedding(EMBEDDING, problem.inputSize(), problem.inputSize()));
        }
        layers.add(new Layer.Recurrent(cell, layer, Optional.empty()));
        layers.add(new Layer.Linear(OUTPUT, Optional.of(OUTPUT_BIAS), hiddenSize, problem.outputSize()));
        var results = problem.readsSymbols() ? LayerStack.Results.TAGS : LayerStack.Results.VALUES;
        return new LayerGraph(new LayerStack(problem.inputSize(), layers, results, false)).functions();
    }

    private Value inputs(FunctionBuilder f) {
        int size = problem.inputSize();
        return problem.readsSymbols()
                ? f.gather(f.weight(EMBEDDING, size, size), f.input("x", ElementType.I32, "B", "T"))
                : f.input("x", ElementType.F32, "B", "T", size);
    }

    private Dim all() {
        return problem.answers() == problem.steps() ? Dim.named("T") : Dim.of(problem.answers());
    }

    private Value states(FunctionBuilder f) {
        return new RecurrentNodes(f, cell, layer, 0)
                .sequence(List.of(), inputs(f), Value.ABSENT, Value.ABSENT, Value.ABSENT, false, false)
                .getFirst();
    }

    /** f32[B,answers,outputs] of the last of the states [B,T,H]. */
    private Value answers(FunctionBuilder f, Value states, Dim answers) {
        Dim steps = Dim.named("T");
        Value last = answers.equals(steps) ? states : f.slice(states, 1, steps.minus(answers), answers);
        return f.add(
                "y",
                new Contraction.Linear(),
                last,
                f.weight(OUTPUT, problem.outputSize(), hiddenSize),
                f.weight(OUTPUT_BIAS, problem.outputSize()));
    }

    private void loss(FunctionBuilder f, Value y, Dim answers) {
        if (problem.readsSymbols()) {
            Loss.crossEntropy(f, y, f.input("target", ElementType.I32, "B", answers));
        } else {
            Loss.squaredError(f, y, f.input("target", ElementType.F32, "B", answers, problem.outputSize()));
        }
    }

    /**
     * Orthogonal and Xavier's; symbols begin one-hot. The gates that keep the state begin with biases {@code log u}, u uniform
     * in [1, memory], so that units remember for times up to that, and an LSTM's input gate with their opposite (Tallec and
     * Ollivier 2018, section 3).
     */
    void initialise(ParameterStore parameters, int memory, long seed) {
        if (problem.readsSymbols()) {
            int size = problem.inputSize();
            float[] identity = new float[size * size];
            for (int i = 0; i < size; i++) {
                identity[i * size + i] = 1;
            }
            parameters.set(EMBEDDING, identity);
        }
        parameters.initialise(layer.weightHidden(), new Initialisation.Orthogonal(), cell.gates(), seed);
        parameters.initialise(layer.weightInput(), new Initialisation.Xavier(), cell.gates(), seed);
        parameters.initialise(OUTPUT, new Initialisation.Xavier(), 1, seed);
        float[] bias = new float[cell.gates() * hiddenSize];
        var random = SeededRandom.of(seed, 1);
        for (int i = 0; i < hiddenSize; i++) {
            float keep = (float) StrictMath.log(1 + (memory - 1) * random.nextDouble());
            switch (cell) {
                case Cell.Elman _ -> {
                    /* no gates */
                }
                case Cell.Lstm() -> {
                    bias[i] = -keep;
                    bias[hiddenSize + i] = keep;
                }
                case Cell.Gru _ -> bias[hiddenSize + i] = keep;
            }
        }
        parameters.set(layer.bias().orElseThrow(), bias);
    }
}
