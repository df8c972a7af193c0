package dev.rondo.graph;

import dev.rondo.error.FormatException;
import dev.rondo.format.Attribute;
import dev.rondo.format.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Between operators and what files and graph text hold: a name and attributes. Decoding is strict: a missing, unknown or
 * wrong attribute is an error. An attribute that has its usual value is not written.
 */
public final class OpCodec {
    private OpCodec() {}

    /** The attributes of an operator, in the order of its documentation. */
    public static Map<String, Attribute> attributes(Op op) {
        var out = new LinkedHashMap<String, Attribute>();
        switch (op) {
            case Elementwise.Unary _, Elementwise.Binary _, Elementwise.Compare _, Elementwise.Not _ -> {}
            case Elementwise.Where _, Structure.Gather _, Structure.Pick _, Contraction.Linear _ -> {}
            case Aggregation.Softmax _ -> {}
            case Elementwise.Activate(Activation activation) -> put(out, "function", activation);
            case Elementwise.Cast(ElementType to) -> out.put("to", new Attribute.Text(to.text()));
            case Structure.Concat(int axis) -> put(out, "axis", axis);
            case Structure.Slice(int axis, Dim start, Dim length, int step) -> {
                put(out, "axis", axis);
                put(out, "start", start);
                put(out, "length", length);
                putUnless(1, out, "step", step);
            }
            case Structure.Reshape(List<Dim> dims) -> put(out, "shape", dims);
            case Structure.Expand(List<Dim> dims) -> put(out, "shape", dims);
            case Structure.Transpose(List<Integer> permutation) -> put(out, "permutation", Dim.ofAll(permutation));
            case Structure.Pad(int axis, int before, int after, Structure.PadMode mode) -> {
                put(out, "axis", axis);
                put(out, "before", before);
                put(out, "after", after);
                out.put("mode", new Attribute.Text(mode.text()));
            }
            case Structure.LengthMask(Dim size) -> put(out, "size", size);
            case Structure.Fill(ElementType element, double value, List<Dim> dims) -> {
                out.put("element", new Attribute.Text(element.text()));
                out.put("value", new Attribute.Real(value));
                put(out, "shape", dims);
            }
            case Structure.Size(Dim dim, ElementType element) -> {
                put(out, "dim", dim);
                out.put("element", new Attribute.Text(element.text()));
            }
            case Contraction.MatMul(boolean transposeB) -> putIf(transposeB, out, "transpose_b");
            case Contraction.Conv1d conv -> {
                putUnless(1, out, "stride", conv.stride());
                putUnless(1, out, "dilation", conv.dilation());
                putUnless(1, out, "groups", conv.groups());
                putUnless(0, out, "before", conv.before());
                putUnless(0, out, "after", conv.after());
            }
            case Aggregation.Reduce(Reduction _, int axis, boolean keep) -> {
                put(out, "axis", axis);
                putIf(keep, out, "keep");
            }
            case Aggregation.ArgMax(int axis) -> put(out, "axis", axis);
            case Aggregation.TopK(int k, var normalisation) -> {
                put(out, "k", k);
                if (normalisation != Aggregation.Normalisation.NONE) {
                    out.put("normalisation", new Attribute.Text(normalisation.text()));
                }
            }
            case Aggregation.Attention(float scale) -> {
                if (scale != 1) {
                    out.put("scale", new Attribute.Real(scale));
                }
            }
            case Aggregation.LayerNorm(float epsilon) -> out.put("epsilon", new Attribute.Real(epsilon));
            case Aggregation.PoolTime(Aggregation.Pooling pooling) ->
                out.put("pooling", new Attribute.Text(pooling.text()));
            case Aggregation.PoolWindow(Aggregation.Pooling pooling, int size, int stride) -> {
                out.put("pooling", new Attribute.Text(pooling.text()));
                put(out, "size", size);
                put(out, "stride", stride);
            }
            case Recurrent.ElmanCell(Activation activation) -> put(out, "activation", activation);
            case Recurrent.ElmanLayer(Activation activation, boolean reverse, boolean repeat) -> {
                put(out, "activation", activation);
                putDirection(out, reverse, repeat);
            }
            case Recurrent.LstmCell(LstmActivations activations) -> put(out, activations);
            case Recurrent.LstmLayer(LstmActivations activations, boolean reverse, boolean repeat) -> {
                put(out, activations);
                putDirection(out, reverse, repeat);
            }
            case Recurrent.GruCell(Activation gate, Activation candidate, boolean resetAfter) ->
                put(out, gate, candidate, resetAfter);
            case Recurrent.GruLayer gru -> {
                put(out, gru.gate(), gru.candidate(), gru.resetAfter());
                putDirection(out, gru.reverse(), gru.repeat());
            }
            case Extension extension -> out.putAll(extension.attributes());
            case Scan scan -> {
                out.put("body", new Attribute.Reference(scan.body().name()));
                out.put("over", new Attribute.Texts(scan.sequences()));
                putDirection(out, scan.reverse(), scan.repeat());
            }
        }
        return out;
    }

