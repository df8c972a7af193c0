package dev.rondo.convert.statedict;

import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.convert.safetensors.SafetensorsTensor;
import dev.rondo.convert.statedict.ReferenceConfig.Axes;
import dev.rondo.error.FormatException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.TensorData;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.verify.TensorFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Turns the tensors of an io file into a reference case of a function over a sequence {@code [B,T,...]}, or over a step
 * {@code [B,...]} that is called for each step. Values are the function's inputs, outputs and states; the states before
 * the first call are inputs, those after the last outputs. Lengths may be missing: then every row has all steps.
 */
public final class ReferenceVectors {
    private static final String IN = "in.";
    private static final String OUT = "out.";
    private static final String LENGTHS = "lengths";
    private static final String SEE = "see the key reference in docs/architectures.md";

    private final ReferenceConfig config;
    private final Map<String, SafetensorsTensor> inputs = new LinkedHashMap<>();
    private final Map<String, SafetensorsTensor> outputs = new LinkedHashMap<>();
    private final List<Function> candidates;
    private ReferenceStates states;
    private int rows;
    private int steps;
    private Axes axes;
    private boolean sequence;

    private ReferenceVectors(ReferenceConfig config, List<Function> candidates) {
        this.config = config;
        this.candidates = candidates;
        this.states = new ReferenceStates(candidates);
    }

    /**
     * A case of each file.
     *
     * @param candidates the functions a file may belong to; of several that fit, the first is taken
     * @throws FormatException when a name belongs to no value
     * @throws ShapeException  when a shape does not fit its value
     */
    public static List<ReferenceCase> read(List<ReferenceFile> files, ReferenceConfig config, List<Function> candidates)
            throws IOException {
        var cases = new ArrayList<ReferenceCase>();
        var seen = new TreeSet<String>();
        for (ReferenceFile file : files) {
            try (SafetensorsFile vectors = SafetensorsFile.open(file.file())) {
                seen.addAll(vectors.tensors().keySet());
                Optional<String> function = file.function().or(config::function);
                List<Function> fitting = candidates.stream()
                        .filter(f -> function.isEmpty() || function.get().equals(f.name()))
                        .toList();
                require(
                        !fitting.isEmpty(),
                        "reference, function",
                        "must be one of "
                                + candidates.stream().map(Function::name).toList(),
                        function.orElse(""));
                var reading = new ReferenceVectors(config, fitting);
                reading.sort(vectors.tensors());
                String name = "reference" + (cases.isEmpty() ? "" : cases.size() + 1);
                double atol = config.atol().orElse(file.atol());
                double rtol = config.rtol().orElse(file.rtol());
                Function chosen = reading.choose();
                cases.add(
                        reading.isCallByCall(chosen)
                                ? callByCall(file, name, chosen, atol, rtol)
                                : reading.build(chosen, name, atol, rtol));
            }
        }
        if (!files.isEmpty()) {
            checkNames(config, seen);
        }
        return cases;
    }

    /** Requires that what a configuration names is there. */
    static void checkNames(ReferenceConfig config, TreeSet<String> seen) {
        config.ignored()
                .forEach(n -> require(seen.contains(n), "reference, ignore", "must name a tensor of the io file", n));
        config.inputs().keySet().forEach(n -> requireNamed(seen, IN + n));
        config.outputs().keySet().forEach(n -> requireNamed(seen, OUT + n));
    }

    private static void requireNamed(TreeSet<String> seen, String name) {
        require(seen.contains(name), "reference", "names must be those of the io file", name);
    }

    private void sort(Map<String, SafetensorsTensor> io) {
        var known = new TreeSet<String>();
        var results = new TreeSet<String>();
        for (Function function : candidates) {
            function.inputs().forEach(v -> known.add(v.name()));
            function.outputs().forEach(v -> results.add(v.name()));
        }
        io.forEach((name, tensor) -> {
            if (config.ignored().contains(name)) {
                return;
            }
            boolean in = name.startsWith(IN);
            require(in || name.startsWith(OUT), "io file", "tensors must be named in.NAME or out.NAME", name);
            String plain = name.substring(in ? IN.length() : OUT.length());
            String value = (in ? config.inputs() : config.outputs()).getOrDefault(plain, plain);
            require(
                    states.has(value) || (in ? known : results).contains(value),
                    "io file, tensor " + StrictJson.quote(name),
                    "must belong to " + String.join(", ", in ? known : results) + " or a state: " + states.names(),
                    value);
            require(
                    (in ? inputs : outputs).put(value, tensor) == null,
                    "io file",
                    "each value must have one tensor",
                    value);
        });
        require(!outputs.isEmpty(), "io file", "must hold expected outputs", "inputs only: " + inputs.keySet());
    }

