package dev.rondo.train.gradient;

import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * What fused operators are made of: a recurrent cell of elementary operators, a layer is a scan of its cell; attention of
 * products and a softmax.
 */
public final class Decomposition {
    private Decomposition() {}

    /** Takes the nodes that stand for one. */
    interface Target {
        List<Value> add(Op op, List<String> names, List<Value> inputs);

        /** A name for the body of a scan that computes a value. */
        String inside(String node, String what);

        default Value add(Op op, Value... inputs) {
            return add(op, List.of(), List.of(inputs)).getFirst();
        }
    }

    /** The same function without fused operators, neither in itself nor in the bodies of its scans. */
    public static Function of(Function f) {
        return of(f, new IdentityHashMap<>());
    }

    private static Function of(Function f, Map<Function, Function> done) {
        Function known = done.get(f);
        if (known != null) {
            return known;
        }
        FunctionBuilder builder = Function.builder(f.name());
        f.inputs().forEach(v -> builder.input(v.name(), v.type()));
        f.states().forEach(s -> builder.state(s.value().name(), s.value().type()));
        var emit = new Emitter(f.name(), builder, f);
        Target target = new Target() {
            @Override
            public String inside(String node, String what) {
                return emit.inside(node, what);
            }

            @Override
            public List<Value> add(Op op, List<String> names, List<Value> inputs) {
                return switch (op) {
                    case Recurrent recurrent -> Decomposition.add(recurrent, names, inputs, this);
                    case Aggregation.Attention attention -> Decomposition.add(attention, names, inputs, this);
                    case Scan(var body, var sequences, boolean reverse, boolean repeat) ->
                        emit.addAll(new Scan(of(body, done), sequences, reverse, repeat), names, inputs);
                    default -> emit.addAll(op, names, inputs);
                };
            }
        };
        for (Node node : f.nodes()) {
            target.add(node.op(), node.outputs().stream().map(Value::name).toList(), node.inputs());
        }
        f.states().forEach(s -> emit.next(s.value(), s.next()));
        f.outputs().forEach(emit::output);
        Function decomposed = emit.build();
        done.put(f, decomposed);
        return decomposed;
    }

    /** Adds what attention means; its outputs get the given names. */
    static List<Value> add(Aggregation.Attention op, List<String> names, List<Value> inputs, Target t) {
        var in = new Node(op, inputs, List.of());
        Value query = in.input("query");
        Value keys = in.input("keys");
        Value vector = in.input("vector");
        List<Dim> q = query.type().dims();
        List<Dim> k = keys.type().dims();
        Value scores;
        if (vector.isAbsent()) {
            scores = t.add(new Contraction.MatMul(true), query, keys);
        } else {
            Value queries = t.add(new Structure.Reshape(List.of(q.get(0), q.get(1), Dim.ONE, q.get(2))), query);
            Value places = t.add(new Structure.Reshape(List.of(k.get(0), Dim.ONE, k.get(1), k.get(2))), keys);
            Value bent = activate(Activation.TANH, plus(queries, places, t), t);
            Value row = t.add(new Structure.Reshape(List.of(Dim.ONE, q.get(2))), vector);
            scores = t.add(new Structure.Reshape(List.of(q.get(0), q.get(1), k.get(1))), linear(bent, row, t));
        }
        if (op.scale() != 1) {
            scores = activate(new Activation(Activation.Kind.AFFINE, op.scale(), 0), scores, t);
        }
        var softmax = new Aggregation.Softmax(false);
        List<Value> weights = t.add(softmax, names.subList(1, 2), List.of(scores, in.input("mask")));
        Value context = t.add(
                        new Contraction.MatMul(false),
                        names.subList(0, 1),
                        List.of(weights.getFirst(), in.input("values")))
                .getFirst();
        return List.of(context, weights.getFirst());
    }

