package dev.rondo.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever the writer accepts, both ways to read give it back. */
class RoundTripProperties {
    private static final int[] AWKWARD = {0, 1, 2, 3, 5, 15, 16, 17, 31, 33};
    private static final String[] NAMES = {
        "x", "h.0", "lstm/kernel:0", "a b", "\u00e9", "\u5b57", "\ud834\udd1e", "n".repeat(512), "-", "'"
    };

    @Property(tries = 300)
    void randomFilesSurvive(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        Map<String, String> metadata = new LinkedHashMap<>();
        for (String name : names(random)) {
            metadata.put(name, text(random));
        }
        List<TextPipeline> texts =
                names(random).stream().map(name -> pipeline(name, random)).toList();
        Map<String, Stored> tensors = new LinkedHashMap<>();
        for (String name : names(random)) {
            tensors.put(name, stored(random));
        }
        List<FunctionDef> functions = functions(random, List.copyOf(tensors.keySet()));
        List<ReferenceCase> references =
                functions.stream().map(function -> reference(function, random)).toList();

        RondoFileWriter writer = new RondoFileWriter();
        metadata.forEach(writer::metadata);
        texts.forEach(writer::text);
        functions.forEach(writer::function);
        references.forEach(writer::reference);
        tensors.forEach((name, stored) -> stored.add(writer, name));
        Path path = Files.createTempFile("roundtrip", ".rondo");
        try {
            writer.write(path);
            try (RondoFile mapped = RondoFile.map(path);
                    RondoFile loaded = RondoFile.load(path)) {
                for (RondoFile file : List.of(mapped, loaded)) {
                    assertEquals(
                            List.copyOf(metadata.entrySet()),
                            List.copyOf(file.metadata().entrySet()));
                    assertEquals(texts, file.texts());
                    assertEquals(functions, file.functions());
                    assertEquals(
                            List.copyOf(tensors.keySet()),
                            List.copyOf(file.tensors().keySet()));
                    tensors.forEach(
                            (name, stored) -> stored.check(file.tensors().get(name)));
                    assertEquals(references.size(), file.references().size());
                    for (int i = 0; i < references.size(); i++) {
                        Contents.assertSame(references.get(i), file.references().get(i));
                    }
                }
            }
        } finally {
            Files.delete(path);
        }
    }

    /** A tensor handed to the writer. */
    private record Stored(Encoding encoding, Layout layout, List<Integer> shape, float[] floats, TensorData data) {
        void add(RondoFileWriter writer, String name) {
            if (data == null) {
                writer.tensor(name, encoding, layout, shape, () -> floats);
            } else {
                writer.tensor(name, data);
            }
        }

        void check(Tensor tensor) {
            assertEquals(encoding, tensor.encoding());
            assertEquals(layout, tensor.layout());
            assertEquals(shape, tensor.shape());
            assertTrue(tensor.data().isReadOnly());
            assertEquals(0, tensor.data().byteSize() == 0 ? 0 : tensor.data().address() % 64);
            int elements = shape.stream().reduce(1, (a, b) -> a * b);
            assertEquals(elements, tensor.parameterCount());
            assertEquals(elements, tensor.rows() * tensor.columns());
            if (data != null) {
                assertEquals(-1, data.data().mismatch(tensor.data()));
                return;
            }
            float[] got = tensor.toFloats();
            switch (encoding) {
                case F32 -> assertArrayEquals(bits(floats), bits(got));
                case F16 -> assertArrayEquals(bits(rounded(floats, true)), bits(got));
                case BF16 -> assertArrayEquals(bits(rounded(floats, false)), bits(got));
                case INT8 -> {
                    for (int i = 0; i < got.length; i++) {
                        assertEquals(floats[i], got[i], 4f / 63 / 2 + 1e-6f); // values below 4, the coarser layout
                    }
                }
                case F64, I32, I64, BOOL -> throw new AssertionError(encoding);
            }
        }
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }

