package dev.rondo.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.rondo.architecture.LayerStack;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A network in ONNX Runtime by the cheapest path of its Java API: one thread, everything pinned to memory made once. */
final class OrtLayers implements Engine {
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
    private final long[][] tokens;
    private final long[][] letters;
    private final LongBuffer tokenBuffer;
    /** Null where the network does not spell. */
    private final LongBuffer letterBuffer;

    private final FloatBuffer logits;

    OrtLayers(LayeredNetwork network) {
        var texts = LayeredTexts.of(network);
        int steps = network.steps();
        int wide = network.letters();
        this.tokens = new long[texts.count()][steps];
        this.letters = new long[texts.count()][steps * wide];
        for (int i = 0; i < tokens.length; i++) {
            for (int t = 0; t < steps; t++) {
                tokens[i][t] = texts.tokens()[i][t];
                for (int c = 0; c < wide; c++) {
                    letters[i][c * steps + t] = texts.letters()[i][t * wide + c];
                }
            }
        }
        int rows = network.results() == LayerStack.Results.TAGS ? steps : 1;
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            session = OrtEnvironment.getEnvironment().createSession(OnnxLayers.model(network), options);
            tokenBuffer = longs("tokens", inputs, steps, 1);
            letterBuffer = wide == 0 ? null : longs("letters", inputs, wide, steps);
            if (wide > 0) {
                var lengths = bytes((long) steps * Integer.BYTES).asIntBuffer();
                for (int t = 0; t < steps; t++) {
                    lengths.put(t, wide);
                }
                inputs.put(
                        "lengths",
                        OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), lengths, new long[] {steps}));
            }
            logits = floats("logits", rows, network.outputs());
            longs("best", outputs, rows);
            if (network.results() == LayerStack.Results.CLASSES) {
                floats("probs", rows, network.outputs());
            }
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime refuses the model of " + network.name(), e);
        }
    }

    private static ByteBuffer bytes(long size) {
        return ByteBuffer.allocateDirect(Math.toIntExact(size)).order(ByteOrder.nativeOrder());
    }

    private static LongBuffer longs(String name, Map<String, OnnxTensor> into, long... shape) throws OrtException {
        LongBuffer memory = bytes(size(shape) * Long.BYTES).asLongBuffer();
        into.put(name, OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), memory, shape));
        return memory;
    }

    private FloatBuffer floats(String name, long... shape) throws OrtException {
        FloatBuffer memory = bytes(size(shape) * Float.BYTES).asFloatBuffer();
        outputs.put(name, OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), memory, shape));
        return memory;
    }

    private static long size(long... shape) {
        long size = 1;
        for (long dim : shape) {
            size *= dim;
        }
        return size;
    }

    @Override
    public float run(float[] x) {
        int text = (int) x[0];
        tokenBuffer.put(0, tokens[text]);
        if (letterBuffer != null) {
            letterBuffer.put(0, letters[text]);
        }
        try (var _ = session.run(inputs, Set.of(), outputs, null)) {
            return logits.get(0);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public float[] outputs() {
        var values = new float[logits.capacity()];
        logits.get(0, values);
        return values;
    }

    @Override
    public void reset() {
        // Every run begins with zero.
    }

    @Override
    public void close() {
        inputs.values().forEach(OnnxTensor::close);
        outputs.values().forEach(OnnxTensor::close);
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
