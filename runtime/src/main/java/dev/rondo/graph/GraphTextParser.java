package dev.rondo.graph;

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
final class GraphTextParser {
    private static final int MAX_LENGTH = 1 << 22;
    private static final int MAX_NAME = 512;
    private static final int MAX_LITERAL = 4096;
    private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,19}");
    private static final Pattern REAL = Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,4})?");

    private final String text;
    private final Map<String, Function> functions = new LinkedHashMap<>();
    private int at;

    // What belongs to the function that is being read.
    private FunctionBuilder builder;
    private Map<String, Value> values;
    private Map<String, Value> weights;
    private Set<Value> usedWeights;

    /** A mention of a value: it may be read before the value is defined. */
    private record Mention(String name, int start) {}

    /** {@code key=...}: the literal's text and where it stands, so that it can be read again as a value. */
    private record Named(String key, int keyStart, String raw, int rawStart) {}

    GraphTextParser(String text) {
        this.text = text;
    }

    List<Function> parse() {
        if (text.length() > MAX_LENGTH) {
            throw wrong(0, "has at most " + MAX_LENGTH + " characters", text.length() + " characters");
        }
        while (peek() != 0) {
            int start = at;
            if (!takeWord("function")) {
                throw wrong(at, "'function' begins a function", found());
            }
            Function function = function(start);
            if (functions.putIfAbsent(function.name(), function) != null) {
                throw wrong(start, "function names are unique", quote(function.name()));
            }
        }
        return List.copyOf(functions.values());
    }

    private Function function(int start) {
        String name = name("the function's name");
        builder = Function.builder(name);
        values = new LinkedHashMap<>();
        weights = new LinkedHashMap<>();
        usedWeights = new HashSet<>();
        expect('(');
        if (!take(')')) {
            do {
                int place = here();
                String input = valueName();
                ValueType type = type();
                define(building(place, () -> builder.input(input, type)));
            } while (take(','));
            expect(')');
        }
        List<Mention> outputs = take("->") ? mentions() : List.of();
        expect('{');
        var nexts = new LinkedHashMap<Value, Mention>();
        while (!take('}')) {
            statement(nexts);
        }
        nexts.forEach((state, next) -> builder.next(state, resolve(next)));
        outputs.forEach(output -> builder.output(resolve(output)));
        for (Value weight : weights.values()) {
            if (!usedWeights.contains(weight)) {
                throw wrong(start, "a function reads every weight that it declares", weight.toString());
            }
        }
        return building(start, builder::build);
    }

    private void statement(Map<Value, Mention> nexts) {
        int start = here();
        if (takeKeyword("state")) {
            String name = valueName();
            ValueType type = type();
            Value state = building(start, () -> builder.state(name, type));
            define(state);
            if (take("<-")) {
                nexts.put(state, mention());
            }
        } else if (takeKeyword("weight")) {
            String tensor = name("a tensor's name");
            ValueType type = type();
            if (weights.putIfAbsent(tensor, building(start, () -> builder.weight(tensor, type))) != null) {
                throw wrong(start, "a weight is declared once", quote(tensor));
            }
        } else {
            node(start);
        }
    }

    private void node(int start) {
        int mark = at;
        var outputs = new ArrayList<String>();
        name("an output's or an operator's name");
        boolean named = peek() != '(';
        at = mark;
        if (named) {
            do {
                outputs.add(valueName());
            } while (take(','));
            expect('=');
        }
        int opStart = here();
        String operator = name("an operator's name");
        expect('(');
        if (operator.equals("scan")) {
            scan(start, outputs);
        } else {
            operator(start, outputs, operator, opStart);
        }
    }

    private void operator(int start, List<String> outputs, String operator, int opStart) {
        var positional = new ArrayList<Value>();
        var named = new LinkedHashMap<String, Named>();
        if (!take(')')) {
            do {
                int keyStart = here();
                if (!nextIsKey()) {
                    if (!named.isEmpty()) {
                        throw wrong(keyStart, "inputs without a name stand first", found());
                    }
                    positional.add(resolve(mention()));
                    continue;
                }
                String key = name("an argument's name");
                expect('=');
                int rawStart = here();
                Named argument = new Named(key, keyStart, raw(), rawStart);
                if (named.putIfAbsent(key, argument) != null) {
                    throw wrong(keyStart, "an argument is given once", quote(key));
                }
            } while (take(','));
            expect(')');
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
                        throw wrong(opStart, usage(op), "no '" + slot.name() + "'");
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
            throw wrong(opStart, usage(op), positional.size() + " inputs without a name");
        }
        for (Named unknown : named.values()) {
            throw wrong(
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
        int bodyStart = here();
        String name = name("the name of a scan's body");
        Function body = functions.get(name);
        if (body == null) {
            throw wrong(bodyStart, "the body of a scan is an earlier function", quote(name));
        }
        Map<String, Value> over = Map.of();
        Map<String, Value> with = Map.of();
        Map<String, Value> from = Map.of();
        Value lengths = Value.ABSENT;
        boolean reverse = false;
        boolean repeat = false;
        var seen = new HashSet<String>();
        while (take(',')) {
            int keyStart = here();
            String key = name("over, with, from, lengths, reverse or repeat");
            if (!seen.add(key)) {
                throw wrong(keyStart, "an argument is given once", quote(key));
            }
            switch (key) {
                case "over" -> over = group();
                case "with" -> with = group();
                case "from" -> from = group();
                case "lengths" -> {
                    expect('=');
                    lengths = resolve(mention());
                }
                case "reverse" -> reverse = flag();
                case "repeat" -> repeat = flag();
                default ->
                    throw wrong(
                            keyStart, "scan takes over(), with(), from(), lengths=, reverse= and repeat=", quote(key));
            }
        }
        expect(')');
        boolean backward = reverse;
        boolean repeats = repeat;
        List<String> sequences = List.copyOf(over.keySet());
        Scan scan = building(start, () -> new Scan(body, sequences, backward, repeats));
        var inputs = new ArrayList<Value>();
        for (Value input : body.inputs()) {
            Value given = (sequences.contains(input.name()) ? over : with).get(input.name());
            if (given == null) {
                throw wrong(bodyStart, "over() and with() give every input of the body", "no " + quote(input.name()));
            }
            inputs.add(given);
        }
        for (State state : body.states()) {
            inputs.add(from.getOrDefault(state.value().name(), Value.ABSENT));
        }
        for (String key : with.keySet()) {
            if (body.input(key).isEmpty() || over.containsKey(key)) {
                throw wrong(bodyStart, "with() names inputs of the body that are not in over()", quote(key));
            }
        }
        for (String key : from.keySet()) {
            if (body.state(key).isEmpty()) {
                throw wrong(bodyStart, "from() names states of the body", quote(key));
            }
        }
        inputs.add(lengths);
        addNode(start, scan, outputs, inputs);
    }

    private Map<String, Value> group() {
        var members = new LinkedHashMap<String, Value>();
        expect('(');
        do {
            int start = here();
            String key = name("a name of the body");
            expect('=');
            if (members.putIfAbsent(key, resolve(mention())) != null) {
                throw wrong(start, "an argument is given once", quote(key));
            }
        } while (take(','));
        expect(')');
        return members;
    }

    private boolean flag() {
        expect('=');
        if (takeWord("true")) {
            return true;
        }
        if (takeWord("false")) {
            return false;
        }
        throw wrong(at, "is true or false", found());
    }

    private void addNode(int start, Op op, List<String> outputs, List<Value> inputs) {
        List<Value> results = building(start, () -> builder.addAll(op, outputs, inputs));
        if (results.size() != outputs.size()) {
            throw wrong(start, op.name() + " has " + results.size() + " outputs, all named", outputs.toString());
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
        } while (take(','));
        return mentions;
    }

    private Mention mention() {
        int start = here();
        if (take('@')) {
            return new Mention("@" + name("a tensor's name"), start);
        }
        return new Mention(valueName(), start);
    }

    private Value resolve(Mention mention) {
        boolean weight = mention.name.startsWith("@");
        Value value = weight ? weights.get(mention.name.substring(1)) : values.get(mention.name);
        if (value == null) {
            String rule = weight ? "a weight is declared before it is used" : "a value is defined before it is used";
            throw wrong(mention.start, rule, quote(mention.name));
        }
        if (weight) {
            usedWeights.add(value);
        }
        return value;
    }

    /** The argument, read again as a value. */
    private Value value(Named argument) {
        int end = at;
        at = argument.rawStart;
        Mention mention = mention();
        if (peek() != ',' && peek() != ')') {
            throw wrong(argument.rawStart, "input '" + argument.key + "' is a value", quote(argument.raw));
        }
        at = end;
        return resolve(mention);
    }

    /** {@code : f32[B,T]}. */
    private ValueType type() {
        expect(':');
        int start = here();
        String element = name("an element type");
        int dimsStart = here();
        expect('[');
        var dims = new ArrayList<Dim>();
        if (!take(']')) {
            do {
                int dimStart = here();
                String dim = raw();
                dims.add(building(dimStart, () -> Dim.parse(dim)));
            } while (take(','));
            expect(']');
        }
        return building(dimsStart, () -> new ValueType(building(start, () -> ElementType.parse(element)), dims));
    }

    private Attribute literal(Named argument) {
        String raw = argument.raw;
        if (raw.startsWith("[") && raw.endsWith("]")) {
            List<String> items = split(raw.substring(1, raw.length() - 1));
            boolean integers =
                    items.stream().allMatch(item -> INTEGER.matcher(item).matches());
            return building(
                    argument.rawStart,
                    () -> integers
                            ? new Attribute.Ints(
                                    items.stream().map(Long::parseLong).toList())
                            : new Attribute.Texts(items));
        }
        if (raw.equals("true") || raw.equals("false")) {
            return new Attribute.Flag(raw.equals("true"));
        }
        if (INTEGER.matcher(raw).matches()) {
            return building(argument.rawStart, () -> new Attribute.Int(Long.parseLong(raw)));
        }
        if (REAL.matcher(raw).matches()) {
            return new Attribute.Real(Double.parseDouble(raw));
        }
        return building(argument.rawStart, () -> new Attribute.Text(raw));
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

    /** The text up to the comma or bracket that ends an argument. */
    private String raw() {
        int start = here();
        int depth = 0;
        while (at < text.length() && at - start <= MAX_LITERAL) {
            char c = text.charAt(at);
            if (c == '"') {
                name("a name");
                continue;
            }
            boolean closes = c == ')' || c == ']';
            if (depth == 0 && (closes || c == ',') || c == '#' || c == '{' || c == '}') {
                break;
            }
            depth += c == '(' || c == '[' ? 1 : closes ? -1 : 0;
            at++;
        }
        String raw = text.substring(start, at).strip();
        if (raw.isEmpty() || depth != 0 || raw.length() > MAX_LITERAL) {
            throw wrong(
                    start, "a literal of at most " + MAX_LITERAL + " characters", raw.isEmpty() ? found() : quote(raw));
        }
        return raw;
    }

    /** Whether a name and an equals sign follow. */
    private boolean nextIsKey() {
        int mark = at;
        boolean key = peek() != '@' && !name("an input or an argument").isEmpty() && peek() == '=';
        at = mark;
        return key;
    }

    private String valueName() {
        int start = here();
        String name = name("a value's name");
        if (name.equals(Value.ABSENT.name()) || name.startsWith("@")) {
            throw wrong(start, "a value's name is neither '_' nor begins with '@'", quote(name));
        }
        return name;
    }

    /** A word, or anything in quotes. */
    private String name(String what) {
        int start = here();
        String name = peek() == '"' ? quoted() : word();
        if (name.isEmpty() || name.length() > MAX_NAME) {
            String got = name.isEmpty() ? found() : quote(name);
            throw wrong(start, "expects " + what + " of at most " + MAX_NAME + " characters", got);
        }
        return name;
    }

    private String word() {
        int start = here();
        while (at < text.length() && GraphText.isWordCharacter(text.charAt(at))) {
            // An arrow that follows a name at once is not part of it.
            if (text.startsWith("->", at)) {
                break;
            }
            at++;
        }
        return text.substring(start, at);
    }

    private String quoted() {
        int start = here();
        var out = new StringBuilder();
        for (at = start + 1; at < text.length() && out.length() <= MAX_NAME; at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return out.toString();
            }
            if (c == '\n') {
                break;
            }
            out.append(c == '\\' ? escaped() : c);
        }
        throw wrong(
                start, "a name in quotes ends on its line, within " + MAX_NAME + " characters", quote(out.toString()));
    }

    /** The character that a backslash stands before; leaves the position on its last character. */
    private char escaped() {
        int start = at;
        at++;
        if (text.startsWith("u", at) && at + 5 <= text.length()) {
            String digits = text.substring(at + 1, at + 5);
            if (digits.matches("[0-9a-fA-F]{4}")) {
                at += 4;
                return (char) Integer.parseInt(digits, 16);
            }
        }
        if (text.startsWith("\"", at) || text.startsWith("\\", at)) {
            return text.charAt(at);
        }
        throw wrong(start, "a backslash stands before \", \\ or uXXXX", found());
    }

    /** Takes the word when a name follows it: {@code state h: ...}, but not {@code state = add(a, b)}. */
    private boolean takeKeyword(String keyword) {
        int mark = at;
        if (takeWord(keyword) && (peek() == '"' || GraphText.isWordCharacter(peek()))) {
            return true;
        }
        at = mark;
        return false;
    }

    private boolean takeWord(String wanted) {
        int mark = here();
        if (word().equals(wanted)) {
            return true;
        }
        at = mark;
        return false;
    }

    private boolean take(char c) {
        if (peek() != c) {
            return false;
        }
        at++;
        return true;
    }

    private boolean take(String symbol) {
        if (!text.startsWith(symbol, here())) {
            return false;
        }
        at += symbol.length();
        return true;
    }

    private void expect(char c) {
        if (!take(c)) {
            throw wrong(at, "expects '" + c + "'", found());
        }
    }

    /** The next character that is neither white space nor comment; 0 at the end. */
    private char peek() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                at++;
            } else {
                return c;
            }
        }
        return 0;
    }

    /** Where the next piece begins. */
    private int here() {
        peek();
        return at;
    }

    private String found() {
        return at >= text.length()
                ? "the end of the text"
                : quote(text.substring(at, Math.min(text.length(), at + 20)));
    }

    private static String quote(String piece) {
        String line = piece.lines().findFirst().orElse("");
        return "'" + (line.length() > 60 ? line.substring(0, 60) + "..." : line) + "'";
    }

    private FormatException wrong(int offset, String rule, String got) {
        return new FormatException(place(offset), rule, got, "docs/decisions/0002-graph-language.md has the grammar");
    }

    private String place(int offset) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < offset; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        return "graph text line " + line + " column " + (offset - lineStart + 1);
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
                    place(offset),
                    "numbers fit 64 bits and dimensions are expressions over names",
                    wrong.getMessage(),
                    "write it anew",
                    wrong);
        } catch (RondoException wrong) {
            if (wrong.subject().startsWith("graph text")) {
                throw wrong;
            }
            String subject = place(offset) + ", " + wrong.subject();
            throw wrong instanceof ShapeException
                    ? new ShapeException(subject, wrong.rule(), wrong.got(), wrong.remedy(), wrong)
                    : new FormatException(subject, wrong.rule(), wrong.got(), wrong.remedy(), wrong);
        }
    }
}