    private Function choose() {
        for (Function function : candidates) {
            boolean all = function.inputs().stream()
                    .allMatch(v -> inputs.containsKey(v.name()) || v.name().equals(LENGTHS));
            boolean own = inputs.keySet().stream()
                            .allMatch(n -> states.has(n) || function.input(n).isPresent())
                    && outputs.keySet().stream()
                            .allMatch(n -> states.has(n) || function.output(n).isPresent());
            if (all && own) {
                return function;
            }
        }
        var rule = new ArrayList<String>();
        for (Function f : candidates) {
            rule.add(f.name() + ": inputs " + f.inputs() + ", outputs " + f.outputs());
        }
        throw new FormatException(
                "io file",
                "must hold the values of either function; " + String.join("; ", rule),
                "inputs " + inputs.keySet() + ", outputs " + outputs.keySet(),
                SEE);
    }

    /** Whether the input of a function over sequences has an axis of calls before its own axes. */
    private boolean isCallByCall(Function function) {
        Value main = function.inputs().getFirst();
        return config.axes().isEmpty()
                && config.inputs().isEmpty()
                && config.outputs().isEmpty()
                && hasTime(main.type())
                && inputs.get(main.name()).shape().size() == main.type().rank() + 1;
    }

    private static ReferenceCase callByCall(
            ReferenceFile file, String name, Function function, double atol, double rtol) throws IOException {
        TensorFile tensors = TensorFile.read(file.file(), function);
        return new ReferenceCase(name, function.name(), true, atol, rtol, tensors.inputs(), tensors.outputs());
    }

    private ReferenceCase build(Function function, String name, double atol, double rtol) {
        Value main = function.inputs().getFirst();
        SafetensorsTensor given = inputs.get(main.name());
        sequence = hasTime(main.type());
        int inner = main.type().rank() - (sequence ? 2 : 1);
        int rank = given.shape().size() - inner;
        axes = config.axes().orElse(rank == 1 ? (sequence ? Axes.T : Axes.B) : sequence ? Axes.BT : Axes.TB);
        boolean single = axes == Axes.B;
        if (single && sequence || rank != axes.name().length()) {
            throw wrongShape(
                    main.name(), given, "axes " + axes + (single && sequence ? ", but " + main + " has steps" : ""));
        }
        rows = size(given, axes.name().indexOf('B'));
        steps = size(given, axes.name().indexOf('T'));

        var in = new LinkedHashMap<String, TensorData>();
        for (Value input : function.inputs()) {
            in.put(
                    input.name(),
                    input.name().equals(LENGTHS) ? lengths() : data(input, inputs.get(input.name()), true));
        }
        states.of(function, _ -> rows);
        inputs.forEach((value, tensor) ->
                states.put(in, value, tensor, function.input(value).isPresent()));
        var out = new LinkedHashMap<String, TensorData>();
        for (Value output : function.outputs()) {
            if (outputs.containsKey(output.name())) {
                out.put(output.name(), data(output, outputs.get(output.name()), false));
            }
        }
        outputs.forEach((value, tensor) ->
                states.put(out, value, tensor, function.output(value).isPresent()));
        return new ReferenceCase(name, function.name(), !sequence && !single, atol, rtol, in, out);
    }

    /** Whether a value has steps behind its rows. */
    private static boolean hasTime(ValueType type) {
        return type.rank() > 1 && !type.dim(1).isFixed();
    }

    private TensorData lengths() {
        int[] lengths = new int[rows];
        Arrays.fill(lengths, steps);
        SafetensorsTensor given = inputs.get(LENGTHS);
        if (given != null) {
            if (!given.shape().equals(List.of((long) rows))) {
                throw wrongShape(LENGTHS, given, "[" + rows + "]");
            }
            lengths = ints(LENGTHS, given);
            for (int length : lengths) {
                require(length <= steps, "io file, lengths", "must not exceed the " + steps + " steps", "" + length);
            }
        }
        return TensorData.ofInts(List.of(rows), lengths);
    }

