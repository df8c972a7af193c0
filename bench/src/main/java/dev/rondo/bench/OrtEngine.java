package dev.rondo.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * ONNX Runtime by the cheapest path of its Java API: one thread, all graph optimisations, inputs and outputs pinned to
 * direct buffers that are made once. States exist twice and swap roles after each run, so nothing is copied back.
 */
final class OrtEngine implements Engine {
    private static final Set<String> NO_OTHERS = Set.of();

    /** An f32 input or output, or an i64 one. */
    record Slot(String name, boolean ints, long... shape) {
        static Slot of(String name, long... shape) {
            return new Slot(name, false, shape);
        }

        static Slot ints(String name, long... shape) {
            return new Slot(name, true, shape);
        }

        int size() {
            return (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
        }
    }

    /** A tensor and the memory it pins. */
    private record Pinned(OnnxTensor tensor, ByteBuffer memory) {
        static Pinned of(Slot slot) throws OrtException {
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            ByteBuffer memory = ByteBuffer.allocateDirect(slot.size() * (slot.ints() ? Long.BYTES : Float.BYTES))
                    .order(ByteOrder.nativeOrder());
            OnnxTensor tensor = slot.ints()
                    ? OnnxTensor.createTensor(environment, memory.asLongBuffer(), slot.shape())
                    : OnnxTensor.createTensor(environment, memory.asFloatBuffer(), slot.shape());
            return new Pinned(tensor, memory);
        }

        FloatBuffer floats() {
            return memory.asFloatBuffer();
        }
    }

    /** What one run reads and writes: the next does it the other way round. */
    private record Turn(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs, FloatBuffer first) {}

    private final List<OnnxTensor> tensors = new ArrayList<>();
    private final List<FloatBuffer> states = new ArrayList<>();
    private final OrtSession session;
    private final ByteBuffer x;
    private final FloatBuffer floats;
    private final Turn even;
    private final Turn odd;
    private Turn next;
    private Turn last;

    private OrtEngine(byte[] model, Slot input, List<Slot> stateSlots, List<Slot> outputs, Map<Slot, float[]> given)
            throws OrtException {
        this.session = session(model);
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        Map<String, OnnxTensor> results = new LinkedHashMap<>();
        this.x = pin(input, inputs);
        this.floats = x.asFloatBuffer();
        for (Map.Entry<Slot, float[]> entry : given.entrySet()) {
            pin(entry.getKey(), inputs).asFloatBuffer().put(0, entry.getValue());
        }
        FloatBuffer first = null;
        for (Slot output : outputs) {
            ByteBuffer memory = pin(output, results);
            first = first == null ? memory.asFloatBuffer() : first;
        }
        List<Pinned[]> pairs = new ArrayList<>();
        for (Slot slot : stateSlots) {
            var pair = new Pinned[] {Pinned.of(slot), Pinned.of(slot)};
            for (Pinned side : pair) {
                tensors.add(side.tensor);
                states.add(side.floats());
            }
            pairs.add(pair);
        }
        this.even = turn(inputs, results, first, stateSlots, pairs, 0);
        this.odd = turn(inputs, results, first, stateSlots, pairs, 1);
        this.next = even;
        this.last = odd;
    }

    private static OrtSession session(byte[] model) throws OrtException {
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            return OrtEnvironment.getEnvironment().createSession(model, options);
        }
    }

    private ByteBuffer pin(Slot slot, Map<String, OnnxTensor> into) throws OrtException {
        Pinned pinned = Pinned.of(slot);
        tensors.add(pinned.tensor);
        into.put(slot.name(), pinned.tensor);
        return pinned.memory;
    }

    private static Turn turn(
            Map<String, OnnxTensor> inputs,
            Map<String, OnnxTensor> outputs,
            FloatBuffer first,
            List<Slot> slots,
            List<Pinned[]> pairs,
            int parity) {
        var in = new LinkedHashMap<>(inputs);
        var out = new LinkedHashMap<>(outputs);
        for (int i = 0; i < slots.size(); i++) {
            in.put(slots.get(i).name(), pairs.get(i)[parity].tensor);
            out.put(slots.get(i).name() + "_next", pairs.get(i)[1 - parity].tensor);
        }
        return new Turn(in, out, first == null ? pairs.getFirst()[1 - parity].floats() : first);
    }

    /**
     * Opens a model.
     *
     * @param name what to call it in errors
     * @param input filled before each run
     * @param states carried from run to run; state s has the output s_next
     * @param outputs others; the first of them, or else of the states, is what a run returns
     * @param given inputs that stay the same
     */
    static OrtEngine open(
            String name, byte[] model, Slot input, List<Slot> states, List<Slot> outputs, Map<Slot, float[]> given) {
        try {
            return new OrtEngine(model, input, states, outputs, given);
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime refuses the model of " + name, e);
        }
    }

    @Override
    public float run(float[] values) {
        floats.put(0, values);
        return run();
    }

    /** A run whose only input is the i64 element of that value. */
    float run(long value) {
        x.putLong(0, value);
        return run();
    }

    private float run() {
        Turn now = next;
        try (var _ = session.run(now.inputs(), NO_OTHERS, now.outputs(), null)) {
            next = last;
            last = now;
            return now.first().get(0);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public float[] outputs() {
        var values = new float[last.first().capacity()];
        copyTo(values);
        return values;
    }

    /** Copies the first output into an array of its size. */
    void copyTo(float[] values) {
        last.first().get(0, values);
    }

    @Override
    public void reset() {
        for (FloatBuffer state : states) {
            state.put(0, new float[state.capacity()]);
        }
        next = even;
        last = odd;
    }

    @Override
    public void close() {
        tensors.forEach(OnnxTensor::close);
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