    private static float[] rounded(float[] values, boolean half) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = half
                    ? Packing.halfToFloat(Packing.floatToHalf(values[i]))
                    : Packing.bfloatToFloat(Packing.floatToBfloat(values[i]));
        }
        return rounded;
    }

    private static Stored stored(Random random) {
        Encoding encoding = Encoding.values()[random.nextInt(Encoding.values().length)];
        List<Integer> shape = new ArrayList<>();
        int rank = random.nextInt(4);
        for (int i = 0; i < rank; i++) {
            shape.add(AWKWARD[random.nextInt(i == 2 ? 4 : AWKWARD.length)]);
        }
        if (encoding.elementType() != ElementType.F32) {
            return plain(encoding.elementType(), shape, random);
        }
        Layout layout = new Layout.Rows();
        if (rank >= 2 && random.nextBoolean()) {
            int groups = random.nextInt(1, 5);
            shape.set(0, shape.getFirst() * groups);
            layout = new Layout.Panels(groups);
        }
        float[] values = new float[shape.stream().reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            boolean any = encoding != Encoding.INT8 && random.nextInt(3) == 0; // NaN, infinite, subnormal
            values[i] = any ? Float.intBitsToFloat(random.nextInt()) : random.nextFloat(-4, 4);
        }
        return new Stored(encoding, layout, shape, values, null);
    }

    private static Stored plain(ElementType type, List<Integer> shape, Random random) {
        TensorData data = data(type, shape, random);
        return new Stored(Encoding.of(type), new Layout.Rows(), shape, null, data);
    }

    private static TensorData data(ElementType type, List<Integer> shape, Random random) {
        int count = shape.stream().reduce(1, (a, b) -> a * b);
        return switch (type) {
            case F32 -> {
                float[] values = new float[count];
                for (int i = 0; i < count; i++) {
                    values[i] = Float.intBitsToFloat(random.nextInt());
                }
                yield TensorData.ofFloats(shape, values);
            }
            case F64 -> TensorData.ofDoubles(shape, random.doubles(count).toArray());
            case I32 -> TensorData.ofInts(shape, random.ints(count).toArray());
            case I64 -> TensorData.ofLongs(shape, random.longs(count).toArray());
            case BOOL -> {
                boolean[] values = new boolean[count];
                for (int i = 0; i < count; i++) {
                    values[i] = random.nextBoolean();
                }
                yield TensorData.ofBooleans(shape, values);
            }
        };
    }

    private static TextPipeline pipeline(String name, Random random) {
        List<String> vocabulary = names(random);
        Segmentation segmentation = Segmentation.values()[random.nextInt(3)];
        List<String> merges =
                segmentation == Segmentation.BYTE_PAIRS ? List.of("a b", "ab c", "\u00e9 \u5b57") : List.of();
        int size = vocabulary.size();
        SpecialIds special = new SpecialIds(random.nextInt(size + 1) - 1, random.nextInt(size + 1) - 1, -1, -1);
        Normalisation normalisation = Normalisation.values()[random.nextInt(Normalisation.values().length)];
        return new TextPipeline(name, normalisation, segmentation, vocabulary, merges, special);
    }

    private static List<FunctionDef> functions(Random random, List<String> tensors) {
        List<FunctionDef> functions = new ArrayList<>();
        for (String name : names(random)) {
            List<String> defined = new ArrayList<>();
            List<ValueDef> inputs = values("in", random);
            inputs.forEach(value -> defined.add(value.name()));
            List<ValueDef> stateValues = values("state", random);
            stateValues.forEach(value -> defined.add(value.name()));
            List<NodeDef> nodes = new ArrayList<>();
            for (int i = random.nextInt(5); i > 0; i--) {
                nodes.add(node(random, defined, tensors, functions));
            }
            List<StateDef> states = stateValues.stream()
                    .map(value -> new StateDef(value, random.nextBoolean() ? "" : defined.getLast()))
                    .toList();
            List<String> outputs = defined.isEmpty() ? List.of() : List.of(defined.getLast());
            functions.add(new FunctionDef(name, inputs, states, nodes, outputs));
        }
        return functions;
    }

    private static List<ValueDef> values(String prefix, Random random) {
        List<ValueDef> values = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            ElementType type = ElementType.values()[random.nextInt(5)];
            List<String> dims = List.of("B", "2*H", "(T+1)/2").subList(0, random.nextInt(4));
            values.add(new ValueDef(prefix + i, type, dims));
        }
        return values;
    }

    private static NodeDef node(
            Random random, List<String> defined, List<String> tensors, List<FunctionDef> functions) {
        List<String> inputs = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            inputs.add(
                    switch (random.nextInt(3)) {
                        case 0 -> "";
                        case 1 -> tensors.isEmpty() ? "" : "@" + tensors.get(random.nextInt(tensors.size()));
                        default -> defined.isEmpty() ? "" : defined.get(random.nextInt(defined.size()));
                    });
        }
        List<String> outputs = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            outputs.add("v" + defined.size());
            defined.add("v" + defined.size());
        }
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        Golden.attributes().forEach((key, value) -> {
            if (random.nextBoolean()) {
                attributes.put(key, value);
            }
        });
        if (!functions.isEmpty()) {
            attributes.put(
                    "body",
                    new Attribute.Reference(
                            functions.get(random.nextInt(functions.size())).name()));
        }
        return new NodeDef("Op" + random.nextInt(9), random.nextInt(1, 9), inputs, outputs, attributes);
    }

    private static ReferenceCase reference(FunctionDef function, Random random) {
        boolean stepwise = random.nextBoolean();
        Map<String, TensorData> inputs = new LinkedHashMap<>();
        for (ValueDef input : function.inputs()) {
            List<Integer> shape = new ArrayList<>(stepwise ? List.of(3) : List.of());
            input.dims().forEach(_ -> shape.add(random.nextInt(4)));
            inputs.put(input.name(), data(input.element(), shape, random));
        }
        Map<String, TensorData> outputs = new LinkedHashMap<>();
        for (StateDef state : function.states()) {
            List<Integer> shape =
                    state.value().dims().stream().map(_ -> random.nextInt(4)).toList();
            outputs.put(state.value().name(), data(state.value().element(), shape, random));
        }
        return new ReferenceCase(
                "case of " + function.name().codePointAt(0),
                function.name(),
                stepwise,
                random.nextDouble(),
                random.nextDouble(),
                inputs,
                outputs);
    }

    private static List<String> names(Random random) {
        List<String> names = new ArrayList<>();
        for (String name : NAMES) {
            if (random.nextInt(3) == 0) {
                names.add(name);
            }
        }
        return names;
    }

    private static String text(Random random) {
        return random.nextInt(4) == 0 ? "" : "\u0000\n\t\u00e9\u5b57\ud834\udd1e".repeat(random.nextInt(1, 200));
    }
}
