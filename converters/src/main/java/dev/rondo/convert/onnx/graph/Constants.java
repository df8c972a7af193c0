package dev.rondo.convert.onnx.graph;

import dev.rondo.convert.draft.DraftWeights;
import dev.rondo.convert.onnx.file.OnnxTensor;
import dev.rondo.error.FormatException;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.TensorData;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Op;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The known values of all functions of a conversion. Equal tensors of one name are one, also when several functions
 * bring them. Large ones are read or computed when the file is written. For one conversion.
 */
public final class Constants {
    /** Elements that are kept on the heap, of one value. */
    private static final int SMALL = 1 << 12;
    /** The same of all values. */
    private static final int HELD = 1 << 22;
    /** Elements that are computed to have one value: what a hostile file could ask for is ended here. */
    private static final long WORK = 1L << 28;
    /** What is computed from what is computed from ..., this deep. */
    private static final int DEPTH = 64;

    private final Map<String, Constant> constants = new LinkedHashMap<>();
    private final Map<String, String> initializers = new HashMap<>();
    private final Map<Folded, List<Value>> folded = new HashMap<>();

    private int held;

    private record Folded(Op op, List<Value> inputs) {}

    /** None yet. */
    public Constants() {}

    /**
     * A tensor of the source.
     *
     * @param name  in the file, unless another tensor has it
     * @param scope goes before the name then
     */
    public Value add(String name, String scope, OnnxTensor tensor) {
        ElementType element = tensor.type()
                .element()
                .orElseThrow(() -> new FormatException(
                        tensor.subject(), "holds numbers", "strings", "handle text outside the model"));
        String key = name + ' ' + element + tensor.shape() + hash(tensor);
        String known = initializers.get(key);
        if (known != null) {
            return value(constants.get(known));
        }
        Function<Evaluation, Elements> read =
                element == ElementType.F32 ? _ -> Elements.handed(tensor.floats()) : _ -> Elements.of(tensor.longs());
        Constant constant =
                put(unused(name, scope), element, tensor.shape(), List.of(name), tensor.kept(), Set.of(), read);
        initializers.put(key, constant.name());
        return value(constant);
    }

    /** A constant that the importer itself has a use for. */
    public Value floats(String name, List<Integer> shape, float... values) {
        return own(name, ElementType.F32, shape, Elements.of(values.clone()), values.length);
    }

    /** A constant of i32, i64 or bool. */
    public Value integers(String name, ElementType element, List<Integer> shape, long... values) {
        return own(name, element, shape, Elements.of(values.clone()), values.length);
    }

    private Value own(String name, ElementType element, List<Integer> shape, Elements elements, int count) {
        String key = "own " + name + ' ' + element + shape + content(elements, element, count);
        String known = initializers.get(key);
        if (known == null) {
            known = put(unused(name, ""), element, shape, List.of(name), Encoding.F32, Set.of(), _ -> elements)
                    .name();
            initializers.put(key, known);
        }
        return value(constants.get(known));
    }

