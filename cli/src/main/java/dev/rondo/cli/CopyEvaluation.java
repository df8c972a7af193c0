package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.memory.CopyProblem;
import dev.rondo.train.memory.TuringMachineTraining;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * How well a Neural Turing Machine copies sequences that training did not see.
 *
 * @param bits  of all sequences
 * @param wrong of them
 * @param looks of the first sequence: where each head was at each step [heads][steps][places]
 */
record CopyEvaluation(int length, int sequences, long bits, long wrong, float[][][] looks, double seconds) {
    private static final int MAX = 1 << 12;
    private static final int MAX_SEQUENCES = 1_000_000;

    static CopyEvaluation of(Model model, Model.Kernel kernel, int length, int sequences, long seed) {
        Range.check(length >= 1 && length <= MAX, "--length", "is 1 to " + MAX, length);
        Range.check(sequences >= 1 && sequences <= MAX_SEQUENCES, "--sequences", "is 1 to " + MAX_SEQUENCES, sequences);
        var problem = problem(model);
        Session session = model.session(Capacity.ONE, kernel);
        Call start = session.call("start");
        Call step = session.call("step");
        int heads = step.output("looks").shape()[1];
        int places = step.output("looks").shape()[2];
        var looks = new float[heads][CopyProblem.steps(length)][places];
        long wrong = 0;
        long begin = System.nanoTime();
        for (int sequence = 0; sequence < sequences; sequence++) {
            // Other numbers than training: those begin with the seed alone.
            float[] x = problem.sequence(length, SeededRandom.of(seed, sequence, length, -2));
            start.run();
            wrong += copy(problem, length, x, step, sequence == 0 ? looks : new float[0][][]);
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        return new CopyEvaluation(length, sequences, (long) sequences * length * problem.bits(), wrong, looks, seconds);
    }

    /** What the step's sizes say, once they are those of a machine that copies. */
    private static CopyProblem problem(Model model) {
        String task = model.metadata().get("task");
        if (!TuringMachineTraining.TASK.equals(task)) {
            throw new InputException(
                    "model",
                    "must have the task " + TuringMachineTraining.TASK,
                    task == null ? "no task" : "the task " + task,
                    "use a model of rondo train ntm");
        }
        var step = model.function("step");
        boolean fits = step.input("x")
                        .filter(x -> x.type().toString().matches("f32\\[B,[0-9]+\\]"))
                        .isPresent()
                && step.output("y")
                        .filter(y -> y.type().toString().matches("f32\\[B,[0-9]+\\]"))
                        .isPresent()
                && step.output("looks")
                        .filter(l -> l.type().toString().matches("f32\\[B,[0-9]+,[0-9]+\\]"))
                        .isPresent()
                && model.function("start").inputs().isEmpty();
        int bits = fits ? (int) step.output("y").orElseThrow().type().dim(1).fixed() : 0;
        if (!fits || !step.input("x").orElseThrow().type().dim(1).is(bits + 1L)) {
            throw new FormatException(
                    "functions start and step",
                    "have the form start(), step(x: f32[B,bits+1]) -> y: f32[B,bits], looks: f32[B,heads,places]",
                    step.inputs() + " -> " + step.outputs(),
                    "train the machine anew");
        }
        return new CopyProblem(bits);
    }

    /** Gives how many bits are wrong; notes where the heads are, if there is room. */
    private static int copy(CopyProblem problem, int length, float[] x, Call step, float[][][] looks) {
        int wrong = 0;
        float[] input = new float[problem.inputs()];
        for (int t = 0; t < CopyProblem.steps(length); t++) {
            for (int i = 0; i < input.length; i++) {
                input[i] = t <= length ? x[t * input.length + i] : 0;
            }
            step.input("x").copyFrom(input);
            step.run();
            for (int bit = 0; t > length && bit < problem.bits(); bit++) {
                boolean said = step.output("y").get(bit) > 0;
                wrong += said == x[(t - length - 1) * input.length + bit] > 0 ? 0 : 1;
            }
            if (looks.length > 0) {
                float[] now = step.output("looks").toFloats();
                int places = now.length / looks.length;
                for (int head = 0; head < looks.length; head++) {
                    System.arraycopy(now, head * places, looks[head][t], 0, places);
                }
            }
        }
        return wrong;
    }

    void print(boolean json, PrintWriter out) {
        if (json) {
            ObjectNode node = Json.object();
            node.put("length", length);
            node.put("sequences", sequences);
            node.put("bits", bits);
            node.put("wrong", wrong);
            node.put("bit_error", 100.0 * wrong / bits);
            node.put("seconds", seconds);
            Json.print(node, out);
            return;
        }
        out.printf(Locale.ROOT, "sequences  %d of %d vectors%n", sequences, length);
        out.printf(Locale.ROOT, "bits       %d, %d of them wrong%n", bits, wrong);
        out.printf(Locale.ROOT, "bit error  %.4f %%%n", 100.0 * wrong / bits);
    }
}
