package dev.rondo.convert.statedict;

import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.convert.safetensors.SafetensorsTensor;
import dev.rondo.error.FormatException;
import dev.rondo.format.ElementType;
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

/** Turns the tensors of io files into reference cases of a memory network's {@code answer}. */
final class MemoryNetworkVectors {
    private static final String IN = "in.";
    private static final String OUT = "out.";
    private static final String STORY = "story";
    private static final String SENTENCES = "sentences";

    private MemoryNetworkVectors() {}

    /**
     * A case of each file. Where {@code in.sentences} is missing, every row has all sentences.
     *
     * @throws FormatException when a name belongs to no value
     * @throws dev.rondo.error.ShapeException when a shape does not fit its value
     */
    static List<ReferenceCase> read(List<ReferenceFile> files, ReferenceConfig config, Function answer, int words)
            throws IOException {
        var cases = new ArrayList<ReferenceCase>();
        var seen = new TreeSet<String>();
        for (ReferenceFile file : files) {
            try (SafetensorsFile vectors = SafetensorsFile.open(file.file())) {
                seen.addAll(vectors.tensors().keySet());
                String name = "reference" + (cases.isEmpty() ? "" : cases.size() + 1);
                cases.add(build(name, file, config, vectors.tensors(), answer, words));
            }
        }
        if (!files.isEmpty()) {
            ReferenceVectors.checkNames(config, seen);
        }
        return cases;
    }

    private static ReferenceCase build(
            String name,
            ReferenceFile file,
            ReferenceConfig config,
            Map<String, SafetensorsTensor> tensors,
            Function answer,
            int words) {
        var in = new LinkedHashMap<String, TensorData>();
        var out = new LinkedHashMap<String, TensorData>();
        tensors.forEach((key, tensor) -> {
            if (config.ignored().contains(key)) {
                return;
            }
            boolean input = key.startsWith(IN);
            ReferenceVectors.require(
                    input || key.startsWith(OUT), "io file", "tensors must be named in.NAME or out.NAME", key);
            String plain = key.substring(input ? IN.length() : OUT.length());
            String known = (input ? config.inputs() : config.outputs()).getOrDefault(plain, plain);
            Value value = (input ? answer.input(known) : answer.output(known))
                    .orElseThrow(() -> new FormatException(
                            "io file, tensor " + StrictJson.quote(key),
                            "must belong to a value of answer",
                            known,
                            "values are " + answer.inputs() + " and " + answer.outputs()));
            (input ? in : out).put(known, data(known, value, tensor));
        });
        ReferenceVectors.require(
                in.containsKey(STORY) && in.containsKey("query") && !out.isEmpty(),
                "io file",
                "must hold in.story, in.query and expected outputs",
                tensors.keySet().toString());
        List<Integer> shape = in.get(STORY).shape();
        boolean fits = shape.get(2) == words
                && in.get("query").shape().equals(List.of(shape.getFirst(), words))
                && out.values().stream().allMatch(o -> o.shape().getFirst().equals(shape.getFirst()));
        ReferenceVectors.require(
                fits, "io file", "must hold questions of " + words + " words each about as many stories", "" + shape);
        if (!in.containsKey(SENTENCES)) {
            int[] all = new int[shape.getFirst()];
            Arrays.fill(all, shape.get(1));
            in.put(SENTENCES, TensorData.ofInts(List.of(all.length), all));
        }
        return new ReferenceCase(
                name,
                answer.name(),
                false,
                config.atol().orElse(file.atol()),
                config.rtol().orElse(file.rtol()),
                in,
                out);
    }

    private static TensorData data(String name, Value value, SafetensorsTensor tensor) {
        List<Integer> shape = tensor.shape().stream().map(Math::toIntExact).toList();
        boolean fits = shape.size() == value.type().rank();
        for (int d = 0; fits && d < shape.size(); d++) {
            fits = !value.type().dim(d).isFixed() || value.type().dim(d).is(shape.get(d));
        }
        if (!fits || shape.contains(0)) {
            throw ReferenceVectors.wrongShape(name, tensor, value.type().toString());
        }
        if (value.type().element() == ElementType.F32) {
            return TensorData.ofFloats(shape, ReferenceVectors.floats(name, tensor));
        }
        int[] ids = ReferenceVectors.ints(name, tensor);
        return value.type().element() == ElementType.I32
                ? TensorData.ofInts(shape, ids)
                : TensorData.ofLongs(shape, Arrays.stream(ids).asLongStream().toArray());
    }
}
