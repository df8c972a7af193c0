package dev.rondo.train.metric;

import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How well spans were found: names or phrases that tags mark, {@code B-} at the beginning, {@code I-} inside, {@code O} outside, perhaps
 * {@code E-} at the end and {@code S-} for a span of one token. A span counts when its type and both its ends are right. Tags that do not
 * fit each other are read as {@code conlleval} of CoNLL-2000 reads them: an {@code I-} after {@code O} or after another type begins a span.
 */
public final class SpanMetrics {
    private static final String OUTSIDE = "O";

    /** Of each type: right ones, found ones, ones that are there. */
    private final Map<String, long[]> counts;

    private SpanMetrics(Map<String, long[]> counts) {
        this.counts = counts;
    }

    /**
     * A span of a sentence.
     *
     * @param type  what stands after the hyphen; empty where nothing does
     * @param begin of its tokens, from 0
     * @param end   after its last token
     */
    public record Span(String type, int begin, int end) {}

    /**
     * Compares sentences.
     *
     * @param right   the right tags of each sentence
     * @param guessed the guessed ones
     * @throws InputException when numbers of sentences or of tags differ
     */
    public static SpanMetrics of(List<List<String>> right, List<List<String>> guessed) {
        if (right.size() != guessed.size()) {
            throw wrong(guessed.size() + " sentences for " + right.size());
        }
        Map<String, long[]> counts = new TreeMap<>();
        for (int i = 0; i < right.size(); i++) {
            if (right.get(i).size() != guessed.get(i).size()) {
                throw wrong(guessed.get(i).size() + " tags for " + right.get(i).size() + " in sentence " + (i + 1));
            }
            List<Span> there = spans(right.get(i));
            List<Span> found = spans(guessed.get(i));
            Set<Span> known = new HashSet<>(there);
            for (Span span : there) {
                of(counts, span)[2]++;
            }
            for (Span span : found) {
                of(counts, span)[1]++;
                of(counts, span)[0] += known.contains(span) ? 1 : 0;
            }
        }
        return new SpanMetrics(counts);
    }

    private static long[] of(Map<String, long[]> counts, Span span) {
        return counts.computeIfAbsent(span.type(), _ -> new long[3]);
    }

    private static InputException wrong(String got) {
        return new InputException("guessed tags", "are as many as the right ones", got, "tag the same sentences");
    }

    /** Whether tags mark spans: each is {@code O}, or begins with one of the letters B, I, E, S and a hyphen. */
    public static boolean marksSpans(List<String> tags) {
        return tags.stream().anyMatch(t -> t.startsWith("B-") || t.startsWith("I-"))
                && tags.stream()
                        .allMatch(
                                t -> t.equals(OUTSIDE) || t.length() > 2 && isMark(t.charAt(0)) && t.charAt(1) == '-');
    }

    private static boolean isMark(char c) {
        return "BIES".indexOf(c) >= 0;
    }

    /** The spans that the tags of a sentence mark, in their order. */
    public static List<Span> spans(List<String> tags) {
        var spans = new ArrayList<Span>();
        char markBefore = 'O';
        String typeBefore = "";
        int begin = -1;
        for (int i = 0; i <= tags.size(); i++) {
            String tag = i < tags.size() ? tags.get(i) : OUTSIDE;
            char mark = tag.isEmpty() ? 'O' : tag.charAt(0);
            int hyphen = tag.indexOf('-');
            String type = hyphen < 0 ? "" : tag.substring(hyphen + 1);
            if (begin >= 0 && ends(markBefore, typeBefore, mark, type)) {
                spans.add(new Span(typeBefore, begin, i));
                begin = -1;
            }
            if (begins(markBefore, typeBefore, mark, type)) {
                begin = i;
            }
            markBefore = mark;
            typeBefore = type;
        }
        return spans;
    }

    private static boolean ends(char markBefore, String typeBefore, char mark, String type) {
        boolean inside = mark == 'I' || mark == 'E';
        return markBefore == 'E' || markBefore == 'S' || !inside || markBefore != 'O' && !typeBefore.equals(type);
    }

    private static boolean begins(char markBefore, String typeBefore, char mark, String type) {
        boolean inside = mark == 'I' || mark == 'E';
        boolean after = markBefore == 'E' || markBefore == 'S' || markBefore == 'O';
        return mark == 'B' || mark == 'S' || inside && (after || !typeBefore.equals(type));
    }

    /** The types that are there or were found, in the order of their text. */
    public List<String> types() {
        return List.copyOf(counts.keySet());
    }

    /** Of one type; 0 of one that is not there. */
    public Average of(String type) {
        long[] c = counts.getOrDefault(type, new long[3]);
        return Average.of(c[0], c[1], c[2]);
    }

    /** Of all spans together: what is meant by F1 of names. */
    public Average micro() {
        long[] sum = new long[3];
        counts.values().forEach(c -> {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += c[i];
            }
        });
        return Average.of(sum[0], sum[1], sum[2]);
    }

    /** The mean over types, each counts alike. */
    public Average macro() {
        return Average.mean(types().stream().map(this::of).toList(), _ -> 1);
    }

    /** The mean over types, each counts as often as it is there. */
    public Average weighted() {
        return Average.mean(types().stream().map(this::of).toList(), Average::support);
    }
}
