package dev.rondo.graph;

import dev.rondo.error.ShapeException;
import dev.rondo.format.Attribute;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The readable form of functions, which {@code rondo inspect} prints and tests read. Its grammar, with the reasons, is
 * in {@code docs/decisions/0002-graph-language.md}:
 *
 * <pre>{@code
 * # a comment to the end of the line
 * function step(token: i32[B]) -> logits {
 *     state h: f32[B,512] <- h1       # what replaces it after the call; without an arrow it is read only
 *     state c: f32[B,512] <- c1
 *     weight embedding: f32[65,128]
 *     weight w_hh: f32[2048,512]
 *     weight w_ih: f32[2048,128]
 *     weight out: f32[65,512]
 *     x = gather(@embedding, token)
 *     h1, c1 = lstm_cell(x, h, c, @w_hh, weight_input=@w_ih)
 *     logits = linear(h1, @out)
 * }
 * }</pre>
 *
 * <p>Required inputs stand in the order of the operator's slots, optional ones are {@code slot=value}, attributes
 * {@code name=literal}. The body of a scan is an earlier function:
 * {@code ys, last = scan(step, over(token=tokens), with(memory=memory), from(h=h0), lengths=n, reverse=true)}.
 */
public final class GraphText {
    /** Statements longer than this do not push the others' comments to the right. */
    private static final int COMMENT_COLUMN = 88;

    private static final int LINE = 110;

    private GraphText() {}

    /** The text of a function, after the bodies of its scans. */
    public static String print(Function function) {
        return print(List.of(function));
    }

    /**
     * The text of several functions, each after the bodies of its scans, each once.
     *
     * @throws ShapeException when two different functions have one name
     */
    public static String print(Collection<Function> functions) {
        var all = new LinkedHashMap<String, Function>();
        for (Function function : functions) {
            function.bodies().forEach(body -> include(all, body));
            include(all, function);
        }
        return all.values().stream().map(GraphText::text).collect(Collectors.joining("\n"));
    }

    private static void include(Map<String, Function> all, Function function) {
        Function known = all.putIfAbsent(function.name(), function);
        if (known != null && !known.equals(function)) {
            throw new ShapeException(
                    "graph text of function " + function.name(),
                    "functions of one name are the same",
                    "two different ones",
                    "rename one of them");
        }
    }

    private static String text(Function function) {
        var out = new StringBuilder(signature(function)).append(" {\n");
        for (State state : function.states()) {
            String next = state.isReplaced() ? " <- " + reference(state.next()) : "";
            out.append("    state ")
                    .append(declaration(state.value()))
                    .append(next)
                    .append("\n");
        }
        for (Value weight : function.weights()) {
            out.append("    weight ")
                    .append(name(weight.tensorName()))
                    .append(": ")
                    .append(weight.type())
                    .append("\n");
        }
        List<List<String>> statements =
                function.nodes().stream().map(GraphText::statement).toList();
        int column = statements.stream()
                .mapToInt(lines -> lines.getLast().length())
                .filter(length -> length <= COMMENT_COLUMN)
                .max()
                .orElse(0);
        for (int i = 0; i < statements.size(); i++) {
            String types = function.nodes().get(i).outputs().stream()
                    .map(v -> v.type().toString())
                    .collect(Collectors.joining(", "));
            out.append(String.join("\n", statements.get(i)));
            out.append(
                    " ".repeat(Math.max(0, column - statements.get(i).getLast().length())));
            out.append("  # ").append(types).append("\n");
        }
        return out.append("}\n").toString();
    }

    private static String signature(Function function) {
        List<String> inputs =
                function.inputs().stream().map(GraphText::declaration).toList();
        String head = "function " + name(function.name()) + "(";
        String tail = ")" + (function.outputs().isEmpty() ? "" : " -> ") + references(function.outputs());
        String line = head + String.join(", ", inputs) + tail;
        return line.length() <= LINE ? line : head + "\n        " + String.join(",\n        ", inputs) + tail;
    }

    private static String declaration(Value value) {
        return name(value.name()) + ": " + value.type();
    }

