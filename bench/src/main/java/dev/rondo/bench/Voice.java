package dev.rondo.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.bench.Rounds.Timing;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.convert.draft.GraphOptions;
import dev.rondo.format.Encoding;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Voice activity detection with Silero's network, 16 kHz: a chunk of 512 samples (32 ms) in, the probability of speech out.
 * ONNX Runtime runs the ONNX file, Rondo what the converter makes of it. The folder that the property {@code voice} names
 * holds {@code silero_vad_16k_op15.onnx} and {@code audio.wav}. Its own main is what a cold start of ONNX Runtime runs.
 */
public final class Voice {
    static final int CHUNK = 512;
    private static final int CONTEXT = 64;
    private static final int STATE = 2 * 128;

    private static final int WAV_HEADER = 44;
    private static final double TO_REACH = 1.5;

    private Voice() {}

    /** The model as a Rondo file. */
    static void convert(Path onnx, Path rondo, Encoding encoding) throws IOException {
        Conversion.convert(ConversionRequest.of(onnx, rondo)
                .withDtype(encoding)
                .withGraph(new GraphOptions(
                        Map.of("state", List.of("stateN")),
                        Map.of("input", CONTEXT),
                        Map.of("sr", "16000"),
                        Map.of("input", "1," + (CONTEXT + CHUNK), "state", "2,1,128"))));
    }

    static void print(PrintStream out, String folder, Rounds.Effort effort, int starts, Verdicts verdicts)
            throws IOException {
        if (folder == null) {
            out.println("without voice activity: name the folder of Silero's ONNX file with VOICE=FOLDER");
            return;
        }
        Path onnx = Path.of(folder, "silero_vad_16k_op15.onnx");
        float[][] chunks = chunks(Path.of(folder, "audio.wav"));
        Path f32 = Files.createTempFile("bench", ".rondo");
        Path bf16 = Files.createTempFile("bench", ".rondo");
        convert(onnx, f32, Encoding.F32);
        convert(onnx, bf16, Encoding.BF16);
        try (var ort = new InThread(new Ort(onnx), new Inputs(chunks));
                var full = rondo(f32, chunks);
                var half = rondo(bf16, chunks)) {
            List<InThread> runners = List.of(full, half, ort);
            List<String> names = List.of("Rondo f32", "Rondo bf16", "ONNX Runtime f32");
            List<float[]> probabilities =
                    runners.stream().map(r -> probabilities(r.engine(), chunks)).toList();
            List<Timing> timings = new Rounds(effort).run(List.copyOf(runners));
            out.println(
                    "| a chunk of 32 ms | µs | times ONNX Runtime's speed | bytes | most different from ONNX Runtime"
                            + " |");
            out.println("|---|--:|--:|--:|--:|");
            Timing peer = timings.getLast();
            for (int i = 0; i < runners.size(); i++) {
                Timing own = timings.get(i);
                out.printf(
                        Locale.ROOT,
                        "| %s | %.1f | %s | %s | %.1e |%n",
                        names.get(i),
                        own.medianNanos() / 1000,
                        own == peer ? "" : own.ratioTo(peer).text(2),
                        Spread.of(own.bytes()).text(0),
                        difference(probabilities.get(i), probabilities.getLast()));
            }
            verdicts.add(new Verdict(
                    "voice activity, a chunk, Rondo f32",
                    "ONNX Runtime f32",
                    TO_REACH,
                    timings.getFirst().ratioTo(peer),
                    "–"));
            cold(out, f32, onnx, starts, verdicts);
        }
    }

    private static InThread rondo(Path file, float[][] chunks) throws IOException {
        return new InThread(RondoEngine.open(file, function(file), Capacity.ONE, Map.of()), new Inputs(chunks));
    }

    private static String function(Path file) throws IOException {
        try (Model model = Model.open(file)) {
            return model.functions().keySet().iterator().next();
        }
    }

    private static float[] probabilities(Engine engine, float[][] chunks) {
        engine.reset();
        var all = new float[chunks.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = engine.run(chunks[i]);
        }
        engine.reset();
        return all;
    }

    private static double difference(float[] a, float[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> Math.abs((double) a[i] - b[i]))
                .max()
                .orElse(0);
    }

