package dev.rondo.train.gradient;

import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Node;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Differentiates functions by reverse accumulation. */
public final class Gradient {
    private Gradient() {}

    /**
     * The function that computes what f computes, and the gradient of a loss. Inputs and states are those of f, so one
     * call makes a step of training with carried state: gradients stop at the states a call begins with (truncated
     * back-propagation through time). Weights are constants; {@link Parameters#asInputs} makes inputs of them. Recurrent
     * layers with their usual activations use fused backward operators, all else goes back through nodes of the
     * catalogue; both run on a plan that binds the operators of training.
     *
     * @param loss f32[], an output of f or any value in it; the sum, or mean, of what a batch costs
     * @param parameters f32 inputs of f
     * @return a function with the outputs of f, then {@code grad/NAME} for every parameter, of the parameter's type:
     *     dloss/dNAME, zero where the loss does not depend on it
     * @throws ShapeException when loss or parameters are no such values, or the loss depends on a parameter through an
     *     operator that has no gradient
     */
    public static Function of(Function f, Value loss, List<Value> parameters) {
        check(f, loss, parameters);
        String name = f.name() + "_gradient";
        FunctionBuilder builder = Function.builder(name);
        f.inputs().forEach(v -> builder.input(v.name(), v.type()));
        f.states().forEach(s -> builder.state(s.value().name(), s.value().type()));
        var emit = new Emitter(name, builder, f);
        var tape = new Tape(emit);
        parameters.forEach(tape::reach);
        Set<String> needed = neededFor(loss, f.nodes());
        for (Node node : f.nodes()) {
            if (node.outputs().stream().anyMatch(v -> needed.contains(v.name()))) {
                tape.forward(node);
            } else {
                emit.addAll(node.op(), node.outputs().stream().map(Value::name).toList(), node.inputs());
            }
        }
        if (tape.wants(loss)) {
            tape.add(loss, emit.filled(loss.type(), 1));
        }
        tape.backward();
        f.states().forEach(s -> emit.next(s.value(), s.next()));
        f.outputs().forEach(emit::output);
        for (Value parameter : parameters) {
            Value cotangent = tape.cotangent(parameter);
            Value gradient = cotangent.isAbsent() ? emit.zeros(parameter.type()) : cotangent;
            emit.output(emit.named("grad/" + parameter.name(), gradient));
        }
        return emit.build();
    }

    private static void check(Function f, Value loss, List<Value> parameters) {
        boolean known = f.inputs().contains(loss)
                || f.nodes().stream().anyMatch(n -> n.outputs().contains(loss));
        if (!known || !loss.type().equals(ValueType.f32())) {
            throw new ShapeException(
                    "gradient of function " + f.name(),
                    "the loss is a value of it of type f32[]",
                    "" + loss,
                    "reduce it");
        }
        for (Value parameter : parameters) {
            if (!f.inputs().contains(parameter) || parameter.type().element() != ElementType.F32) {
                throw new ShapeException(
                        "gradient of function " + f.name(),
                        "a parameter is an f32 input of it",
                        "" + parameter,
                        "Parameters.asInputs makes inputs of weights");
            }
        }
        if (new HashSet<>(parameters).size() != parameters.size()) {
            throw new ShapeException(
                    "gradient of function " + f.name(), "parameters are distinct", "" + parameters, "name each once");
        }
    }

    /** The names of all values that the loss is computed of. */
    private static Set<String> neededFor(Value loss, List<Node> nodes) {
        var needed = new HashSet<String>();
        needed.add(loss.name());
        for (Node node : nodes.reversed()) {
            if (node.outputs().stream().anyMatch(v -> needed.contains(v.name()))) {
                node.inputs().forEach(v -> needed.add(v.name()));
            }
        }
        return needed;
    }
}