    /**
     * The operator of that name, version and attributes.
     *
     * @param bodies the functions a scan may run, by name
     * @throws FormatException when there is no such operator or an attribute breaks a rule
     */
    public static Op decode(
            String subject, String name, int version, Map<String, Attribute> attributes, Map<String, Function> bodies) {
        var unread = new LinkedHashSet<>(attributes.keySet());
        Op op = decode(subject, name, version, attributes, bodies, unread);
        for (String key : unread) {
            throw new FormatException(
                    subject + " " + name, "attributes are known", "'" + key + "'", "convert the model anew");
        }
        return op;
    }

    /**
     * The same for graph text, where attributes and optional inputs stand side by side: takes the attributes that the
     * operator has out of {@code unread} and leaves the others there.
     */
    static Op decode(
            String subject,
            String name,
            int version,
            Map<String, Attribute> attributes,
            Map<String, Function> bodies,
            Set<String> unread) {
        if (version != 1) {
            throw new FormatException(
                    subject, "operator '" + name + "' has version 1", "version " + version, "update Rondo");
        }
        var in = new Reader(subject, name, attributes, bodies);
        Op op;
        try {
            op = in.operator();
        } catch (IllegalArgumentException wrong) {
            throw in.error("attributes in range", wrong.getMessage());
        }
        unread.removeAll(in.read());
        return op;
    }

    private static void put(Map<String, Attribute> out, String key, long value) {
        out.put(key, new Attribute.Int(value));
    }

    private static void putUnless(long usual, Map<String, Attribute> out, String key, long value) {
        if (value != usual) {
            put(out, key, value);
        }
    }

    private static void putIf(boolean value, Map<String, Attribute> out, String key) {
        if (value) {
            out.put(key, new Attribute.Flag(true));
        }
    }

    private static void put(Map<String, Attribute> out, String key, Dim dim) {
        out.put(key, dim.isFixed() ? new Attribute.Int(dim.fixed()) : new Attribute.Text(dim.toString()));
    }

    /** As with one dimension, numbers are numbers: so the text {@code [2,0,1]} means one attribute only. */
    private static void put(Map<String, Attribute> out, String key, List<Dim> dims) {
        var numbers = new ArrayList<Long>();
        for (Dim dim : dims) {
            if (!dim.isFixed()) {
                out.put(key, new Attribute.Texts(Dim.texts(dims)));
                return;
            }
            numbers.add(dim.fixed());
        }
        out.put(key, new Attribute.Ints(numbers));
    }

    private static void put(Map<String, Attribute> out, String key, Activation activation) {
        out.put(key, new Attribute.Text(activation.text()));
    }

    private static void putUnless(Activation usual, Map<String, Attribute> out, String key, Activation activation) {
        if (!activation.equals(usual)) {
            put(out, key, activation);
        }
    }

    private static void put(Map<String, Attribute> out, LstmActivations activations) {
        LstmActivations usual = LstmActivations.STANDARD;
        putUnless(usual.input(), out, "input", activations.input());
        putUnless(usual.forget(), out, "forget", activations.forget());
        putUnless(usual.candidate(), out, "candidate", activations.candidate());
        putUnless(usual.output(), out, "output", activations.output());
        putUnless(usual.cell(), out, "cell", activations.cell());
    }

    /** Which reset variant a GRU has is always written: frameworks disagree about the usual one. */
    private static void put(Map<String, Attribute> out, Activation gate, Activation candidate, boolean resetAfter) {
        out.put("reset_after", new Attribute.Flag(resetAfter));
        putUnless(Activation.SIGMOID, out, "gate", gate);
        putUnless(Activation.TANH, out, "candidate", candidate);
    }

    private static void putDirection(Map<String, Attribute> out, boolean reverse, boolean repeat) {
        putIf(reverse, out, "reverse");
        putIf(repeat, out, "repeat");
    }

