package dev.rondo.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * ONNX Runtime by the cheapest path of its Java API: one thread, all graph optimisations, inputs and outputs pinned to
 * direct buffers that are made once. The states exist twice and swap roles after each step, so nothing is copied back.
 */
final class OrtEngine implements Engine {
    private static final Set<String> NO_OTHERS = Set.of();

    /** What one step reads and writes: the next step does it the other way round. */
    private record Turn(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs, FloatBuffer h) {}

    /** A tensor and the memory it pins. */
    private record Pinned(OnnxTensor tensor, FloatBuffer memory) implements AutoCloseable {
        static Pinned of(OrtEnvironment environment, int size) throws OrtException {
            FloatBuffer memory = ByteBuffer.allocateDirect(size * Float.BYTES)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
            return new Pinned(OnnxTensor.createTensor(environment, memory, new long[] {1, 1, size}), memory);
        }

        void clear() {
            memory.put(0, new float[memory.capacity()]);
        }

        @Override
        public void close() {
            tensor.close();
        }
    }

    private final OrtSession session;
    private final Pinned x;
    private final Pinned[] states;
    private final Turn even;
    private final Turn odd;
    private final int hiddenSize;
    private Turn next;
    private Turn last;

    private OrtEngine(Cell cell, byte[] model) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            this.session = environment.createSession(model, options);
        }
        this.hiddenSize = cell.hiddenSize();
        this.x = Pinned.of(environment, cell.inputSize());
        this.states = new Pinned[cell.kind() == Cell.Kind.LSTM ? 4 : 2];
        for (int i = 0; i < states.length; i++) {
            states[i] = Pinned.of(environment, hiddenSize);
        }
        this.even = turn(0);
        this.odd = turn(1);
        this.next = even;
        this.last = odd;
    }

    static OrtEngine open(Cell cell, byte[] model) {
        try {
            return new OrtEngine(cell, model);
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime refuses the model of " + cell, e);
        }
    }

    /** States 0 and 1 are h, 2 and 3 are c. */
    private Turn turn(int parity) {
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
        inputs.put("x", x.tensor());
        inputs.put("h", states[parity].tensor());
        outputs.put("h_next", states[1 - parity].tensor());
        if (states.length == 4) {
            inputs.put("c", states[2 + parity].tensor());
            outputs.put("c_next", states[3 - parity].tensor());
        }
        return new Turn(inputs, outputs, states[1 - parity].memory());
    }

    @Override
    public float step(float[] values) {
        x.memory().put(0, values);
        Turn now = next;
        try (var _ = session.run(now.inputs(), NO_OTHERS, now.outputs(), null)) {
            next = last;
            last = now;
            return now.h().get(0);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public float[] hidden() {
        var values = new float[hiddenSize];
        last.h().get(0, values);
        return values;
    }

    @Override
    public void reset() {
        for (Pinned state : states) {
            state.clear();
        }
        next = even;
        last = odd;
    }

    @Override
    public void close() {
        x.close();
        for (Pinned state : states) {
            state.close();
        }
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
