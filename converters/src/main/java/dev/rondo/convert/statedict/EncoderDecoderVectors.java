package dev.rondo.convert.statedict;

import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.convert.safetensors.SafetensorsTensor;
import dev.rondo.convert.statedict.ReferenceConfig.Axes;
import dev.rondo.error.FormatException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.TensorData;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Turns the tensors of an io file into reference cases of an encoder-decoder: what {@code encode} leaves, and what
 * {@code step} gives for each token of a target, after {@code encode} has read the source.
 */
final class EncoderDecoderVectors {
    private static final String IN = "in.";
    private static final String OUT = "out.";
    private static final String SOURCE = "source";
    private static final String LENGTHS = "source_lengths";
    private static final String TOKEN = "token";

    private final ReferenceConfig config;
    private final Function encode;
    private final Function step;
    private final Map<String, SafetensorsTensor> inputs = new LinkedHashMap<>();
    private final Map<String, SafetensorsTensor> left = new LinkedHashMap<>();
    private final Map<String, SafetensorsTensor> given = new LinkedHashMap<>();

    private EncoderDecoderVectors(ReferenceConfig config, Function encode, Function step) {
        this.config = config;
        this.encode = encode;
        this.step = step;
    }

    /**
     * Up to two cases of each file: one of the states that {@code encode} leaves, one of the outputs of {@code step}.
     *
     * @throws FormatException when a name belongs to no value
     * @throws ShapeException  when a shape does not fit its value
     */
    static List<ReferenceCase> read(List<ReferenceFile> files, ReferenceConfig config, Function encode, Function step)
            throws IOException {
        ReferenceVectors.require(
                config.function().isEmpty()
                        && files.stream().allMatch(f -> f.function().isEmpty()),
                "reference, function",
                "is not said of an encoder-decoder: inputs are those of encode and the token of step",
                config.function().orElse("in --io FUNCTION=FILE"));
        var cases = new ArrayList<ReferenceCase>();
        var seen = new TreeSet<String>();
        for (ReferenceFile file : files) {
            try (SafetensorsFile vectors = SafetensorsFile.open(file.file())) {
                seen.addAll(vectors.tensors().keySet());
                var reading = new EncoderDecoderVectors(config, encode, step);
                vectors.tensors().forEach(reading::sort);
                reading.build(file, cases);
            }
        }
        if (!files.isEmpty()) {
            ReferenceVectors.checkNames(config, seen);
        }
        return cases;
    }

    private void sort(String name, SafetensorsTensor tensor) {
        if (config.ignored().contains(name)) {
            return;
        }
        boolean in = name.startsWith(IN);
        ReferenceVectors.require(
                in || name.startsWith(OUT), "io file", "tensors must be named in.NAME or out.NAME", name);
        String plain = name.substring(in ? IN.length() : OUT.length());
        String value = (in ? config.inputs() : config.outputs()).getOrDefault(plain, plain);
        var states = new ReferenceStates(List.of(encode));
        List<String> known = in
                ? List.of(SOURCE, LENGTHS, TOKEN)
                : step.outputs().stream().map(Value::name).toList();
        boolean state = !in && !known.contains(value) && states.has(value);
        ReferenceVectors.require(
                state || known.contains(value),
                "io file, tensor " + StrictJson.quote(name),
                "must belong to " + String.join(", ", known) + (in ? "" : " or a state: " + states.names()),
                value);
        ReferenceVectors.require(
                (in ? inputs : state ? left : given).put(value, tensor) == null,
                "io file",
                "each value must have one tensor",
                value);
    }

    private void build(ReferenceFile file, List<ReferenceCase> cases) {
        ReferenceVectors.require(
                !left.isEmpty() || !given.isEmpty(), "io file", "must hold expected outputs", "inputs only");
        ReferenceVectors.require(inputs.containsKey(SOURCE), "io file", "must hold in.source", "" + inputs.keySet());
        ReferenceVectors.require(
                inputs.containsKey(TOKEN) == !given.isEmpty(),
                "io file",
                "must hold the tokens of the target (token) where it holds what step gives for them",
                "inputs " + inputs.keySet() + ", outputs " + given.keySet());
        SafetensorsTensor source = inputs.get(SOURCE);
        int rank = source.shape().size();
        if (rank < 1 || rank > 2) {
            throw ReferenceVectors.wrongShape(SOURCE, source, "[B,S]");
        }
        int rows = rank == 1 ? 1 : size(source, 0);
        int places = size(source, rank - 1);
        var read = new LinkedHashMap<String, TensorData>();
        read.put(SOURCE, TensorData.ofInts(List.of(rows, places), ReferenceVectors.ints(SOURCE, source)));
        read.put(LENGTHS, lengths(rows, places));
        double atol = config.atol().orElse(file.atol());
        double rtol = config.rtol().orElse(file.rtol());
        if (!left.isEmpty()) {
            var states = new ReferenceStates(List.of(encode));
            states.of(encode, name -> switch (name) {
                case "B" -> rows;
                case "S" -> places;
                default -> 1;
            });
            var out = new LinkedHashMap<String, TensorData>();
            left.forEach((name, tensor) -> states.put(out, name, tensor, false));
            cases.add(new ReferenceCase(name(cases), encode.name(), false, atol, rtol, read, out));
        }
        if (!given.isEmpty()) {
            steps(read, rows, places, atol, rtol, cases);
        }
    }

