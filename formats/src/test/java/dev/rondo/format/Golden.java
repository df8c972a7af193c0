package dev.rondo.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The content of {@code golden/v1.rondo}: small, and with every feature of version 1. To write the file again, which is
 * right only before version 1 is released:
 * {@code mvn -o -pl formats test -Dtest=GoldenTest -Drondo.golden=src/test/resources/golden/v1.rondo}
 */
final class Golden {
    static final List<Integer> MATRIX = List.of(4, 3);
    static final float[] VALUES = {1, -2, 3.5f, 0, -0f, 0.1f, 1e-3f, 100, -1000, 65504, 1e-8f, -7};

    private Golden() {}

    static void write(Path path) throws IOException {
        RondoFileWriter writer = new RondoFileWriter()
                .metadata("task", "lm")
                .metadata("licence", "text with a\nline break, \u00e9 and \ud834\udd1e");
        texts().forEach(writer::text);
        functions().forEach(writer::function);
        for (Encoding encoding : List.of(Encoding.F32, Encoding.F16, Encoding.BF16, Encoding.INT8)) {
            float[] values = VALUES.clone();
            writer.tensor(encoding.text() + ".rows", encoding, new Layout.Rows(), MATRIX, () -> values);
            writer.tensor(encoding.text() + ".panels", encoding, new Layout.Panels(2), MATRIX, () -> values);
        }
        constants().forEach(writer::tensor);
        writer.tensor("empty", Encoding.F32, new Layout.Rows(), List.of(0, 3), () -> new float[0]);
        references().forEach(writer::reference);
        writer.write(path);
    }

    static Map<String, TensorData> constants() {
        Map<String, TensorData> constants = new LinkedHashMap<>();
        constants.put("f32.scalar", TensorData.ofFloats(List.of(), 0.5f));
        constants.put("f64", TensorData.ofDoubles(List.of(2), Math.PI, Double.NEGATIVE_INFINITY));
        constants.put("i32", TensorData.ofInts(List.of(1, 2, 1), Integer.MIN_VALUE, 7));
        constants.put("i64", TensorData.ofLongs(List.of(2), Long.MAX_VALUE, -1));
        constants.put("bool", TensorData.ofBooleans(List.of(3), true, false, true));
        return constants;
    }

    static List<TextPipeline> texts() {
        return List.of(
                new TextPipeline(
                        "characters",
                        Normalisation.NONE,
                        Segmentation.CHARACTERS,
                        List.of("\n", " ", "a"),
                        List.of(),
                        SpecialIds.NONE),
                new TextPipeline(
                        "words",
                        Normalisation.NFC_LOWERCASE,
                        Segmentation.WORDS,
                        List.of("<unk>", "<s>", "</s>", "<pad>", "caf\u00e9"),
                        List.of(),
                        new SpecialIds(0, 1, 2, 3)),
                new TextPipeline(
                        "pairs",
                        Normalisation.NFKC,
                        Segmentation.BYTE_PAIRS,
                        List.of("<unk>", "a", "b</w>", "ab</w>"),
                        List.of("a b</w>"),
                        new SpecialIds(0, -1, -1, -1)),
                new TextPipeline(
                        "labels", Normalisation.LOWERCASE, Segmentation.WORDS, List.of(), List.of(), SpecialIds.NONE),
                new TextPipeline(
                        "composed", Normalisation.NFC, Segmentation.WORDS, List.of("x"), List.of(), SpecialIds.NONE));
    }

    static List<FunctionDef> functions() {
        ValueDef x = new ValueDef("x", ElementType.F32, List.of("B", "3"));
        ValueDef h = new ValueDef("h", ElementType.F32, List.of("B", "4"));
        ValueDef memory = new ValueDef("memory", ElementType.F64, List.of());
        FunctionDef step = new FunctionDef(
                "step",
                List.of(x),
                List.of(new StateDef(h, "hNext"), new StateDef(memory, "")),
                List.of(
                        new NodeDef("Linear", 1, List.of("x", "@f32.rows", ""), List.of("y"), Map.of()),
                        new NodeDef("Cell", 2, List.of("y", "h"), List.of("hNext", ""), attributes())),
                List.of("y", "hNext"));
        FunctionDef all = new FunctionDef(
                "all",
                List.of(
                        new ValueDef("xs", ElementType.F32, List.of("T", "B", "2*(I + 1)/2")),
                        new ValueDef("lengths", ElementType.I32, List.of("B")),
                        new ValueDef("ids", ElementType.I64, List.of("B")),
                        new ValueDef("mask", ElementType.BOOL, List.of("B", "T"))),
                List.of(),
                List.of(new NodeDef(
                        "Scan",
                        1,
                        List.of("xs", "lengths"),
                        List.of("ys"),
                        Map.of("body", new Attribute.Reference("step")))),
                List.of("ys", "mask"));
        return List.of(step, all, new FunctionDef("nothing", List.of(), List.of(), List.of(), List.of()));
    }

    static Map<String, Attribute> attributes() {
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        attributes.put("int", new Attribute.Int(Long.MIN_VALUE));
        attributes.put("real", new Attribute.Real(Double.MIN_VALUE));
        attributes.put("text", new Attribute.Text("tanh"));
        attributes.put("flag", new Attribute.Flag(true));
        attributes.put("ints", new Attribute.Ints(List.of(1L, -1L)));
        attributes.put("reals", new Attribute.Reals(List.of(0.5, -0.0, Double.NaN)));
        attributes.put("texts", new Attribute.Texts(List.of("", "\u03c3")));
        attributes.put("none", new Attribute.Ints(List.of()));
        return attributes;
    }

    static List<ReferenceCase> references() {
        Map<String, TensorData> inputs = new LinkedHashMap<>();
        inputs.put("x", TensorData.ofFloats(List.of(2, 1, 3), 1, 2, 3, 4, 5, 6));
        inputs.put("h", TensorData.ofFloats(List.of(1, 4), 0, 0, 0, 1));
        Map<String, TensorData> outputs = new LinkedHashMap<>();
        outputs.put("y", TensorData.ofFloats(List.of(2, 1, 4), 1, 2, 3, 4, 5, 6, 7, 8));
        outputs.put("h", TensorData.ofFloats(List.of(1, 4), 9, 10, 11, 12));
        ReferenceCase stepwise = new ReferenceCase("steps", "step", true, 1e-5, 1e-4, inputs, outputs);
        ReferenceCase whole = new ReferenceCase(
                "whole",
                "all",
                false,
                0,
                0,
                Map.of("mask", TensorData.ofBooleans(List.of(1, 2), true, false)),
                Map.of("mask", TensorData.ofBooleans(List.of(1, 2), true, false)));
        return List.of(stepwise, whole);
    }
}
