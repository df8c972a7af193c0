package dev.rondo.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** Runs a {@link PeerProgram} in a process of its own, which waits while others have their turn. */
final class Subprocess implements Runner {
    private final String name;
    private final Process process;
    private final BufferedReader answers;
    private final PrintWriter questions;

    private Subprocess(PeerProgram program) throws IOException {
        this.name = program.name();
        this.process = new ProcessBuilder(program.command())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        this.answers = process.inputReader();
        this.questions = new PrintWriter(process.outputWriter(), true);
    }

    /**
     * Starts the program with a cell.
     *
     * @throws IllegalStateException when it does not know the cell
     */
    static Subprocess open(PeerProgram program, CellWeights weights, Inputs inputs) {
        Cell cell = weights.cell();
        try {
            Path file = Files.createTempFile("bench", ".f32");
            Subprocess peer = new Subprocess(program);
            try {
                write(file, weights, inputs);
                String answer = peer.ask(String.format(
                        Locale.ROOT,
                        "prepare %s %d %d %d %s",
                        cell.kind().name().toLowerCase(Locale.ROOT),
                        cell.inputSize(),
                        cell.hiddenSize(),
                        inputs.count(),
                        file));
                if (!answer.equals("ready")) {
                    peer.close();
                    throw new IllegalStateException(program.name() + ", " + cell + ": " + answer);
                }
                return peer;
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts the program with a question that it answers with "ready".
     *
     * @throws IllegalStateException when it answers something else
     */
    static Subprocess open(PeerProgram program, String question) {
        try {
            Subprocess peer = new Subprocess(program);
            String answer = peer.ask(question);
            if (!answer.equals("ready")) {
                peer.close();
                throw new IllegalStateException(program.name() + ": " + answer);
            }
            return peer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, CellWeights weights, Inputs inputs) throws IOException {
        inputs.restart();
        try (var out = Files.newOutputStream(file)) {
            out.write(bytes(weights.input()));
            out.write(bytes(weights.hidden()));
            out.write(bytes(weights.bias()));
            out.write(bytes(weights.hiddenBias()));
            for (int i = 0; i < inputs.count(); i++) {
                out.write(bytes(inputs.next()));
            }
        }
    }

    private static byte[] bytes(float[] values) {
        var buffer = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return buffer.array();
    }

    private String ask(String question) {
        questions.println(question);
        try {
            String answer = answers.readLine();
            if (answer == null) {
                throw new IllegalStateException(name + ": answers '" + question + "'; it has ended");
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public long run(int times) {
        return Long.parseLong(ask("run " + times));
    }

    @Override
    public float[] outputs(int times) {
        return numbers("outputs " + times);
    }

    /** What it answers to a question, numbers with blanks between. */
    float[] numbers(String question) {
        double[] values = Arrays.stream(ask(question).strip().split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
        var floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    @Override
    public boolean inThisJvm() {
        return false;
    }

    @Override
    public void close() {
        questions.close();
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