    private void steps(
            Map<String, TensorData> read, int rows, int places, double atol, double rtol, List<ReferenceCase> cases) {
        SafetensorsTensor token = inputs.get(TOKEN);
        int rank = token.shape().size();
        Axes axes = config.axes().orElse(rank == 1 ? Axes.B : Axes.BT);
        if (rank != axes.name().length()) {
            throw ReferenceVectors.wrongShape(TOKEN, token, "axes " + axes);
        }
        int steps = axes.name().indexOf('T') < 0 ? 1 : size(token, axes.name().indexOf('T'));
        boolean swapped = axes == Axes.BT;
        List<Integer> lead = axes == Axes.B ? List.of(rows) : List.of(steps, rows);
        int[] tokens = ReferenceVectors.ints(TOKEN, checked(TOKEN, token, axes, steps, rows, List.of()));
        var in = new LinkedHashMap<>(read);
        int[] order = order(steps, rows, 1, swapped);
        in.put(
                TOKEN,
                TensorData.ofInts(lead, Arrays.stream(order).map(i -> tokens[i]).toArray()));
        var out = new LinkedHashMap<String, TensorData>();
        given.forEach((name, tensor) -> {
            Value value = step.output(name).orElseThrow();
            int width = value.type().dim(1).isFixed()
                    ? Math.toIntExact(value.type().dim(1).fixed())
                    : places;
            float[] values =
                    ReferenceVectors.floats(name, checked(name, tensor, axes, steps, rows, List.of((long) width)));
            int[] from = order(steps, rows, width, swapped);
            float[] ordered = new float[from.length];
            for (int i = 0; i < from.length; i++) {
                ordered[i] = values[from[i]];
            }
            var shape = new ArrayList<>(lead);
            shape.add(width);
            out.put(name, TensorData.ofFloats(shape, ordered));
        });
        cases.add(new ReferenceCase(name(cases), step.name(), axes != Axes.B, atol, rtol, in, out));
    }

    /** The tensor, if it has the axes of tokens and these behind. */
    private static SafetensorsTensor checked(
            String name, SafetensorsTensor tensor, Axes axes, int steps, int rows, List<Long> behind) {
        var wanted = new ArrayList<Long>();
        for (char axis : axes.name().toCharArray()) {
            wanted.add(axis == 'B' ? (long) rows : steps);
        }
        wanted.addAll(behind);
        if (!tensor.shape().equals(wanted) || axes == Axes.T && rows != 1) {
            throw ReferenceVectors.wrongShape(name, tensor, wanted + " (" + axes + (behind.isEmpty() ? ")" : "...)"));
        }
        return tensor;
    }

    /** For each element of [steps, rows, n] where it lies in the tensor, whose rows may come before the steps. */
    private static int[] order(int steps, int rows, int n, boolean swapped) {
        int[] from = new int[Math.multiplyExact(Math.multiplyExact(steps, rows), n)];
        for (int i = 0; i < from.length; i++) {
            int step = i / n / rows;
            int row = i / n % rows;
            from[i] = swapped ? (row * steps + step) * n + i % n : i;
        }
        return from;
    }

    private TensorData lengths(int rows, int places) {
        int[] lengths = new int[rows];
        Arrays.fill(lengths, places);
        SafetensorsTensor given = inputs.get(LENGTHS);
        if (given != null) {
            if (!given.shape().equals(List.of((long) rows))) {
                throw ReferenceVectors.wrongShape(LENGTHS, given, "[" + rows + "]");
            }
            lengths = ReferenceVectors.ints(LENGTHS, given);
            for (int length : lengths) {
                ReferenceVectors.require(
                        length <= places,
                        "io file, " + LENGTHS,
                        "must not exceed the " + places + " places",
                        "" + length);
            }
        }
        return TensorData.ofInts(List.of(rows), lengths);
    }

    private static String name(List<ReferenceCase> cases) {
        return "reference" + (cases.isEmpty() ? "" : cases.size() + 1);
    }

    private static int size(SafetensorsTensor tensor, int axis) {
        long size = tensor.shape().get(axis);
        ReferenceVectors.require(size > 0, "io file", "must hold at least one token", "shape " + tensor.shape());
        return Math.toIntExact(size);
    }
}
