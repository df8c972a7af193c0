package dev.rondo.samples;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.Session;
import dev.rondo.graph.Function;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Prints where speech begins and ends, as it happens: {@code java ... dev.rondo.samples.DetectSpeech MODEL [WAV]}, or from
 * standard input without a file. The model is Silero's voice activity network ({@code docs/onnx.md} converts it; {@code samples/configs/silero-vad.json} its safetensors): a chunk of
 * 512 samples at 16 kHz in, the probability of speech out; what it remembers between chunks is state in the file. Sound
 * is a WAV file, 16 kHz, 16 bits, mono.
 */
public final class DetectSpeech {
    private static final int RATE = 16_000;
    private static final int CHUNK = 512;
    /** Speech begins at this probability, and ends below the lower one; between them it goes on as it was. */
    private static final float BEGIN = 0.5f;

    private static final float END = 0.35f;
    /** A pause shorter than this belongs to the speech, in samples. */
    private static final int SHORTEST_PAUSE = RATE / 10;

    private final Call call;
    private final Port samples;
    private final Port probability;
    private final short[] chunk;
    private final PrintStream out;
    private boolean speaking;
    private long quietSince = -1;

    private DetectSpeech(Model model, PrintStream out) {
        // From ONNX "run" takes a chunk; from safetensors "sequence" takes T samples.
        Function function = model.function(model.functions().containsKey("run") ? "run" : "sequence");
        Session session =
                model.session(function.dimensionNames().contains("T") ? Capacity.of("T", CHUNK) : Capacity.ONE);
        this.call = session.call(function.name());
        this.samples = call.input(function.inputs().getFirst().name());
        this.probability = call.output(function.outputs().getFirst().name());
        if (samples.size() != CHUNK || probability.size() != 1) {
            throw new IllegalArgumentException("model: takes " + CHUNK + " samples and gives a probability; got "
                    + function.inputs() + " -> " + function.outputs() + "; convert Silero's network for 16 kHz");
        }
        this.chunk = new short[CHUNK];
        this.out = out;
    }

    public static void main(String[] args) throws IOException {
        if (args.length < 1 || args.length > 2) {
            System.err.println("usage: DetectSpeech MODEL [WAV]");
            System.exit(2);
        }
        try (Model model = Model.open(Path.of(args[0]));
                InputStream in = args.length == 1 ? System.in : Files.newInputStream(Path.of(args[1]))) {
            new DetectSpeech(model, System.out).listen(in);
        }
    }

    private void listen(InputStream in) throws IOException {
        var sound = new BufferedInputStream(in);
        readHeader(sound);
        byte[] bytes = new byte[2 * chunk.length];
        long at = 0;
        for (int read; (read = sound.readNBytes(bytes, 0, bytes.length)) > 1; at += chunk.length) {
            int count = read / 2;
            ByteBuffer.wrap(bytes)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asShortBuffer()
                    .get(chunk, 0, count);
            for (int i = 0; i < chunk.length; i++) {
                samples.set(i, i < count ? chunk[i] / 32768f : 0);
            }
            call.run();
            hear(at, (float) probability.get(0));
        }
        if (speaking) {
            print("end", at);
        }
    }

    /** A probability of the chunk that begins at a sample. */
    private void hear(long at, float p) {
        if (p >= BEGIN) {
            quietSince = -1;
            if (!speaking) {
                speaking = true;
                print("begin", at);
            }
        } else if (speaking && p < END) {
            quietSince = quietSince < 0 ? at : quietSince;
            if (at + chunk.length - quietSince >= SHORTEST_PAUSE) {
                speaking = false;
                print("end", quietSince);
                quietSince = -1;
            }
        }
    }

    private void print(String what, long sample) {
        out.printf(Locale.ROOT, "%-5s %8.2f s%n", what, sample / (double) RATE);
        out.flush();
    }

    /** Goes to the first sample; anything but 16 kHz, 16 bits, mono is an error. */
    private static void readHeader(InputStream in) throws IOException {
        ByteBuffer riff = read(in, 12);
        if (!text(riff, 0).equals("RIFF") || !text(riff, 8).equals("WAVE")) {
            throw new IOException("sound: must be a WAV file; got bytes " + text(riff, 0) + "; convert it");
        }
        boolean known = false;
        while (true) {
            ByteBuffer part = read(in, 8);
            long size = Integer.toUnsignedLong(part.getInt(4));
            if (text(part, 0).equals("data")) {
                if (!known) {
                    throw new IOException("sound: a format comes before the data; got none; convert it");
                }
                return;
            }
            if (text(part, 0).equals("fmt ")) {
                ByteBuffer format = read(in, 16);
                int encoding = format.getShort(0);
                int channels = format.getShort(2);
                int rate = format.getInt(4);
                int bits = format.getShort(14);
                if (encoding != 1 || channels != 1 || rate != RATE || bits != 16) {
                    throw new IOException("sound: must be PCM, 16 kHz, 16 bits, mono; got encoding " + encoding + ", "
                            + rate + " Hz, " + bits + " bits, " + channels + " channels; convert it");
                }
                known = true;
                size -= 16;
            }
            in.skipNBytes(size + (size & 1)); // parts have even lengths
        }
    }

    private static ByteBuffer read(InputStream in, int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("sound: must have a WAV header; got " + bytes.length + " bytes; is it complete?");
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String text(ByteBuffer bytes, int at) {
        return new String(bytes.array(), at, 4, StandardCharsets.ISO_8859_1);
    }
}