    /** Adds what a recurrent operator means; its outputs get the given names. */
    static List<Value> add(Recurrent op, List<String> names, List<Value> inputs, Target t) {
        var in = new Node(op, inputs, List.of());
        return switch (op) {
            case Recurrent.ElmanCell(var activation) -> elman(activation, names, in, t);
            case Recurrent.LstmCell(var activations) -> lstm(activations, names, in, t);
            case Recurrent.GruCell(var gate, var candidate, boolean resetAfter) ->
                gru(gate, candidate, resetAfter, names, in, t);
            case Recurrent.ElmanLayer(var activation, boolean reverse, boolean repeat) ->
                layer(new Recurrent.ElmanCell(activation), reverse, repeat, names, in, t);
            case Recurrent.LstmLayer(var activations, boolean reverse, boolean repeat) ->
                layer(new Recurrent.LstmCell(activations), reverse, repeat, names, in, t);
            case Recurrent.GruLayer(var gate, var candidate, boolean resetAfter, boolean reverse, boolean repeat) ->
                layer(new Recurrent.GruCell(gate, candidate, resetAfter), reverse, repeat, names, in, t);
        };
    }

    /** W x + b of all gates. */
    private static Value ofInput(Node in, Target t) {
        Value x = in.input("x");
        Value bias = in.input("bias");
        if (!in.input("weight_input").isAbsent()) {
            return t.add(new Contraction.Linear(), x, in.input("weight_input"), bias);
        }
        return bias.isAbsent() ? x : plus(x, bias, t);
    }

    private static Value plus(Value a, Value b, Target t) {
        return t.add(new Elementwise.Binary(BinaryFunction.ADD), a, b);
    }

    private static Value times(Value a, Value b, Target t) {
        return t.add(new Elementwise.Binary(BinaryFunction.MULTIPLY), a, b);
    }

    private static Value activate(Activation activation, Value x, Target t) {
        return t.add(new Elementwise.Activate(activation), x);
    }

    private static Value linear(Value x, Value weight, Target t) {
        return t.add(new Contraction.Linear(), x, weight, Value.ABSENT);
    }

    /** Gate k of pre-activations [B,G*H]. */
    private static Value gate(Value z, int k, Dim units, Target t) {
        return t.add(new Structure.Slice(1, units.times(k), units, 1), z);
    }

    /** {@code h' = activation(W x + U h + b)}. */
    private static List<Value> elman(Activation activation, List<String> names, Node in, Target t) {
        Value z = plus(ofInput(in, t), linear(in.input("h"), in.input("weight_hidden"), t), t);
        return t.add(new Elementwise.Activate(activation), names, List.of(z));
    }

    /** {@code c' = f⊙c + i⊙g}, {@code h' = o ⊙ cell(c')}, with peepholes and projection where given. */
    private static List<Value> lstm(LstmActivations a, List<String> names, Node in, Target t) {
        Value c = in.input("c");
        Dim units = c.type().dim(1);
        Value z = plus(ofInput(in, t), linear(in.input("h"), in.input("weight_hidden"), t), t);
        Value i = activate(a.input(), seen(gate(z, 0, units, t), 0, c, in, t), t);
        Value f = activate(a.forget(), seen(gate(z, 1, units, t), 1, c, in, t), t);
        Value g = activate(a.candidate(), gate(z, 2, units, t), t);
        Value next = t.add(
                        new Elementwise.Binary(BinaryFunction.ADD),
                        List.of(names.get(1)),
                        List.of(times(f, c, t), times(i, g, t)))
                .getFirst();
        Value o = activate(a.output(), seen(gate(z, 3, units, t), 2, next, in, t), t);
        Value bent = activate(a.cell(), next, t);
        Value projection = in.input("projection");
        List<String> name = List.of(names.getFirst());
        List<Value> h = projection.isAbsent()
                ? t.add(new Elementwise.Binary(BinaryFunction.MULTIPLY), name, List.of(o, bent))
                : t.add(new Contraction.Linear(), name, List.of(times(o, bent, t), projection, Value.ABSENT));
        return List.of(h.getFirst(), next);
    }

