package dev.rondo.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.rondo.search.StepFunction;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * ONNX Runtime's sessions behind the search of Rondo, by the cheapest path of its Java API: memory made once and wrapped in
 * tensors, which are made anew only when a size changes; states exist twice and swap roles, and a step whose hypotheses stay
 * where they are copies nothing.
 */
final class OrtTranslation implements TranslationNetwork, StepFunction {
    private static final Set<String> NO_OTHERS = Set.of();
    private static final float NEVER = -1e9f;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession encode;
    private final OrtSession step;
    private final int memorySize;
    private final int keySize;
    private final int stateSize;
    private final int vocabularySize;

    private final ByteBuffer source;
    private final ByteBuffer lengths;
    private final ByteBuffer share;
    private final ByteBuffer memory;
    private final ByteBuffer keys;
    private final ByteBuffer mask;
    private final ByteBuffer token;
    private final ByteBuffer queryShape;
    private final ByteBuffer logits;
    private final ByteBuffer attention;
    private final ByteBuffer[] states;
    private final MemorySegment logitMemory;
    private final MemorySegment attentionMemory;

    private final List<Map<String, OnnxTensor>> inputs = List.of(new HashMap<>(), new HashMap<>());
    private final List<Map<String, OnnxTensor>> outputs = List.of(new HashMap<>(), new HashMap<>());
    private int sentences;
    private int width = 1;
    private int positions;
    private int side;
    private boolean shaped;