    private static String content(Elements elements, ElementType element, int count) {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(element == ElementType.F32 ? Double.toHexString(elements.real(i)) : "" + elements.integer(i));
            text.append(' ');
        }
        return text.toString();
    }

    /** The floats of a known value; asked for large ones, they are read from the file each time. */
    public float[] floats(Value value) {
        Constant constant = constants.get(value.tensorName());
        return new Evaluation().of(constant).floats(constant.count());
    }

    /** The number that a known value of one element holds. */
    double number(Value value) {
        return new Evaluation().of(constants.get(value.tensorName())).real(0);
    }

    /** The whole numbers of a known value; bool is 0 and 1. */
    public long[] integers(Value value) {
        Constant constant = constants.get(value.tensorName());
        return new Evaluation().of(constant).longs(constant.count());
    }

    /** What an operator makes of known values, if it is one that is computed here and its result is not too large. */
    Optional<List<Value>> fold(Op op, List<Value> inputs, List<ValueType> types) {
        var key = new Folded(op, inputs);
        if (folded.containsKey(key)) {
            return Optional.of(folded.get(key));
        }
        if (types.size() != 1 || !types.getFirst().dims().stream().allMatch(Dim::isFixed)) {
            return Optional.empty();
        }
        List<Constant> known = inputs.stream()
                .filter(v -> !v.isAbsent())
                .map(v -> constants.get(v.tensorName()))
                .toList();
        ValueType type = types.getFirst();
        Set<Constant> large = new LinkedHashSet<>();
        known.forEach(c -> large.addAll(c.large()));
        long total = Dim.product(type.dims()).fixed();
        long work = total + large.stream().mapToLong(Constant::count).sum();
        // What lies on the heap counts like a tensor of the source.
        Set<Constant> sources = new LinkedHashSet<>(large);
        sources.removeIf(c -> c.large().size() > 1);
        known.stream().filter(c -> c.large().isEmpty()).forEach(sources::add);
        long given = sources.stream().mapToLong(Constant::count).sum();
        boolean fits = total <= Math.max(SMALL, 4 * given) && work <= WORK && large.size() < DEPTH;
        Optional<Function<Evaluation, Elements>> elements = fits ? ConstantFold.of(op, type, known) : Optional.empty();
        return elements.map(compute -> {
            var names = new LinkedHashSet<String>();
            known.forEach(c -> names.addAll(c.sources()));
            Set<Encoding> kept = new LinkedHashSet<>();
            known.forEach(c -> kept.add(c.kept()));
            Value value = value(put(
                    unused(names.isEmpty() ? op.name() : names.getFirst() + "." + op.name(), ""),
                    type.element(),
                    type.dims().stream().map(d -> (int) d.fixed()).toList(),
                    List.copyOf(names),
                    ConstantFold.moves(op) && kept.size() == 1 ? kept.iterator().next() : Encoding.F32,
                    large,
                    compute));
            folded.put(key, List.of(value));
            return List.of(value);
        });
    }

    /**
     * Hands over those that functions use.
     *
     * @param used names of tensors
     */
    public void store(DraftWeights weights, Set<String> used) {
        for (Constant constant : constants.values()) {
            if (!used.contains(constant.name())) {
                continue;
            }
            if (constant.element() == ElementType.F32) {
                weights.floats(
                        constant.name(),
                        constant.sources(),
                        constant.shape(),
                        constant.kept(),
                        () -> new Evaluation().of(constant).floats(constant.count()));
            } else {
                weights.plain(constant.name(), constant.sources(), data(constant));
            }
        }
    }

    private static TensorData data(Constant constant) {
        long[] values = new Evaluation().of(constant).longs(constant.count());
        return switch (constant.element()) {
            case I64 -> TensorData.ofLongs(constant.shape(), values);
            case I32 -> {
                int[] ints = new int[values.length];
                for (int i = 0; i < ints.length; i++) {
                    ints[i] = (int) values[i];
                }
                yield TensorData.ofInts(constant.shape(), ints);
            }
            case BOOL -> {
                boolean[] flags = new boolean[values.length];
                for (int i = 0; i < flags.length; i++) {
                    flags[i] = values[i] != 0;
                }
                yield TensorData.ofBooleans(constant.shape(), flags);
            }
            case F32, F64 -> throw new IllegalStateException(constant.name());
        };
    }

    /** Small ones are computed at once and held; large ones whenever somebody asks. */
    private Constant put(
            String name,
            ElementType element,
            List<Integer> shape,
            List<String> sources,
            Encoding kept,
            Set<Constant> large,
            Function<Evaluation, Elements> elements) {
        long count = shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
        boolean hold = count <= SMALL && held + count <= HELD;
        Function<Evaluation, Elements> read = elements;
        if (hold) {
            Elements now = elements.apply(new Evaluation());
            Elements array = element == ElementType.F32
                    ? Elements.of(now.floats((int) count))
                    : Elements.of(now.longs((int) count));
            read = _ -> array;
            held += (int) count;
        }
        var constant = new Constant(name, element, shape, sources, kept, hold ? Set.of() : large, hold, read);
        constants.put(name, constant);
        return constant;
    }

    private String unused(String name, String scope) {
        String base = name.isEmpty() ? "constant" : name;
        String candidate = base;
        if (constants.containsKey(candidate) && !scope.isEmpty()) {
            candidate = scope + "." + base;
        }
        for (int i = 2; constants.containsKey(candidate); i++) {
            candidate = base + "." + i;
        }
        return candidate;
    }

    private static Value value(Constant constant) {
        return new Value("@" + constant.name(), constant.type());
    }

    private static String hash(OnnxTensor tensor) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((tensor.type() + " " + tensor.packed()).getBytes(StandardCharsets.UTF_8));
            for (MemorySegment piece : tensor.data()) {
                digest.update(piece.asByteBuffer());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
