package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.LanguageModelArchitecture;
import dev.rondo.architecture.LanguageModelArchitecture.Layer;
import dev.rondo.architecture.LanguageModelGraph;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.safetensors.SafetensorsTensor;
import dev.rondo.convert.statedict.ReferenceConfig.Axes;
import dev.rondo.error.FormatException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns the tensors of an io file into a reference case of a language model. Values are {@code token} (steps, one call
 * each) or {@code tokens} (whole sequences), {@code lengths}, {@code logits}, {@code log_probs}, and the states
 * {@code h0, c0, ...}, or {@code h} and {@code c} of all layers in one tensor, before the first call (in) and after the last
 * (out).
 */
final class ReferenceVectors {
    private static final String IN = "in.";
    private static final String OUT = "out.";

    private final ReferenceConfig config;
    private final LanguageModelArchitecture architecture;
    private final Map<String, SafetensorsTensor> inputs = new LinkedHashMap<>();
    private final Map<String, SafetensorsTensor> outputs = new LinkedHashMap<>();

    private ReferenceVectors(ReferenceConfig config, LanguageModelArchitecture architecture) {
        this.config = config;
        this.architecture = architecture;
    }

    /**
     * The one case the tensors make: of {@code step}, {@code log_probs} or {@code sequence}.
     *
     * @throws FormatException when a name belongs to no value
     * @throws ShapeException  when a shape does not fit its value
     */
    static ReferenceCase read(
            Map<String, SafetensorsTensor> io, ReferenceConfig config, LanguageModelArchitecture architecture) {
        var vectors = new ReferenceVectors(config, architecture);
        vectors.sort(io);
        return vectors.build();
    }

    private void sort(Map<String, SafetensorsTensor> io) {
        for (String ignored : config.ignored()) {
            require(io.containsKey(ignored), "reference, ignore", "must name a tensor of the io file", ignored);
        }
        config.inputs().keySet().forEach(n -> requireNamed(io, IN + n));
        config.outputs().keySet().forEach(n -> requireNamed(io, OUT + n));
        io.forEach((name, tensor) -> {
            if (config.ignored().contains(name)) {
                return;
            }
            boolean in = name.startsWith(IN);
            require(in || name.startsWith(OUT), "io file", "tensors must be named in.NAME or out.NAME", name);
            String plain = name.substring(in ? IN.length() : OUT.length());
            String value = (in ? config.inputs() : config.outputs()).getOrDefault(plain, plain);
            boolean known = isState(value)
                    || (in
                            ? List.of("token", "tokens", "lengths").contains(value)
                            : List.of("logits", "log_probs").contains(value));
            require(
                    known,
                    "io file, tensor " + StrictJson.quote(name),
                    "must belong to " + (in ? "token, tokens, lengths" : "logits, log_probs") + " or a state: "
                            + states(),
                    value);
            require(
                    (in ? inputs : outputs).put(value, tensor) == null,
                    "io file",
                    "each value must have one tensor",
                    value);
        });
    }

    private ReferenceCase build() {
        boolean stepwise = inputs.containsKey("token");
        require(
                stepwise != inputs.containsKey("tokens"),
                "io file",
                "must hold either token or tokens among its inputs",
                inputs.keySet().toString());
        require(
                !outputs.isEmpty(),
                "io file",
                "must hold expected outputs",
                outputs.keySet().toString());
        require(!stepwise || !inputs.containsKey("lengths"), "io file", "lengths go with tokens, not token", "lengths");
        boolean logProbs = outputs.containsKey("log_probs");
        require(stepwise || !logProbs, "io file", "log_probs go with token, stepwise", "log_probs with tokens");

        String ids = stepwise ? "token" : "tokens";
        SafetensorsTensor tokens = inputs.get(ids);
        int rank = tokens.shape().size();
        Axes axes = config.axes().orElse(rank == 1 ? (stepwise ? Axes.B : Axes.T) : stepwise ? Axes.TB : Axes.BT);
        boolean single = axes == Axes.B;
        if (single && !stepwise || rank != axes.name().length()) {
            throw wrongShape(ids, tokens, "axes " + axes + (single && !stepwise ? ", but tokens have steps" : ""));
        }
        int rows = size(tokens, axes.name().indexOf('B'));
        int steps = size(tokens, axes.name().indexOf('T'));
        List<Integer> lead = single ? List.of(rows) : stepwise ? List.of(steps, rows) : List.of(rows, steps);
        boolean swapped = stepwise ? axes == Axes.BT : axes == Axes.TB;

        var in = new LinkedHashMap<String, TensorData>();
        in.put(ids, TensorData.ofInts(lead, arranged(ints(ids, tokens), swapped, lead, 1)));
        if (!stepwise) {
            in.put("lengths", lengths(rows, steps));
        }
        inputs.forEach((value, tensor) -> putStates(in, value, tensor, rows));
        var out = new LinkedHashMap<String, TensorData>();
        for (String value : List.of("logits", "log_probs")) {
            if (outputs.containsKey(value)) {
                out.put(value, scores(value, outputs.get(value), lead, axes, swapped));
            }
        }
        outputs.forEach((value, tensor) -> putStates(out, value, tensor, rows));
        String function = !stepwise
                ? LanguageModelGraph.SEQUENCE
                : logProbs ? LanguageModelGraph.LOG_PROBS : LanguageModelGraph.STEP;
        return new ReferenceCase("reference", function, stepwise && !single, config.atol(), config.rtol(), in, out);
    }

