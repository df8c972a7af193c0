package dev.rondo.graph;

import static dev.rondo.graph.GraphTextLexer.quote;

import dev.rondo.error.FormatException;
import dev.rondo.error.RondoException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.Attribute;
import dev.rondo.format.ElementType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads {@link GraphText} by recursive descent, without recursion: white space, line ends included, only separates. Every
 * error names the line and column where the offending piece begins.
 */
public final class GraphTextParser {
    private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,19}");
    private static final Pattern REAL = Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,4})?");

    private final GraphTextLexer in;
    private final Map<String, Function> functions = new LinkedHashMap<>();

    // What belongs to the function that is being read.
    private FunctionBuilder builder;
    private Map<String, Value> values;
    private Map<String, Value> weights;
    private Set<Value> usedWeights;

    /** A mention of a value: it may be read before the value is defined. */
    private record Mention(String name, int start) {}

    /** {@code key=...}: the literal's text and where it stands, so that it can be read again as a value. */
    private record Named(String key, int keyStart, String raw, int rawStart) {}

    private GraphTextParser(String text) {
        in = new GraphTextLexer(text);
    }

    /**
     * Reads functions; shapes are checked.
     *
     * @return the functions in the order of the text
     * @throws FormatException when the text is not graph text; the message names line and column
     * @throws ShapeException when a function breaks a rule of the graph language; the message names line and column
     */
    public static List<Function> parse(String text) {
        return new GraphTextParser(text).parse();
    }

    private List<Function> parse() {
        while (in.peek() != 0) {
            int start = in.here();
            if (!in.takeWord("function")) {
                throw in.wrong(in.here(), "'function' begins a function", in.found());
            }
            Function function = function(start);
            if (functions.putIfAbsent(function.name(), function) != null) {
                throw in.wrong(start, "function names are unique", quote(function.name()));
            }
        }
        return List.copyOf(functions.values());
    }

    private Function function(int start) {
        String name = in.name("the function's name");
        builder = Function.builder(name);
        values = new LinkedHashMap<>();
        weights = new LinkedHashMap<>();
        usedWeights = new HashSet<>();
        in.expect('(');
        if (!in.take(')')) {
            do {
                int place = in.here();
                String input = valueName();
                ValueType type = type();
                define(building(place, () -> builder.input(input, type)));
            } while (in.take(','));
            in.expect(')');
        }
        List<Mention> outputs = in.take("->") ? mentions() : List.of();
        in.expect('{');
        var nexts = new LinkedHashMap<Value, Mention>();
        while (!in.take('}')) {
            statement(nexts);
        }
        nexts.forEach((state, next) -> builder.next(state, resolve(next)));
        outputs.forEach(output -> builder.output(resolve(output)));
        for (Value weight : weights.values()) {
            if (!usedWeights.contains(weight)) {
                throw in.wrong(start, "a function reads every weight that it declares", weight.toString());
            }
        }
        return building(start, builder::build);
    }

    private void statement(Map<Value, Mention> nexts) {
        int start = in.here();
        if (in.takeKeyword("state")) {
            String name = valueName();
            ValueType type = type();
            Value state = building(start, () -> builder.state(name, type));
            define(state);
            if (in.take("<-")) {
                nexts.put(state, mention());
            }
        } else if (in.takeKeyword("weight")) {
            String tensor = in.name("a tensor's name");
            ValueType type = type();
            if (weights.putIfAbsent(tensor, building(start, () -> builder.weight(tensor, type))) != null) {
                throw in.wrong(start, "a weight is declared once", quote(tensor));
            }
        } else {
            node(start);
        }
    }

    private void node(int start) {
        int mark = in.mark();
        var outputs = new ArrayList<String>();
        in.name("an output's or an operator's name");
        boolean named = in.peek() != '(';
        in.back(mark);
        if (named) {
            do {
                outputs.add(valueName());
            } while (in.take(','));
            in.expect('=');
        }
        int opStart = in.here();
        String operator = in.name("an operator's name");
        in.expect('(');
        if (operator.equals("scan")) {
            scan(start, outputs);
        } else {
            operator(start, outputs, operator, opStart);
        }
    }

    private void operator(int start, List<String> outputs, String operator, int opStart) {
        var positional = new ArrayList<Value>();
        var named = new LinkedHashMap<String, Named>();
        if (!in.take(')')) {
            do {
                int keyStart = in.here();
                if (!nextIsKey()) {
                    if (!named.isEmpty()) {
                        throw in.wrong(keyStart, "inputs without a name stand first", in.found());
                    }
                    positional.add(resolve(mention()));
                    continue;
                }
                String key = in.name("an argument's name");
                in.expect('=');
                int rawStart = in.here();
                Named argument = new Named(key, keyStart, in.raw(), rawStart);
                if (named.putIfAbsent(key, argument) != null) {
                    throw in.wrong(keyStart, "an argument is given once", quote(key));
                }
            } while (in.take(','));
            in.expect(')');
        }
        // The operator takes the attributes that it knows; what is left names its optional inputs.
        var attributes = new LinkedHashMap<String, Attribute>();
        named.values().forEach(n -> attributes.put(n.key, literal(n)));
        Op op = building(
                opStart, () -> OpCodec.decode("node " + outputs, operator, 1, attributes, functions, named.keySet()));
        List<Value> inputs = inputs(op, opStart, positional, named);
        addNode(start, op, outputs, inputs);
    }

    private List<Value> inputs(Op op, int opStart, List<Value> positional, Map<String, Named> named) {
        var inputs = new ArrayList<Value>();
        int next = 0;
        for (Op.Slot slot : op.slots()) {
            switch (slot.presence()) {
                case REQUIRED -> {
                    if (next == positional.size()) {
                        throw in.wrong(opStart, usage(op), "no '" + slot.name() + "'");
                    }
                    inputs.add(positional.get(next++));
                }
                case REPEATED -> {
                    inputs.addAll(positional.subList(next, positional.size()));
                    next = positional.size();
                }
                case OPTIONAL -> {
                    Named given = named.remove(slot.name());
                    inputs.add(given == null ? Value.ABSENT : value(given));
                }
            }
        }
        if (next < positional.size()) {
            throw in.wrong(opStart, usage(op), positional.size() + " inputs without a name");
        }
        for (Named unknown : named.values()) {
            throw in.wrong(
                    unknown.keyStart,
                    usage(op) + " and attributes of the catalogue",
                    "the argument " + quote(unknown.key));
        }
        return inputs;
    }

    private static String usage(Op op) {
        String slots = op.slots().stream()
                .map(slot -> switch (slot.presence()) {
                    case REQUIRED -> slot.name();
                    case REPEATED -> slot.name() + "...";
                    case OPTIONAL -> "[" + slot.name() + "=]";
                })
                .collect(Collectors.joining(", "));
        return op.name() + " takes " + slots;
    }

    private void scan(int start, List<String> outputs) {
        int bodyStart = in.here();
        String name = in.name("the name of a scan's body");
        Function body = functions.get(name);
        if (body == null) {
            throw in.wrong(bodyStart, "the body of a scan is an earlier function", quote(name));
        }
        Map<String, Value> over = Map.of();
        Map<String, Value> with = Map.of();
        Map<String, Value> from = Map.of();
        Value lengths = Value.ABSENT;
        boolean reverse = false;
        boolean repeat = false;
        var seen = new HashSet<String>();
        while (in.take(',')) {
            int keyStart = in.here();
            String key = in.name("over, with, from, lengths, reverse or repeat");
            if (!seen.add(key)) {
                throw in.wrong(keyStart, "an argument is given once", quote(key));
            }
            switch (key) {
                case "over" -> over = group();
                case "with" -> with = group();
                case "from" -> from = group();
                case "lengths" -> {
                    in.expect('=');
                    lengths = resolve(mention());
                }
                case "reverse" -> reverse = flag();
                case "repeat" -> repeat = flag();
                default ->
                    throw in.wrong(
                            keyStart, "scan takes over(), with(), from(), lengths=, reverse= and repeat=", quote(key));
            }
        }
        in.expect(')');
        boolean backward = reverse;
        boolean repeats = repeat;
        List<String> sequences = List.copyOf(over.keySet());
        Scan scan = building(start, () -> new Scan(body, sequences, backward, repeats));
        var inputs = new ArrayList<Value>();
        for (Value input : body.inputs()) {
            Value given = (sequences.contains(input.name()) ? over : with).get(input.name());
            if (given == null) {
                throw in.wrong(
                        bodyStart, "over() and with() give every input of the body", "no " + quote(input.name()));
            }
            inputs.add(given);
        }
        for (State state : body.states()) {
            inputs.add(from.getOrDefault(state.value().name(), Value.ABSENT));
        }
        for (String key : with.keySet()) {
            if (body.input(key).isEmpty() || over.containsKey(key)) {
                throw in.wrong(bodyStart, "with() names inputs of the body that are not in over()", quote(key));
            }
        }
        for (String key : from.keySet()) {
            if (body.state(key).isEmpty()) {
                throw in.wrong(bodyStart, "from() names states of the body", quote(key));
            }
        }
        inputs.add(lengths);
        addNode(start, scan, outputs, inputs);
    }

    private Map<String, Value> group() {
        var members = new LinkedHashMap<String, Value>();
        in.expect('(');
        do {
            int start = in.here();
            String key = in.name("a name of the body");
            in.expect('=');
            if (members.putIfAbsent(key, resolve(mention())) != null) {
                throw in.wrong(start, "an argument is given once", quote(key));
            }
        } while (in.take(','));
        in.expect(')');
        return members;
    }

    private boolean flag() {
        in.expect('=');
        if (in.takeWord("true")) {
            return true;
        }
        if (in.takeWord("false")) {
            return false;
        }
        throw in.wrong(in.here(), "is true or false", in.found());
    }

    private void addNode(int start, Op op, List<String> outputs, List<Value> inputs) {
        List<Value> results = building(start, () -> builder.addAll(op, outputs, inputs));
        if (results.size() != outputs.size()) {
            throw in.wrong(start, op.name() + " has " + results.size() + " outputs, all named", outputs.toString());
        }
        results.forEach(this::define);
    }

    private void define(Value value) {
        values.put(value.name(), value);
    }

    private List<Mention> mentions() {
        var mentions = new ArrayList<Mention>();
        do {
            mentions.add(mention());
        } while (in.take(','));
        return mentions;
    }

    private Mention mention() {
        int start = in.here();
        if (in.take('@')) {
            return new Mention("@" + in.name("a tensor's name"), start);
        }
        return new Mention(valueName(), start);
    }

    private Value resolve(Mention mention) {
        boolean weight = mention.name.startsWith("@");
        Value value = weight ? weights.get(mention.name.substring(1)) : values.get(mention.name);
        if (value == null) {
            String rule = weight ? "a weight is declared before it is used" : "a value is defined before it is used";
            throw in.wrong(mention.start, rule, quote(mention.name));
        }
        if (weight) {
            usedWeights.add(value);
        }
        return value;
    }

    /** The argument, read again as a value. */
    private Value value(Named argument) {
        int end = in.mark();
        in.back(argument.rawStart);
        Mention mention = mention();
        if (in.peek() != ',' && in.peek() != ')') {
            throw in.wrong(argument.rawStart, "input '" + argument.key + "' is a value", quote(argument.raw));
        }
        in.back(end);
        return resolve(mention);
    }

    /** {@code : f32[B,T]}. */
    private ValueType type() {
        in.expect(':');
        int start = in.here();
        String element = in.name("an element type");
        int dimsStart = in.here();
        in.expect('[');
        var dims = new ArrayList<Dim>();
        if (!in.take(']')) {
            do {
                int dimStart = in.here();
                String dim = in.raw();
                dims.add(building(dimStart, () -> Dim.parse(dim)));
            } while (in.take(','));
            in.expect(']');
        }
        return building(dimsStart, () -> new ValueType(building(start, () -> ElementType.parse(element)), dims));
    }

    private Attribute literal(Named argument) {
        return building(argument.rawStart, () -> literal(argument.raw));
    }

    /** The attribute that a literal means, whatever operator it is for. */
    static Attribute literal(String raw) {
        if (raw.startsWith("[") && raw.endsWith("]")) {
            List<String> items = split(raw.substring(1, raw.length() - 1));
            boolean integers =
                    items.stream().allMatch(item -> INTEGER.matcher(item).matches());
            return integers
                    ? new Attribute.Ints(items.stream().map(Long::parseLong).toList())
                    : new Attribute.Texts(items);
        }
        if (raw.equals("true") || raw.equals("false")) {
            return new Attribute.Flag(raw.equals("true"));
        }
        if (INTEGER.matcher(raw).matches()) {
            return new Attribute.Int(Long.parseLong(raw));
        }
        if (REAL.matcher(raw).matches()) {
            return new Attribute.Real(Double.parseDouble(raw));
        }
        return new Attribute.Text(raw);
    }

    /** The items of a list, at commas outside parentheses. */
    private static List<String> split(String list) {
        var items = new ArrayList<String>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < list.length(); i++) {
            char c = list.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth == 0) {
                items.add(list.substring(start, i).strip());
                start = i + 1;
            }
        }
        if (!items.isEmpty() || !list.isBlank()) {
            items.add(list.substring(start).strip());
        }
        return items;
    }

    /** Whether a name and an equals sign follow. */
    private boolean nextIsKey() {
        int mark = in.mark();
        boolean key = in.peek() != '@' && !in.name("an input or an argument").isEmpty() && in.peek() == '=';
        in.back(mark);
        return key;
    }

    private String valueName() {
        int start = in.here();
        String name = in.name("a value's name");
        if (name.equals(Value.ABSENT.name()) || name.startsWith("@")) {
            throw in.wrong(start, "a value's name is neither '_' nor begins with '@'", quote(name));
        }
        return name;
    }

    private interface Building<T> {
        T build();
    }

    /** Adds the place in the text to what the builder finds wrong. */
    private <T> T building(int offset, Building<T> step) {
        try {
            return step.build();
        } catch (IllegalArgumentException wrong) {
            throw new FormatException(
                    in.place(offset),
                    "numbers fit 64 bits and dimensions are expressions over names",
                    wrong.getMessage(),
                    "write it anew",
                    wrong);
        } catch (RondoException wrong) {
            if (wrong.subject().startsWith("graph text")) {
                throw wrong;
            }
            String subject = in.place(offset) + ", " + wrong.subject();
            throw wrong instanceof ShapeException
                    ? new ShapeException(subject, wrong.rule(), wrong.got(), wrong.remedy(), wrong)
                    : new FormatException(subject, wrong.rule(), wrong.got(), wrong.remedy(), wrong);
        }
    }
}