    /** Takes attributes by name and remembers which, so that an unknown one is found. */
    private record Reader(
            String subject,
            String name,
            Map<String, Attribute> attributes,
            Map<String, Function> bodies,
            Set<String> read) {
        Reader(String subject, String name, Map<String, Attribute> attributes, Map<String, Function> bodies) {
            this(subject, name, attributes, bodies, new HashSet<>());
        }

        Op operator() {
            return switch (name) {
                case "activate" -> new Elementwise.Activate(activation("function", null));
                case "not" -> new Elementwise.Not();
                case "where" -> new Elementwise.Where();
                case "cast" -> new Elementwise.Cast(ElementType.parse(text("to")));
                case "concat" -> new Structure.Concat(integer("axis", null));
                case "slice" ->
                    new Structure.Slice(integer("axis", null), dim("start"), dim("length"), integer("step", 1));
                case "reshape" -> new Structure.Reshape(dims("shape"));
                case "expand" -> new Structure.Expand(dims("shape"));
                case "transpose" -> new Structure.Transpose(integers("permutation"));
                case "pad" ->
                    new Structure.Pad(
                            integer("axis", null),
                            integer("before", null),
                            integer("after", null),
                            choice("mode", Structure.PadMode.values(), null));
                case "gather" -> new Structure.Gather();
                case "pick" -> new Structure.Pick();
                case "length_mask" -> new Structure.LengthMask(dim("size"));
                case "fill" -> new Structure.Fill(ElementType.parse(text("element")), number("value"), dims("shape"));
                case "size" -> new Structure.Size(dim("dim"), ElementType.parse(text("element")));
                case "linear" -> new Contraction.Linear();
                case "matmul" -> new Contraction.MatMul(flag("transpose_b"));
                case "conv1d" ->
                    new Contraction.Conv1d(
                            integer("stride", 1),
                            integer("dilation", 1),
                            integer("groups", 1),
                            integer("before", 0),
                            integer("after", 0));
                case "argmax" -> new Aggregation.ArgMax(integer("axis", null));
                case "top_k" ->
                    new Aggregation.TopK(
                            integer("k", null),
                            choice(
                                    "normalisation",
                                    Aggregation.Normalisation.values(),
                                    Aggregation.Normalisation.NONE));
                case "attention" -> new Aggregation.Attention(attributes.containsKey("scale") ? real("scale") : 1);
                case "softmax" -> new Aggregation.Softmax(false);
                case "log_softmax" -> new Aggregation.Softmax(true);
                case "layer_norm" -> new Aggregation.LayerNorm(real("epsilon"));
                case "pool_time" -> new Aggregation.PoolTime(pooling());
                case "pool_window" ->
                    new Aggregation.PoolWindow(pooling(), integer("size", null), integer("stride", null));
                case "elman_cell" -> new Recurrent.ElmanCell(activation("activation", null));
                case "elman" ->
                    new Recurrent.ElmanLayer(activation("activation", null), flag("reverse"), flag("repeat"));
                case "lstm_cell" -> new Recurrent.LstmCell(lstmActivations());
                case "lstm" -> new Recurrent.LstmLayer(lstmActivations(), flag("reverse"), flag("repeat"));
                case "gru_cell" ->
                    new Recurrent.GruCell(
                            activation("gate", Activation.SIGMOID),
                            activation("candidate", Activation.TANH),
                            requiredFlag("reset_after"));
                case "gru" ->
                    new Recurrent.GruLayer(
                            activation("gate", Activation.SIGMOID),
                            activation("candidate", Activation.TANH),
                            requiredFlag("reset_after"),
                            flag("reverse"),
                            flag("repeat"));
                case "scan" -> new Scan(body(), texts("over"), flag("reverse"), flag("repeat"));
                default -> function();
            };
        }

        /** Operators that are named after their function. */
        private Op function() {
            Optional<UnaryFunction> unary = UnaryFunction.parse(name);
            if (unary.isPresent()) {
                return new Elementwise.Unary(unary.get());
            }
            Optional<BinaryFunction> binary = BinaryFunction.parse(name);
            if (binary.isPresent()) {
                return new Elementwise.Binary(binary.get());
            }
            Optional<Comparison> comparison = Comparison.parse(name);
            if (comparison.isPresent()) {
                return new Elementwise.Compare(comparison.get());
            }
            if (name.startsWith("reduce_")) {
                Optional<Reduction> reduction = Reduction.parse(name.substring("reduce_".length()));
                if (reduction.isPresent()) {
                    return new Aggregation.Reduce(reduction.get(), integer("axis", null), flag("keep"));
                }
            }
            throw new FormatException(
                    subject, "the operator is in the catalogue", "'" + name + "'", "update Rondo or convert anew");
        }

        FormatException error(String rule, String got) {
            return new FormatException(subject + " " + name, rule, got, "convert the model anew");
        }

        /** The attribute as the wanted kind, the usual value when it is absent; usual null means it is required. */
        private <T> T take(String key, Class<T> kind, T usual) {
            read.add(key);
            Attribute attribute = attributes.get(key);
            if (attribute == null && usual != null) {
                return usual;
            }
            if (!kind.isInstance(attribute)) {
                throw error("attribute '" + key + "' is " + kind.getSimpleName(), String.valueOf(attribute));
            }
            return kind.cast(attribute);
        }

        private int integer(String key, Integer usual) {
            long value = take(key, Attribute.Int.class, usual == null ? null : new Attribute.Int(usual))
                    .value();
            if (value != (int) value) {
                throw error("attribute '" + key + "' is a 32-bit integer", "" + value);
            }
            return (int) value;
        }

        private boolean flag(String key) {
            return take(key, Attribute.Flag.class, new Attribute.Flag(false)).value();
        }

        private boolean requiredFlag(String key) {
            return take(key, Attribute.Flag.class, null).value();
        }

        private float real(String key) {
            return (float) number(key);
        }

        private double number(String key) {
            return take(key, Attribute.Real.class, null).value();
        }

        private String text(String key) {
            return take(key, Attribute.Text.class, null).value();
        }

        private List<String> texts(String key) {
            return take(key, Attribute.Texts.class, null).values();
        }

        private List<Integer> integers(String key) {
            List<Long> values = take(key, Attribute.Ints.class, null).values();
            var integers = new ArrayList<Integer>();
            for (long value : values) {
                if (value != (int) value) {
                    throw error("attribute '" + key + "' holds 32-bit integers", "" + value);
                }
                integers.add((int) value);
            }
            return integers;
        }

        private Dim dim(String key) {
            Attribute attribute = take(key, Attribute.class, null);
            if (attribute instanceof Attribute.Int(long value)) {
                return Dim.of(value);
            }
            if (attribute instanceof Attribute.Text(String value)) {
                return Dim.parse(value);
            }
            throw error("attribute '" + key + "' is a number or an expression", attribute.toString());
        }

        private List<Dim> dims(String key) {
            Attribute attribute = take(key, Attribute.class, null);
            List<Dim> dims;
            if (attribute instanceof Attribute.Ints(List<Long> values)) {
                dims = Dim.ofAll(values);
            } else if (attribute instanceof Attribute.Texts(List<String> values)) {
                dims = Dim.parseAll(values);
            } else {
                throw error("attribute '" + key + "' is a list of numbers or expressions", attribute.toString());
            }
            if (dims.size() > ValueType.MAX_RANK) {
                throw error("rank of at most " + ValueType.MAX_RANK, dims.toString());
            }
            return dims;
        }

        private Activation activation(String key, Activation usual) {
            String text = take(key, Attribute.Text.class, usual == null ? null : new Attribute.Text(usual.text()))
                    .value();
            Optional<Activation> activation = Activation.parse(text);
            if (activation.isEmpty()) {
                throw error("attribute '" + key + "' is an activation", "'" + text + "'");
            }
            return activation.get();
        }

        private LstmActivations lstmActivations() {
            LstmActivations usual = LstmActivations.STANDARD;
            return new LstmActivations(
                    activation("input", usual.input()),
                    activation("forget", usual.forget()),
                    activation("candidate", usual.candidate()),
                    activation("output", usual.output()),
                    activation("cell", usual.cell()));
        }

        /** The constant of that name in small letters; usual null means the attribute is required. */
        private <E extends Enum<E>> E choice(String key, E[] values, E usual) {
            if (usual != null && !attributes.containsKey(key)) {
                return usual;
            }
            String text = text(key);
            for (E value : values) {
                if (value.name().toLowerCase(Locale.ROOT).equals(text)) {
                    return value;
                }
            }
            String all = Arrays.toString(values).toLowerCase(Locale.ROOT);
            throw error("attribute '" + key + "' is one of " + all, "'" + text + "'");
        }

        private Aggregation.Pooling pooling() {
            return choice("pooling", Aggregation.Pooling.values(), null);
        }

        private Function body() {
            String function = take("body", Attribute.Reference.class, null).function();
            Function body = bodies.get(function);
            if (body == null) {
                throw error("the body is an earlier function", "'" + function + "'");
            }
            return body;
        }
    }
}