    /** 16-bit samples behind a plain WAV header, cut into chunks. */
    private static float[][] chunks(Path wav) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(wav)).order(ByteOrder.LITTLE_ENDIAN);
        var chunks = new float[(bytes.capacity() - WAV_HEADER) / 2 / CHUNK][CHUNK];
        for (int i = 0; i < chunks.length * CHUNK; i++) {
            chunks[i / CHUNK][i % CHUNK] = bytes.getShort(WAV_HEADER + 2 * i) / 32768f;
        }
        return chunks;
    }

    private static void cold(PrintStream out, Path rondo, Path onnx, int starts, Verdicts verdicts) throws IOException {
        Core.unpin(); // a start may use what cores there are
        var ours = new ArrayList<Start>();
        var theirs = new ArrayList<Start>();
        for (int i = 0; i < starts; i++) {
            ours.add(
                    Start.of("-Xshare:auto", List.of(Model.class, Encoding.class), VoiceStart.class, rondo.toString()));
            theirs.add(Start.of(
                    "--enable-native-access=ALL-UNNAMED", List.of(OrtSession.class), Voice.class, onnx.toString()));
        }
        out.printf(
                Locale.ROOT, "%n| %d starts each | first probability, ms | 32nd (a second of sound), ms |%n", starts);
        out.println("|---|--:|--:|");
        row(out, "Rondo, plain kernels", ours);
        row(out, "ONNX Runtime", theirs);
        verdicts.add(new Verdict(
                "voice activity, JVM launch to first probability, Rondo, plain kernels",
                "ONNX Runtime f32",
                TO_REACH,
                Spread.of(IntStream.range(0, starts)
                        .mapToDouble(i -> theirs.get(i).first() / ours.get(i).first())
                        .toArray()),
                "–"));
    }

    private static void row(PrintStream out, String name, List<Start> starts) {
        Spread first = Spread.of(starts.stream().mapToDouble(Start::first).toArray());
        Spread last = Spread.of(starts.stream().mapToDouble(Start::last).toArray());
        out.println("| " + name + " | " + first.text(0) + " | " + last.text(0) + " |");
    }

    /** One start of ONNX Runtime, as {@link VoiceStart} is one of Rondo. */
    public static void main(String[] args) throws IOException {
        try (Engine engine = new Ort(Path.of(args[0]))) {
            for (int i = 0; i < VoiceStart.CHUNKS_A_SECOND; i++) {
                VoiceStart.tell(i, engine.run(VoiceStart.hum(i)));
            }
        }
    }

    /** ONNX Runtime as a careful user calls it: everything pinned, the state in two buffers that swap roles. */
    private static final class Ort implements Engine {
        private final OrtSession session;
        private final FloatBuffer input = floats(CONTEXT + CHUNK);
        private final FloatBuffer probability = floats(1);
        private final FloatBuffer[] states = {floats(STATE), floats(STATE)};
        private final List<Map<String, OnnxTensor>> inputs = new ArrayList<>();
        private final List<Map<String, OnnxTensor>> outputs = new ArrayList<>();
        private int turn;

        Ort(Path onnx) throws IOException {
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            try (var options = new OrtSession.SessionOptions()) {
                options.setIntraOpNumThreads(1);
                options.setInterOpNumThreads(1);
                session = environment.createSession(Files.readAllBytes(onnx), options);
                OnnxTensor x = OnnxTensor.createTensor(environment, input, new long[] {1, CONTEXT + CHUNK});
                OnnxTensor y = OnnxTensor.createTensor(environment, probability, new long[] {1, 1});
                OnnxTensor rate = OnnxTensor.createTensor(environment, 16_000L);
                OnnxTensor[] sides = new OnnxTensor[2];
                for (int i = 0; i < 2; i++) {
                    sides[i] = OnnxTensor.createTensor(environment, states[i], new long[] {2, 1, 128});
                }
                for (int i = 0; i < 2; i++) {
                    inputs.add(Map.of("input", x, "state", sides[i], "sr", rate));
                    outputs.add(Map.of("output", y, "stateN", sides[1 - i]));
                }
            } catch (OrtException e) {
                throw new IllegalStateException(e);
            }
        }

        private static FloatBuffer floats(int count) {
            return ByteBuffer.allocateDirect(count * Float.BYTES)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
        }

        @Override
        public float run(float[] chunk) {
            for (int i = 0; i < CONTEXT; i++) {
                input.put(i, input.get(CHUNK + i));
            }
            input.put(CONTEXT, chunk);
            try (var _ = session.run(inputs.get(turn), Set.of(), outputs.get(turn), null)) {
                turn = 1 - turn;
                return probability.get(0);
            } catch (OrtException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public float[] outputs() {
            return new float[] {probability.get(0)};
        }

        @Override
        public void reset() {
            for (FloatBuffer state : states) {
                state.put(0, new float[STATE]);
            }
            input.put(0, new float[CONTEXT + CHUNK]);
            turn = 0;
        }

        @Override
        public void close() {
            inputs.getFirst().values().forEach(OnnxTensor::close);
            outputs.getFirst().values().forEach(OnnxTensor::close);
            try {
                session.close();
            } catch (OrtException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
