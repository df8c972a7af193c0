package dev.rondo.bench;

import dev.rondo.Model;
import dev.rondo.ngram.NgramContext;
import dev.rondo.ngram.NgramModel;
import dev.rondo.ngram.Sentences;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How many tokens a second of one core's time a model of n-grams answers for: one probability, and a row of all of them. What
 * other programs take of the core does not count.
 */
final class NgramQueries {
    private static final double SECONDS = 3;
    private static final int ROUNDS = 5;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private NgramQueries() {}

    /** Prints both rates for a model file and a text. */
    public static void main(String[] args) throws IOException {
        try (Model model = Model.open(Path.of(args[0])).touch();
                Arena arena = Arena.ofConfined()) {
            NgramModel ngrams = NgramModel.of(model);
            List<int[]> sentences = new ArrayList<>();
            Sentences.forEach(ngrams.tokenizer().orElseThrow(), Files.readString(Path.of(args[1])), sentences::add);
            MemorySegment row = arena.allocate((long) ngrams.size() * Float.BYTES, 64);
            for (int round = 0; round < ROUNDS; round++) {
                System.out.printf(
                        Locale.ROOT,
                        "probabilities of a token %,.0f/s, of all %d tokens %,.0f/s%n",
                        rate(ngrams, sentences, null),
                        ngrams.size(),
                        rate(ngrams, sentences, row));
            }
        }
    }

    private static double rate(NgramModel model, List<int[]> sentences, MemorySegment row) {
        NgramContext context = model.context();
        long tokens = 0;
        double sum = 0;
        long start = THREADS.getCurrentThreadCpuTime();
        double seconds;
        do {
            for (int[] sentence : sentences) {
                model.begin(context);
                for (int token : sentence) {
                    if (row != null) {
                        model.logProbs(context, row, 0);
                    }
                    sum += model.advance(context, token);
                }
                tokens += sentence.length;
                if (row != null && (THREADS.getCurrentThreadCpuTime() - start) / 1e9 > SECONDS) {
                    break;
                }
            }
            seconds = (THREADS.getCurrentThreadCpuTime() - start) / 1e9;
        } while (seconds < SECONDS);
        if (Double.isNaN(sum)) {
            throw new AssertionError("a probability that is no number");
        }
        return tokens / seconds;
    }
}
