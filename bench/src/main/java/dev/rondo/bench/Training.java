package dev.rondo.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs {@code bench/training.sh}, which trains one model here and in PyTorch, in turn. */
final class Training {
    private static final double TO_REACH = 1.1;
    private static final Pattern RESULT = Pattern.compile("median of ratios (\\S+) \\((\\S+) to (\\S+)\\)");

    private Training() {}

    /** @param data a text to train on; null leaves it out */
    static void print(PrintStream out, String data, int rounds, Verdicts verdicts) throws IOException {
        if (data == null) {
            out.println("Left out: no text to train on (-Ddata=FILE).");
            return;
        }
        var builder = new ProcessBuilder(List.of("bench/training.sh", data, String.valueOf(rounds)));
        builder.environment().put("PYTHON", PeerProgram.PYTHON);
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader lines = process.inputReader()) {
            out.println("```");
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                out.println(line);
                Matcher result = RESULT.matcher(line);
                if (result.find()) {
                    Spread reached = new Spread(number(result, 2), number(result, 1), number(result, 3));
                    verdicts.add(new Verdict(
                            "training step of the character model, 2 threads", "PyTorch", TO_REACH, reached, "–"));
                }
            }
            out.println("```");
        }
    }

    private static double number(Matcher result, int group) {
        return Double.parseDouble(result.group(group));
    }
}