    OrtTranslation(OnnxTranslation model, Limits limits, int threads) {
        TranslationWeights weights = model.weights();
        this.memorySize = weights.memorySize();
        this.keySize = model.keySize();
        this.stateSize = weights.first().size();
        this.vocabularySize = weights.vocabularySize();
        int b = limits.sentences();
        int rows = b * limits.beamSize();
        int s = limits.sourceLength();
        this.source = bytes(Long.BYTES, s * b);
        this.lengths = bytes(Integer.BYTES, b);
        this.share = bytes(Float.BYTES, b);
        this.memory = bytes(Float.BYTES, b * s * memorySize);
        this.keys = bytes(Float.BYTES, b * s * keySize);
        this.mask = bytes(Float.BYTES, b * s);
        this.token = bytes(Long.BYTES, rows);
        this.queryShape = bytes(Long.BYTES, 4);
        this.logits = bytes(Float.BYTES, rows * vocabularySize);
        this.attention = bytes(Float.BYTES, rows * s);
        this.states = new ByteBuffer[] {bytes(Float.BYTES, rows * stateSize), bytes(Float.BYTES, rows * stateSize)};
        this.logitMemory = MemorySegment.ofBuffer(logits);
        this.attentionMemory = MemorySegment.ofBuffer(attention);
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            this.encode = environment.createSession(model.encode(), options);
            this.step = environment.createSession(model.step(), options);
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime refuses the translation model", e);
        }
    }

    private static ByteBuffer bytes(int size, int count) {
        return ByteBuffer.allocateDirect(size * count).order(ByteOrder.nativeOrder());
    }

    private OnnxTensor floats(ByteBuffer buffer, long... shape) throws OrtException {
        return OnnxTensor.createTensor(
                environment,
                buffer.slice(0, size(shape) * Float.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer(),
                shape);
    }

    private OnnxTensor longs(ByteBuffer buffer, long... shape) throws OrtException {
        return OnnxTensor.createTensor(
                environment,
                buffer.slice(0, size(shape) * Long.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asLongBuffer(),
                shape);
    }

    private static int size(long... shape) {
        return (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    @Override
    public void read(int[][] sources) {
        int b = sources.length;
        int s = Arrays.stream(sources).mapToInt(words -> words.length).max().orElse(0);
        for (int i = 0; i < b; i++) {
            int length = sources[i].length;
            lengths.putInt(i * Integer.BYTES, length);
            share.putFloat(i * Float.BYTES, 1f / length);
            for (int t = 0; t < s; t++) {
                source.putLong((t * b + i) * Long.BYTES, t < length ? sources[i][t] : 0);
                mask.putFloat((i * s + t) * Float.BYTES, t < length ? 0 : NEVER);
            }
        }
        side = 0;
        try (OnnxTensor x = longs(source, s, b);
                OnnxTensor n = OnnxTensor.createTensor(
                        environment,
                        lengths.slice(0, b * Integer.BYTES)
                                .order(ByteOrder.nativeOrder())
                                .asIntBuffer(),
                        new long[] {b});
                OnnxTensor each = floats(share, b, 1);
                OnnxTensor m = floats(memory, b, s, memorySize);
                OnnxTensor k = floats(keys, b, 1, s, keySize);
                OnnxTensor h = floats(states[0], b, stateSize)) {
            Map<String, OnnxTensor> given = new HashMap<>(Map.of("source", x, "lengths", n));
            if (encode.getInputNames().contains("share")) {
                given.put("share", each);
            }
            encode.run(given, NO_OTHERS, Map.of("memory", m, "keys", k, "h", h), null)
                    .close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
        positions = s;
        sentences = b;
        width = 1;
        shaped = false;
    }

    @Override
    public StepFunction steps() {
        return this;
    }

    @Override
    public int vocabularySize() {
        return vocabularySize;
    }

    @Override
    public void begin(int count) {
        if (count != sentences) {
            throw new IllegalArgumentException("reads " + sentences + " sources; got " + count + " sentences");
        }
    }

    @Override
    public int sentences() {
        return sentences;
    }

    @Override
    public int width() {
        return width;
    }

    /** Wraps the memory in tensors of the sizes of now. */
    private void shape() throws OrtException {
        forget();
        int rows = rows();
        queryShape.putLong(0, sentences).putLong(Long.BYTES, width).putLong(2 * Long.BYTES, 1);
        queryShape.putLong(3 * Long.BYTES, keySize);
        OnnxTensor tokens = longs(token, rows);
        OnnxTensor query = longs(queryShape, 4);
        OnnxTensor m = floats(memory, sentences, positions, memorySize);
        OnnxTensor k = floats(keys, sentences, 1, positions, keySize);
        OnnxTensor hidden = floats(mask, sentences, 1, positions);
        OnnxTensor scores = floats(logits, rows, vocabularySize);
        OnnxTensor weights = floats(attention, sentences, width, positions);
        OnnxTensor[] sides = {floats(states[0], rows, stateSize), floats(states[1], rows, stateSize)};
        for (int i = 0; i < 2; i++) {
            inputs.get(i)
                    .putAll(Map.of(
                            "token",
                            tokens,
                            "query_shape",
                            query,
                            "memory",
                            m,
                            "keys",
                            k,
                            "mask",
                            hidden,
                            "h",
                            sides[i]));
            outputs.get(i).putAll(Map.of("logits", scores, "attention", weights, "h_next", sides[1 - i]));
        }
        shaped = true;
    }

    private void forget() {
        for (Map<String, OnnxTensor> tensors : List.of(inputs.getFirst(), outputs.getFirst())) {
            tensors.values().forEach(OnnxTensor::close);
        }
        inputs.forEach(Map::clear);
        outputs.forEach(Map::clear);
    }

    @Override
    public void step(int[] tokens) {
        try {
            if (!shaped) {
                shape();
            }
            for (int i = 0; i < rows(); i++) {
                token.putLong(i * Long.BYTES, tokens[i]);
            }
            step.run(inputs.get(side), NO_OTHERS, outputs.get(side), null).close();
            side = 1 - side;
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public MemorySegment scores() {
        return logitMemory;
    }

    @Override
    public boolean scored() {
        return false;
    }

    @Override
    public int attentionSize() {
        return positions;
    }

    @Override
    public MemorySegment attention() {
        return attentionMemory;
    }

    @Override
    public void regroup(int size, int[] parents) {
        gather(sentences * size, parents);
        shaped &= size == width;
        width = size;
    }

    @Override
    public void keep(int[] kept, int count) {
        var rows = new int[count * width];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = kept[i / width] * width + i % width;
        }
        gather(rows.length, rows);
        for (int i = 0; i < count; i++) {
            move(memory, i, kept[i], positions * memorySize);
            move(keys, i, kept[i], positions * keySize);
            move(mask, i, kept[i], positions);
        }
        shaped &= count == sentences;
        sentences = count;
    }

    /** Within one memory: those kept come in their order, so no row is overwritten before it has moved. */
    private static void move(ByteBuffer buffer, int to, int from, int floats) {
        if (to > from) {
            throw new IllegalArgumentException("sentences stay in order; got " + from + " for " + to);
        }
        if (to < from) {
            int size = floats * Float.BYTES;
            buffer.put(to * size, buffer, from * size, size);
        }
    }

    private void gather(int rows, int[] parents) {
        boolean moved = false;
        for (int i = 0; i < rows; i++) {
            moved |= parents[i] != i;
        }
        if (moved) {
            int size = stateSize * Float.BYTES;
            for (int i = 0; i < rows; i++) {
                states[1 - side].put(i * size, states[side], parents[i] * size, size);
            }
            side = 1 - side;
        }
    }

    @Override
    public void close() {
        forget();
        try {
            encode.close();
            step.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
