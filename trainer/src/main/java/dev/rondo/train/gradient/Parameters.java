package dev.rondo.train.gradient;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Node;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What training changes: weights as inputs of a function. */
public final class Parameters {
    private static final String PREFIX = "param/";

    /** Bodies done before: one that several scans share is done once and stays shared. */
    private final Map<Function, Function> done = new IdentityHashMap<>();

    private final Map<Function, Set<Value>> weights = new IdentityHashMap<>();

    private Parameters() {}

    /**
     * The function with every f32 weight turned into an input {@code param/TENSOR} of the weight's type, after the
     * inputs it has, in order of first use. Weights of a scan's body come from outside the scan, the same at every step:
     * a weight used in several places is one input, so its gradient is the sum over them. Weights of other element types
     * stay.
     */
    public static Function asInputs(Function f) {
        return new Parameters().convert(f);
    }

    /** Whether an input is one of those that {@link #asInputs} made. */
    public static boolean isParameter(Value input) {
        return input.name().startsWith(PREFIX);
    }

    /** The tensor whose value an input of {@link #asInputs} is. */
    public static String tensorName(Value parameter) {
        return parameter.name().substring(PREFIX.length());
    }

    /** The inputs that {@link #asInputs} made, in order. */
    public static List<Value> of(Function f) {
        return f.inputs().stream().filter(Parameters::isParameter).toList();
    }

    private Function convert(Function f) {
        Function known = done.get(f);
        if (known != null) {
            return known;
        }
        FunctionBuilder builder = Function.builder(f.name());
        f.inputs().forEach(v -> builder.input(v.name(), v.type()));
        Map<Value, Value> inputs = new LinkedHashMap<>();
        weights(f).forEach(w -> inputs.put(w, builder.input(PREFIX + w.tensorName(), w.type())));
        f.states().forEach(s -> builder.state(s.value().name(), s.value().type()));
        for (Node node : f.nodes()) {
            var in = new ArrayList<Value>();
            node.inputs().forEach(v -> in.add(inputs.getOrDefault(v, v)));
            List<String> names = node.outputs().stream().map(Value::name).toList();
            if (node.op() instanceof Scan scan) {
                List<Value> added =
                        weights(scan.body()).stream().map(inputs::get).toList();
                in.addAll(scan.body().inputs().size(), added);
                Function body = convert(scan.body());
                builder.addAll(new Scan(body, scan.sequences(), scan.reverse(), scan.repeat()), names, in);
            } else {
                builder.addAll(node.op(), names, in);
            }
        }
        f.states().forEach(s -> builder.next(s.value(), inputs.getOrDefault(s.next(), s.next())));
        f.outputs().forEach(v -> builder.output(inputs.getOrDefault(v, v)));
        Function converted = builder.build();
        done.put(f, converted);
        return converted;
    }

    /** The f32 weights of a function and of the bodies of its scans. */
    private Set<Value> weights(Function f) {
        Set<Value> known = weights.get(f);
        if (known == null) {
            known = new LinkedHashSet<>();
            for (Node node : f.nodes()) {
                known.addAll(node.inputs());
                if (node.op() instanceof Scan scan) {
                    known.addAll(weights(scan.body()));
                }
            }
            known.addAll(f.weights());
            known.removeIf(v -> !v.isWeight() || v.type().element() != ElementType.F32);
            weights.put(f, known);
        }
        return known;
    }
}