    /** The values of an input or output, its leading axes brought into order. */
    private TensorData data(Value value, SafetensorsTensor tensor, boolean input) {
        ValueType type = value.type();
        boolean time = hasTime(type);
        long length = time ? type.dim(1).evaluate(name -> name.equals("T") ? steps : rows) : steps;
        var inner = new ArrayList<Integer>();
        boolean stepped = time || !sequence; // a function called step by step gives each value once a step
        for (Dim dim : type.dims().subList(time ? 2 : 1, type.rank())) {
            // The characters of a word: as many as the tensor has.
            int axis = (stepped ? axes.name().length() : 1) + inner.size();
            long given = axis < tensor.shape().size() ? tensor.shape().get(axis) : 1;
            inner.add(Math.toIntExact(dim.isFixed() ? dim.fixed() : given));
        }
        var wanted = new ArrayList<Long>();
        for (char axis : axes.name().toCharArray()) {
            if (axis == 'B' || stepped) {
                wanted.add(axis == 'B' ? (long) rows : length);
            }
        }
        inner.forEach(size -> wanted.add((long) size));
        if (!tensor.shape().equals(wanted)) {
            throw wrongShape(
                    value.name(),
                    tensor,
                    wanted + " (" + (stepped ? axes : "B") + (inner.isEmpty() ? "" : "...") + ")");
        }
        int n = inner.stream().reduce(1, Math::multiplyExact);
        List<Integer> lead = !stepped || axes == Axes.B
                ? List.of(rows)
                : sequence ? List.of(rows, (int) length) : List.of((int) length, rows);
        boolean swapped = stepped && (sequence ? axes == Axes.TB : axes == Axes.BT);
        var shape = new ArrayList<>(lead);
        shape.addAll(inner);
        int[] from = from(lead, n, swapped);
        if (type.element() == ElementType.F32) {
            float[] values = floats(value.name(), tensor);
            float[] out = new float[from.length];
            for (int i = 0; i < out.length; i++) {
                out[i] = values[from[i]];
            }
            return TensorData.ofFloats(shape, out);
        }
        if (input) {
            int[] values = ints(value.name(), tensor);
            return TensorData.ofInts(
                    shape, Arrays.stream(from).map(i -> values[i]).toArray());
        }
        long[] values = tensor.toLongs();
        return TensorData.ofLongs(
                shape, Arrays.stream(from).mapToLong(i -> values[i]).toArray());
    }

    /**
     * For each element of [lead..., n] where it lies in the tensor, whose two leading axes may be the other way round.
     */
    private static int[] from(List<Integer> lead, int n, boolean swapped) {
        int second = lead.size() == 1 ? 1 : lead.get(1);
        int[] from = new int[Math.multiplyExact(Math.multiplyExact(lead.getFirst(), second), n)];
        for (int i = 0; i < from.length; i++) {
            int row = i / n / second;
            int column = i / n % second;
            from[i] = swapped ? (column * lead.getFirst() + row) * n + i % n : i;
        }
        return from;
    }

    /** Whole numbers that are not negative and fit an int. */
    static int[] ints(String value, SafetensorsTensor tensor) {
        long[] longs = tensor.toLongs();
        int[] ints = new int[longs.length];
        for (int i = 0; i < ints.length; i++) {
            require(
                    longs[i] >= 0 && longs[i] <= Integer.MAX_VALUE,
                    "io file, " + value,
                    "must lie between 0 and 2^31-1",
                    longs[i] + " at " + i);
            ints[i] = (int) longs[i];
        }
        return ints;
    }

    static float[] floats(String value, SafetensorsTensor tensor) {
        require(
                tensor.dtype().isFloat(),
                "io file, " + value,
                "must hold floats: F32, F16, BF16 or F64",
                tensor.dtype().name());
        return tensor.toFloats();
    }

    /** A size of the main input; an axis that is not there counts as one. */
    private static int size(SafetensorsTensor tensor, int axis) {
        long size = axis < 0 ? 1 : tensor.shape().get(axis);
        require(size > 0, "io file", "must hold at least one token or step", "shape " + tensor.shape());
        return Math.toIntExact(size);
    }

    static void require(boolean holds, String subject, String rule, String got) {
        if (!holds) {
            throw new FormatException(subject, rule, StrictJson.quote(got), SEE);
        }
    }

    static ShapeException wrongShape(String value, SafetensorsTensor tensor, String wanted) {
        return new ShapeException(
                "io file, tensor " + StrictJson.quote(tensor.name()) + " (" + value + ")",
                "must have shape " + wanted,
                "shape " + tensor.shape(),
                "set axes under the key reference: B rows, T steps");
    }
}
