package dev.rondo.tests.gradient;

import dev.rondo.format.ElementType;
import dev.rondo.format.RondoFile;
import dev.rondo.graph.Function;
import dev.rondo.graph.State;
import dev.rondo.graph.Value;
import dev.rondo.kernel.Kernels;
import dev.rondo.plan.Constants;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Plan;
import dev.rondo.plan.Planner;
import dev.rondo.plan.Sizes;
import dev.rondo.tests.Engine;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.tests.session.ModelFile;
import dev.rondo.train.kernel.TrainingKernels;
import dev.rondo.train.step.TrainingStepBinder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The runtime with the trainer's steps: plans a function and runs it once.
 *
 * @param best the fastest kernels rather than the plain ones
 * @param spare whether the plan has more capacity than the call needs
 */
public record TrainingEngine(boolean best, boolean spare) implements Engine {
    @Override
    public String name() {
        return "training, " + (best ? "best" : "plain") + " kernels" + (spare ? ", spare capacity" : "");
    }

    @Override
    public double tolerance() {
        return 1e-5;
    }

    @Override
    public Interpreter.Result run(
            Function function, Map<String, NdArray> inputs, Map<String, NdArray> states, Map<String, NdArray> weights) {
        Map<String, Long> sizes = Interpreter.sizes(function, inputs, states);
        var capacity = new HashMap<String, Integer>();
        sizes.forEach((name, size) -> capacity.put(name, Math.toIntExact(size) + (spare ? 2 : 0)));
        var declared = new Sizes.Declared(function.dimensionNames(), capacity);
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Operand> given = new HashMap<>();
            for (State state : function.states()) {
                given.put(state.value().name(), Operand.allocate(state.value(), arena, declared));
            }
            var steps = new TrainingStepBinder(best ? TrainingKernels.best() : TrainingKernels.plain());
            Kernels kernels = best ? Kernels.best() : Kernels.plain();
            Plan plan = Planner.plan(function, constants(weights), declared, kernels, steps, arena, given);
            sizes.forEach((name, size) -> declared.set(name, Math.toIntExact(size)));
            plan.resize();
            given.values().forEach(Operand::resize);
            given.forEach((name, operand) -> {
                if (states.containsKey(name)) {
                    write(operand, states.get(name));
                }
            });
            inputs.forEach((name, value) -> write(plan.inputs().get(name), value));
            // Twice, so that nothing a run leaves behind goes into the next one.
            plan.run();
            plan.run();
            var outputs = new LinkedHashMap<String, NdArray>();
            plan.outputs().forEach((name, operand) -> outputs.put(name, read(operand)));
            plan.commit();
            var next = new LinkedHashMap<String, NdArray>();
            function.states()
                    .forEach(s ->
                            next.put(s.value().name(), read(given.get(s.value().name()))));
            return new Interpreter.Result(outputs, next);
        }
    }

    private static Constants constants(Map<String, NdArray> weights) {
        if (weights.isEmpty()) {
            return new Constants(Map.of());
        }
        var file = new ModelFile();
        weights.forEach(file::weight);
        try {
            Path path = Files.createTempFile("training", ".rondo");
            try {
                return new Constants(RondoFile.load(file.write(path)).tensors());
            } finally {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Operand operand, NdArray value) {
        Value expected = new Value(operand.name(), operand.type());
        if (!Arrays.stream(operand.shape()).boxed().toList().equals(value.shape())) {
            throw new IllegalArgumentException(expected + " is given " + value);
        }
        MemorySegment to = operand.segment();
        for (int i = 0; i < value.values().length; i++) {
            double v = value.values()[i];
            switch (operand.type().element()) {
                case F32 -> to.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) v);
                case F64 -> to.setAtIndex(ValueLayout.JAVA_DOUBLE, i, v);
                case I32 -> to.setAtIndex(ValueLayout.JAVA_INT, i, (int) v);
                case I64 -> to.setAtIndex(ValueLayout.JAVA_LONG, i, (long) v);
                case BOOL -> to.set(ValueLayout.JAVA_BYTE, i, (byte) v);
            }
        }
    }

    private static NdArray read(Operand operand) {
        ElementType element = operand.type().element();
        MemorySegment from = operand.segment();
        double[] values = new double[operand.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (element) {
                case F32 -> from.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                case F64 -> from.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
                case I32 -> from.getAtIndex(ValueLayout.JAVA_INT, i);
                case I64 -> from.getAtIndex(ValueLayout.JAVA_LONG, i);
                case BOOL -> from.get(ValueLayout.JAVA_BYTE, i);
            };
        }
        return new NdArray(element, Arrays.stream(operand.shape()).boxed().toList(), values);
    }
}
