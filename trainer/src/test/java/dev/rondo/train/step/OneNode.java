package dev.rondo.train.step;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.kernel.Kernels;
import dev.rondo.plan.Constants;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Plan;
import dev.rondo.plan.Planner;
import dev.rondo.plan.Sizes;
import dev.rondo.train.kernel.TrainingKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The plan of a function of one node of training, all inputs fed. */
final class OneNode {
    private final Arena arena = Arena.ofAuto();
    private final Sizes.Declared sizes;
    private final List<Value> inputs = new ArrayList<>();
    private final List<Value> outputs;
    private final Plan plan;

    /** @param types of the inputs in the order of the slots; null where one is absent */
    OneNode(Training op, boolean vector, Map<String, Integer> capacity, ValueType... types) {
        FunctionBuilder builder = Function.builder("one");
        for (int i = 0; i < types.length; i++) {
            inputs.add(types[i] == null ? Value.ABSENT : builder.input("in" + i, types[i]));
        }
        while (inputs.size() < op.slots().size()) {
            inputs.add(Value.ABSENT);
        }
        outputs = builder.addAll(op, List.of(), inputs);
        outputs.forEach(builder::output);
        sizes = new Sizes.Declared(List.copyOf(capacity.keySet()), capacity);
        plan = Planner.plan(
                builder.build(),
                new Constants(Map.of()),
                sizes,
                vector ? Kernels.best() : Kernels.plain(),
                new TrainingStepBinder(vector ? TrainingKernels.best() : TrainingKernels.plain()),
                arena,
                Map.of());
        plan.resize();
    }

    /** Sets the size of a name and resizes. */
    OneNode size(String name, int size) {
        sizes.set(name, size);
        plan.resize();
        return this;
    }

    void resize() {
        plan.resize();
    }

    void run() {
        plan.run();
    }

    boolean has(int input) {
        return input < inputs.size() && !inputs.get(input).isAbsent();
    }

    Operand input(int i) {
        return plan.inputs().get(inputs.get(i).name());
    }

    Operand output(int i) {
        return plan.outputs().get(outputs.get(i).name());
    }

    int outputs() {
        return outputs.size();
    }

    /** Fills an input: floats as they are, whole numbers rounded. */
    OneNode set(int i, float... values) {
        Operand operand = input(i);
        if (values.length != operand.count()) {
            throw new IllegalArgumentException(operand.type() + " from " + values.length + " values");
        }
        for (int e = 0; e < values.length; e++) {
            switch (operand.type().element()) {
                case F32 -> operand.segment().setAtIndex(ValueLayout.JAVA_FLOAT, e, values[e]);
                case I32 -> operand.segment().setAtIndex(ValueLayout.JAVA_INT, e, Math.round(values[e]));
                case I64 -> operand.segment().setAtIndex(ValueLayout.JAVA_LONG, e, Math.round((double) values[e]));
                case F64, BOOL ->
                    throw new IllegalArgumentException(operand.type().toString());
            }
        }
        return this;
    }

    /** Fills every f32 input with normal numbers, and whole ones with numbers below a bound. */
    OneNode fill(Random random, float scale, int bound) {
        for (int i = 0; i < inputs.size(); i++) {
            if (has(i)) {
                float[] values = new float[input(i).count()];
                boolean whole = input(i).type().element() != ElementType.F32;
                for (int e = 0; e < values.length; e++) {
                    values[e] = whole ? random.nextInt(bound) : scale * (float) random.nextGaussian();
                }
                set(i, values);
            }
        }
        return this;
    }

    float[] values(int input) {
        return floats(input(input));
    }

    float[] result(int output) {
        return floats(output(output));
    }

    float[][] results() {
        float[][] all = new float[outputs.size()][];
        Arrays.setAll(all, this::result);
        return all;
    }

    private static float[] floats(Operand operand) {
        float[] values = new float[operand.count()];
        for (int e = 0; e < values.length; e++) {
            values[e] = switch (operand.type().element()) {
                case F32 -> operand.segment().getAtIndex(ValueLayout.JAVA_FLOAT, e);
                case I32 -> operand.segment().getAtIndex(ValueLayout.JAVA_INT, e);
                case I64 -> operand.segment().getAtIndex(ValueLayout.JAVA_LONG, e);
                case F64, BOOL ->
                    throw new IllegalArgumentException(operand.type().toString());
            };
        }
        return values;
    }
}
