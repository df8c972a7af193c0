package dev.rondo.samples;

import dev.rondo.search.BeamOptions;
import dev.rondo.search.BeamSearch;
import dev.rondo.search.Hypothesis;
import dev.rondo.search.Sentence;
import dev.rondo.search.StepFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A beam search over a step function of one's own, which is no network: it spells words of a list, and the first of them are
 * the likeliest. {@code java ... dev.rondo.samples.SearchSteps} prints the three best.
 */
public final class SearchSteps implements StepFunction {
    private static final int END = 0;
    private static final int LETTERS = 27;

    private final List<String> words;
    private MemorySegment scores = MemorySegment.NULL;
    private int sentences;
    private int width;
    /** The state of each row: what it has spelled. */
    private String[] spelled = {};

    /** Words of the letters a to z. */
    SearchSteps(List<String> words) {
        this.words = List.copyOf(words);
    }

    public static void main(String[] args) {
        best(List.of("the", "then", "they", "to", "tea"), 3).forEach(System.out::println);
    }

    static List<String> best(List<String> words, int count) {
        var search =
                new BeamSearch(new SearchSteps(words), END, BeamOptions.of(5).withNBest(count));
        return search.run(Sentence.of(END)).stream().map(SearchSteps::word).toList();
    }

    private static String word(Hypothesis hypothesis) {
        var word = new StringBuilder();
        for (int token : hypothesis.words()) {
            word.append((char) ('a' + token - 1));
        }
        return word.toString();
    }

    @Override
    public int vocabularySize() {
        return LETTERS;
    }

    @Override
    public void begin(int count) {
        sentences = count;
        width = 1;
        // The begin token is read before anything is spelled.
        spelled = new String[count];
    }

    @Override
    public int sentences() {
        return sentences;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public void step(int[] tokens) {
        long bytes = (long) rows() * LETTERS * Float.BYTES;
        if (scores.byteSize() < bytes) {
            scores = Arena.ofAuto().allocate(bytes, 64);
        }
        for (int row = 0; row < rows(); row++) {
            String before = spelled[row];
            // A row that nobody needs gets any token, the end perhaps.
            spelled[row] = before == null ? "" : before + (tokens[row] == END ? '.' : (char) ('a' + tokens[row] - 1));
            score(row);
        }
    }

    /** The n-th word counts 1/n; a token counts what the words do that go on with it. */
    private void score(int row) {
        var sums = new double[LETTERS];
        double all = 0;
        for (int n = 0; n < words.size(); n++) {
            String word = words.get(n);
            int at = spelled[row].length();
            if (word.startsWith(spelled[row])) {
                sums[at == word.length() ? END : word.charAt(at) - 'a' + 1] += 1.0 / (n + 1);
                all += 1.0 / (n + 1);
            }
        }
        for (int token = 0; token < LETTERS; token++) {
            float score = all == 0 ? Float.NEGATIVE_INFINITY : (float) Math.log(sums[token] / all);
            scores.setAtIndex(ValueLayout.JAVA_FLOAT, (long) row * LETTERS + token, score);
        }
    }

    @Override
    public MemorySegment scores() {
        return scores;
    }

    @Override
    public boolean scored() {
        return true;
    }

    @Override
    public void regroup(int size, int[] parents) {
        var moved = new String[sentences * size];
        for (int row = 0; row < moved.length; row++) {
            moved[row] = spelled[parents[row]];
        }
        spelled = moved;
        width = size;
    }

    @Override
    public void keep(int[] kept, int count) {
        var moved = new String[count * width];
        for (int row = 0; row < moved.length; row++) {
            moved[row] = spelled[kept[row / width] * width + row % width];
        }
        spelled = moved;
        sentences = count;
    }
}