    /** The lines of a statement. */
    private static List<String> statement(Node node) {
        String outputs = references(node.outputs());
        List<String> arguments = node.op() instanceof Scan scan ? scanArguments(scan, node) : arguments(node);
        var lines = new ArrayList<String>();
        var line = new StringBuilder(
                "    " + outputs + (outputs.isEmpty() ? "" : " = ") + node.op().name() + "(");
        for (int i = 0; i < arguments.size(); i++) {
            String piece = arguments.get(i) + (i < arguments.size() - 1 ? "," : ")");
            if (i > 0 && line.length() + 1 + piece.length() > LINE) {
                lines.add(line.toString());
                line = new StringBuilder("        ").append(piece);
            } else {
                line.append(i > 0 ? " " : "").append(piece);
            }
        }
        lines.add(line.toString());
        return lines;
    }

    private static List<String> arguments(Node node) {
        var out = new ArrayList<String>();
        List<Op.Slot> slots = node.op().slots();
        for (int i = 0; i < node.inputs().size(); i++) {
            Op.Slot slot = slots.get(Math.min(i, slots.size() - 1));
            if (slot.presence() != Op.Presence.OPTIONAL) {
                out.add(reference(node.inputs().get(i)));
            }
        }
        for (int i = 0; i < slots.size(); i++) {
            if (slots.get(i).presence() == Op.Presence.OPTIONAL) {
                addNamed(out, slots.get(i).name(), node.inputs().get(i));
            }
        }
        OpCodec.attributes(node.op()).forEach((key, value) -> out.add(key + "=" + literal(value)));
        return out;
    }

    private static List<String> scanArguments(Scan scan, Node node) {
        var over = new ArrayList<String>();
        scan.sequences().forEach(s -> addNamed(over, s, node.input(s)));
        var with = new ArrayList<String>();
        var from = new ArrayList<String>();
        List<Value> inputs = scan.body().inputs();
        for (int i = 0; i < inputs.size(); i++) {
            if (!scan.isSequence(i)) {
                addNamed(with, inputs.get(i).name(), node.inputs().get(i));
            }
        }
        List<State> states = scan.body().states();
        for (int s = 0; s < states.size(); s++) {
            addNamed(from, states.get(s).value().name(), node.inputs().get(inputs.size() + s));
        }
        var out = new ArrayList<String>();
        out.add(name(scan.body().name()));
        addGroup(out, "over", over);
        addGroup(out, "with", with);
        addGroup(out, "from", from);
        addNamed(out, "lengths", node.inputs().getLast());
        if (scan.reverse()) {
            out.add("reverse=true");
        }
        if (scan.repeat()) {
            out.add("repeat=true");
        }
        return out;
    }

    private static void addGroup(List<String> out, String group, List<String> members) {
        if (!members.isEmpty()) {
            out.add(group + "(" + String.join(", ", members) + ")");
        }
    }

    private static void addNamed(List<String> out, String slot, Value value) {
        if (!value.isAbsent()) {
            out.add(name(slot) + "=" + reference(value));
        }
    }

    private static String references(List<Value> values) {
        return values.stream().map(GraphText::reference).collect(Collectors.joining(", "));
    }

    private static String reference(Value value) {
        return value.isWeight() ? "@" + name(value.tensorName()) : name(value.name());
    }

    /** The name, in quotes where it would not be read as one word. */
    private static String name(String name) {
        if (!name.isEmpty() && name.chars().allMatch(GraphText::isWordCharacter)) {
            return name;
        }
        var out = new StringBuilder("\"");
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    /** What names hold without quotes. */
    static boolean isWordCharacter(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "_./-".indexOf(c) >= 0;
    }

    /** An attribute's value as a literal. */
    static String literal(Attribute attribute) {
        return switch (attribute) {
            case Attribute.Int(long value) -> Long.toString(value);
            case Attribute.Real(double value) -> real(value);
            case Attribute.Text(String value) -> value;
            case Attribute.Flag(boolean value) -> Boolean.toString(value);
            case Attribute.Ints(List<Long> values) -> values.toString().replace(" ", "");
            case Attribute.Reals(List<Double> values) ->
                values.stream().map(GraphText::real).collect(Collectors.joining(",", "[", "]"));
            case Attribute.Texts(List<String> values) -> "[" + String.join(",", values) + "]";
            case Attribute.Reference(String function) -> name(function);
        };
    }

    /** The shortest text of a number that is an f32 in fact: 1.0E-5 and not 9.999999747378752E-6. */
    private static String real(double value) {
        String shortest = Float.toString((float) value);
        boolean exact = value == (float) value && (float) Double.parseDouble(shortest) == (float) value;
        return exact ? shortest : Double.toString(value);
    }
}
