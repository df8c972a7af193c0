package dev.rondo.train;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.graph.Function;
import dev.rondo.graph.State;
import dev.rondo.graph.Value;
import dev.rondo.kernel.KernelProvider;
import dev.rondo.plan.Constants;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Plan;
import dev.rondo.plan.Planner;
import dev.rondo.plan.Sizes;
import dev.rondo.train.gradient.Parameters;
import dev.rondo.train.kernel.TrainingKernels;
import dev.rondo.train.step.TrainingStepBinder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A part of each batch: a function planned over the shared parameters, with inputs, sizes and states of its own. One
 * thread at a time.
 */
public final class Shard {
    private final int index;
    private final Sizes.Declared sizes;
    private final Plan plan;
    private final Map<String, Feed> inputs = new HashMap<>();
    private final Map<String, Operand> states = new LinkedHashMap<>();
    private int planned = -1;

    /**
     * A function to be run without its gradient: to evaluate, to look at what a network does.
     *
     * @param function   its f32 weights are the parameters
     * @param parameters as they are at each run
     * @param capacity   the largest sizes of its dimensions
     */
    public static Shard forward(
            Function function, ParameterStore parameters, Map<String, Integer> capacity, Model.Kernel kernel) {
        return new Shard(0, Parameters.asInputs(function), parameters, capacity, kernel);
    }

    /** @param function whose parameters are inputs */
    Shard(int index, Function function, ParameterStore parameters, Map<String, Integer> capacity, Model.Kernel kernel) {
        this.index = index;
        this.sizes = new Sizes.Declared(function.dimensionNames(), capacity);
        Arena arena = Arena.ofAuto();
        var given = new HashMap<String, Operand>();
        for (Value input : function.inputs()) {
            if (Parameters.isParameter(input)) {
                String name = Parameters.tensorName(input);
                if (!parameters.type(name).equals(input.type())) {
                    throw new InputException(
                            "parameter " + name,
                            "is " + input.type() + " in function " + function.name(),
                            parameters.type(name).toString(),
                            "make the store of this function");
                }
                given.put(input.name(), new Operand(input, parameters.values(name), sizes));
            }
        }
        for (State state : function.states()) {
            Operand home = Operand.allocate(state.value(), arena, sizes);
            states.put(state.value().name(), home);
            given.put(state.value().name(), home);
        }
        boolean plain = kernel == Model.Kernel.PLAIN;
        plan = Planner.plan(
                function,
                new Constants(Map.of()),
                sizes,
                (plain ? KernelProvider.plain() : KernelProvider.best()).kernels(),
                new TrainingStepBinder(plain ? TrainingKernels.plain() : TrainingKernels.best()),
                arena,
                given);
        for (Value input : function.inputs()) {
            if (!Parameters.isParameter(input)) {
                inputs.put(input.name(), new Feed(plan.inputs().get(input.name())));
            }
        }
    }

    /** The first is 0. */
    public int index() {
        return index;
    }

    /**
     * An input of the function.
     *
     * @throws InputException when it has none of that name
     */
    public Feed input(String name) {
        Feed feed = inputs.get(name);
        if (feed == null) {
            throw new InputException("input " + name, "is one of " + inputs.keySet(), name, "check the name");
        }
        return feed;
    }

    /** Whether the function has an input of that name. */
    public boolean hasInput(String name) {
        return inputs.containsKey(name);
    }

    /** Sets the size of a dimension, within capacity. */
    public void size(String name, int size) {
        sizes.set(name, size);
        takeSizes();
    }

    /** The current size of a dimension. */
    public int size(String name) {
        return (int) sizes.actual(name);
    }

    /** Makes all states zero. */
    public void reset() {
        states.values().forEach(s -> s.segment().fill((byte) 0));
    }

    /** Makes all states normal random numbers with mean 0. */
    public void randomise(double deviation, SeededRandom random) {
        for (Operand state : states.values()) {
            for (int i = 0; i < state.count(); i++) {
                state.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (deviation * random.nextGaussian()));
            }
        }
    }

    Map<String, Operand> states() {
        return states;
    }

    private void takeSizes() {
        if (planned != sizes.version()) {
            plan.resize();
            planned = sizes.version();
        }
    }

    /** Computes outputs and next states; the states stay as they were until {@link #commit}. */
    public void run() {
        takeSizes();
        plan.run();
    }

    /** Lets the states go on. */
    public void commit() {
        plan.commit();
    }

    MemorySegment output(String name) {
        return operand(name).segment();
    }

    /**
     * A copy of an f32 output at the current sizes.
     *
     * @throws InputException when there is none of that name
     */
    public float[] floats(String output) {
        Operand operand = operand(output);
        return operand.segment().asSlice(0, operand.byteSize()).toArray(ValueLayout.JAVA_FLOAT);
    }

    /**
     * A copy of an i64 output at the current sizes.
     *
     * @throws InputException when there is none of that name
     */
    public long[] longs(String output) {
        Operand operand = operand(output);
        return operand.segment().asSlice(0, operand.byteSize()).toArray(ValueLayout.JAVA_LONG);
    }

    private Operand operand(String output) {
        Operand operand = plan.outputs().get(output);
        if (operand == null) {
            throw new InputException(
                    "output " + output, "is one of " + plan.outputs().keySet(), output, "check the name");
        }
        return operand;
    }
}