    private TensorData lengths(int rows, int steps) {
        int[] lengths = new int[rows];
        Arrays.fill(lengths, steps);
        SafetensorsTensor given = inputs.get("lengths");
        if (given != null) {
            if (!given.shape().equals(List.of((long) rows))) {
                throw wrongShape("lengths", given, "[" + rows + "]");
            }
            lengths = ints("lengths", given);
            for (int length : lengths) {
                require(length <= steps, "io file, lengths", "must not exceed the " + steps + " steps", "" + length);
            }
        }
        return TensorData.ofInts(List.of(rows), lengths);
    }

    private TensorData scores(String value, SafetensorsTensor tensor, List<Integer> lead, Axes axes, boolean swapped) {
        int v = architecture.vocabularySize();
        var given = new ArrayList<Long>();
        SafetensorsTensor tokens = inputs.containsKey("token") ? inputs.get("token") : inputs.get("tokens");
        given.addAll(tokens.shape());
        given.add((long) v);
        if (!tensor.shape().equals(given)) {
            throw wrongShape(value, tensor, given + " (" + axes + "V)");
        }
        var shape = new ArrayList<>(lead);
        shape.add(v);
        return TensorData.ofFloats(shape, arranged(floats(value, tensor), swapped, lead, v));
    }

    /** Adds the states that a tensor holds: one state, or one per layer. */
    private void putStates(Map<String, TensorData> to, String value, SafetensorsTensor tensor, int rows) {
        if (!isState(value)) {
            return;
        }
        char kind = value.charAt(0);
        int layers = architecture.layers().size();
        boolean all = value.length() == 1;
        int first = all ? 0 : Integer.parseInt(value.substring(1));
        int count = all ? layers : 1;
        int size = stateSize(kind, first);
        for (int k = first; k < first + count; k++) {
            if (stateSize(kind, k) != size) {
                throw wrongShape(value, tensor, "a tensor of each layer, since their sizes differ");
            }
        }
        // Axes of size 1 may be left out: the layer where there is one, the row where there is one.
        List<Long> shape = tensor.shape().stream().filter(d -> d != 1).toList();
        List<Long> wanted = List.of((long) count, (long) rows, (long) size).stream()
                .filter(d -> d != 1)
                .toList();
        if (!shape.equals(wanted) || tensor.shape().size() > 3) {
            throw wrongShape(
                    value,
                    tensor,
                    all
                            ? List.of(layers, rows, size).toString()
                            : List.of(rows, size).toString());
        }
        float[] values = floats(value, tensor);
        for (int k = 0; k < count; k++) {
            float[] state = new float[rows * size];
            System.arraycopy(values, k * state.length, state, 0, state.length);
            TensorData known =
                    to.put(kind + Integer.toString(first + k), TensorData.ofFloats(List.of(rows, size), state));
            require(known == null, "io file", "each state must be given once", kind + Integer.toString(first + k));
        }
    }

    private int stateSize(char kind, int layer) {
        Layer l = architecture.layers().get(layer);
        return kind == 'h' ? l.outputSize() : l.hiddenSize();
    }

    private boolean isState(String value) {
        return states().contains(value);
    }

    private List<String> states() {
        var names = new ArrayList<String>();
        for (String kind : architecture.cell() instanceof Cell.Lstm ? List.of("h", "c") : List.of("h")) {
            names.add(kind);
            for (int k = 0; k < architecture.layers().size(); k++) {
                names.add(kind + k);
            }
        }
        return names;
    }

    /** Whole numbers that are not negative and fit an int. */
    private static int[] ints(String value, SafetensorsTensor tensor) {
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

    private static float[] floats(String value, SafetensorsTensor tensor) {
        require(
                tensor.dtype().isFloat(),
                "io file, " + value,
                "must hold floats: F32, F16, BF16 or F64",
                tensor.dtype().name());
        return tensor.toFloats();
    }

    private static int[] arranged(int[] values, boolean swapped, List<Integer> lead, int inner) {
        int[] out = values.clone();
        for (int i = 0; swapped && i < out.length; i++) {
            out[i] = values[source(i, lead, inner)];
        }
        return out;
    }

    private static float[] arranged(float[] values, boolean swapped, List<Integer> lead, int inner) {
        float[] out = values.clone();
        for (int i = 0; swapped && i < out.length; i++) {
            out[i] = values[source(i, lead, inner)];
        }
        return out;
    }

    /** Where element i of [m, n, inner] lies in [n, m, inner]. */
    private static int source(int i, List<Integer> lead, int inner) {
        int m = lead.get(0);
        int n = lead.get(1);
        int row = i / inner / n;
        int column = i / inner % n;
        return (column * m + row) * inner + i % inner;
    }

    /** A size of the tokens; an axis that is not there counts as one. */
    private static int size(SafetensorsTensor tokens, int axis) {
        long size = axis < 0 ? 1 : tokens.shape().get(axis);
        require(size > 0, "io file, tokens", "must hold at least one token", "shape " + tokens.shape());
        return Math.toIntExact(size);
    }

    private static void requireNamed(Map<String, SafetensorsTensor> io, String name) {
        require(io.containsKey(name), "reference", "names must be those of the io file", name);
    }

    private static void require(boolean holds, String subject, String rule, String got) {
        if (!holds) {
            throw new FormatException(
                    subject, rule, StrictJson.quote(got), "see the key reference in docs/architectures.md");
        }
    }

    private static ShapeException wrongShape(String value, SafetensorsTensor tensor, String wanted) {
        return new ShapeException(
                "io file, tensor " + StrictJson.quote(tensor.name()) + " (" + value + ")",
                "must have shape " + wanted,
                "shape " + tensor.shape(),
                "set axes under the key reference: B rows, T steps");
    }

    /** Whether the case needs the function that normalises its scores. */
    static boolean needsLogProbs(Optional<ReferenceCase> reference) {
        return reference
                .filter(r -> r.function().equals(LanguageModelGraph.LOG_PROBS))
                .isPresent();
    }
}