    /** A gate's pre-activation with what peephole k (i, f, o) lets it see of the cell. */
    private static Value seen(Value z, int k, Value c, Node in, Target t) {
        Value peepholes = in.input("peepholes");
        if (peepholes.isAbsent()) {
            return z;
        }
        return plus(z, times(c, t.add(new Structure.Slice(0, Dim.of(k), Dim.ONE, 1), peepholes), t), t);
    }

    /** {@code h' = n + z ⊙ (h − n)}. */
    private static List<Value> gru(
            Activation gate, Activation candidate, boolean resetAfter, List<String> names, Node in, Target t) {
        Value h = in.input("h");
        Value u = in.input("weight_hidden");
        Value hiddenBias = in.input("hidden_bias");
        Dim units = h.type().dim(1);
        Value x = ofInput(in, t);
        Dim two = units.times(2);
        Value hidden = linear(h, resetAfter ? u : t.add(new Structure.Slice(0, Dim.of(0), two, 1), u), t);
        Value r = activate(gate, plus(gate(x, 0, units, t), gate(hidden, 0, units, t), t), t);
        Value z = activate(gate, plus(gate(x, 1, units, t), gate(hidden, 1, units, t), t), t);
        Value recurrent;
        if (resetAfter) {
            Value own = gate(hidden, 2, units, t);
            recurrent = times(r, hiddenBias.isAbsent() ? own : plus(own, hiddenBias, t), t);
        } else {
            recurrent = linear(times(r, h, t), t.add(new Structure.Slice(0, two, units, 1), u), t);
        }
        Value n = activate(candidate, plus(gate(x, 2, units, t), recurrent, t), t);
        Value kept = times(z, t.add(new Elementwise.Binary(BinaryFunction.SUBTRACT), h, n), t);
        return t.add(new Elementwise.Binary(BinaryFunction.ADD), names, List.of(n, kept));
    }

    private static List<Value> layer(
            Recurrent cell, boolean reverse, boolean repeat, List<String> names, Node in, Target t) {
        Value x = in.input("x");
        Dim outer = x.type().dim(0);
        boolean plain = outer.names().size() == 1
                && outer.equals(Dim.named(outer.names().getFirst()));
        Dim rows = plain || outer.isFixed() ? outer : Dim.named("B");
        FunctionBuilder body = Function.builder(t.inside(names.getFirst(), cell.name()));
        var ofCell = new ArrayList<Value>();
        var given = new ArrayList<Value>();
        var begins = new ArrayList<Value>();
        for (Op.Slot slot : cell.slots()) {
            Value value = in.input(slot.name());
            switch (slot.name()) {
                case "x" -> {
                    ofCell.add(body.input(
                            "x", x.type().withDims(List.of(rows, x.type().dim(2)))));
                    given.add(x);
                }
                case "h", "c" -> {
                    ofCell.add(body.state(slot.name(), ValueType.f32(rows, width(slot.name(), in))));
                    begins.add(value);
                }
                default -> {
                    boolean fed = !value.isAbsent() && !value.isWeight();
                    ofCell.add(fed ? body.input(slot.name(), value.type()) : value);
                    if (fed) {
                        given.add(value);
                    }
                }
            }
        }
        List<Value> next = body.addAll(cell, List.of(), ofCell);
        for (int s = 0; s < next.size(); s++) {
            body.next(ofCell.get(1 + s), next.get(s));
        }
        body.output(next.getFirst());
        given.addAll(begins);
        given.add(in.input("lengths"));
        return t.add(new Scan(body.build(), List.of("x"), reverse, repeat), names, given);
    }

    /** The size of a layer's h or c. */
    private static Dim width(String state, Node in) {
        Value projection = in.input("weight_hidden");
        Dim outputs = projection.type().dim(1);
        boolean projected = in.op() instanceof Recurrent.LstmLayer
                && !in.input("projection").isAbsent();
        return state.equals("c") && projected ? in.input("projection").type().dim(1) : outputs;
    }
}
