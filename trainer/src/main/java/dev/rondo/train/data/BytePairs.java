package dev.rondo.train.data;

import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Learns merges of byte pairs from texts (Sennrich et al. 2016, algorithm 1): the pair of neighbours that is most frequent
 * in all words becomes one symbol, again and again. Of pairs that are equally frequent the one whose left symbol, then whose
 * right symbol, is later in the order of code points comes first, as in the authors' program. Counts are kept up to date, so a merge
 * takes only the words it changes.
 */
public final class BytePairs {
    /** Appended to the last code point of each word. */
    static final String END = "</w>";

    /** A pair that occurs once teaches nothing. */
    private static final long LEAST = 2;

    /** Longer words are no words; a merge would take time in proportion to their length. */
    private static final int LONGEST_WORD = 1000;

    private final Map<String, Integer> ids = new HashMap<>();
    private final List<String> symbols = new ArrayList<>();
    private final List<int[]> words = new ArrayList<>();
    private final List<Long> frequencies = new ArrayList<>();
    private final Map<Long, Pair> pairs = new HashMap<>();
    private final PriorityQueue<Candidate> candidates = new PriorityQueue<>();

    /** Two neighbours: how often they occur now, and the words where they did. */
    private static final class Pair {
        private final int left;
        private final int right;
        private long count;
        /** What waits in the queue; a count that is smaller by now is put right when it comes out. */
        private long waiting;

        private boolean learned;
        private int[] places = new int[4];
        private int size;

        Pair(int left, int right) {
            this.left = left;
            this.right = right;
        }

        void at(int word) {
            if (size > 0 && places[size - 1] == word) {
                return;
            }
            if (size == places.length) {
                places = Arrays.copyOf(places, 2 * size);
            }
            places[size++] = word;
        }
    }

    private record Candidate(long count, String left, String right, Pair pair) implements Comparable<Candidate> {
        private static final Comparator<String> CODE_POINTS = (a, b) ->
                Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
        private static final Comparator<Candidate> ORDER = Comparator.comparingLong(Candidate::count)
                .thenComparing(Candidate::left, CODE_POINTS)
                .thenComparing(Candidate::right, CODE_POINTS)
                .reversed();

        @Override
        public int compareTo(Candidate other) {
            return ORDER.compare(this, other);
        }
    }

    private BytePairs(Map<String, Long> counts) {
        counts.forEach((word, frequency) -> {
            if (word.codePointCount(0, word.length()) <= LONGEST_WORD) {
                words.add(spell(word));
                frequencies.add(frequency);
            }
        });
        for (int word = 0; word < words.size(); word++) {
            count(word, 1);
            int[] spelled = words.get(word);
            for (int i = 0; i + 1 < spelled.length; i++) {
                pair(spelled[i], spelled[i + 1]).at(word);
            }
        }
        pairs.values().forEach(this::offer);
    }

    private int[] spell(String word) {
        return codePoints(word).stream().mapToInt(this::symbol).toArray();
    }

    /** What a word is before anything is merged. */
    static List<String> codePoints(String word) {
        var parts = new ArrayList<String>();
        word.codePoints().forEach(c -> parts.add(Character.toString(c)));
        parts.add(parts.removeLast() + END);
        return parts;
    }

    private int symbol(String text) {
        return ids.computeIfAbsent(text, t -> {
            symbols.add(t);
            return symbols.size() - 1;
        });
    }

    private Pair pair(int left, int right) {
        return pairs.computeIfAbsent((long) left << 32 | right, key -> new Pair(left, right));
    }

    /** Adds a word's pairs to the counts, or takes them off. */
    private void count(int word, int sign) {
        int[] spelled = words.get(word);
        long frequency = sign * frequencies.get(word);
        for (int i = 0; i + 1 < spelled.length; i++) {
            pair(spelled[i], spelled[i + 1]).count += frequency;
        }
    }

    private void offer(Pair pair) {
        pair.waiting = 0;
        // What would read as the end of a word, but is not, is never made.
        boolean ends = symbols.get(pair.right).endsWith(END);
        if (pair.count >= LEAST && (ends || !(symbols.get(pair.left) + symbols.get(pair.right)).endsWith(END))) {
            pair.waiting = pair.count;
            candidates.add(new Candidate(pair.count, symbols.get(pair.left), symbols.get(pair.right), pair));
        }
    }

    /** The most frequent pair, or null when none occurs twice. */
    private Pair best() {
        while (!candidates.isEmpty()) {
            Candidate candidate = candidates.poll();
            if (candidate.count == candidate.pair.waiting) {
                if (candidate.count == candidate.pair.count) {
                    return candidate.pair;
                }
                offer(candidate.pair);
            }
        }
        return null;
    }

    private void merge(Pair pair) {
        int product = symbol(symbols.get(pair.left) + symbols.get(pair.right));
        var grown = new ArrayList<Pair>();
        for (int place = 0; place < pair.size; place++) {
            int word = pair.places[place];
            int[] merged = merged(words.get(word), pair, product);
            if (merged.length == words.get(word).length) {
                continue;
            }
            count(word, -1);
            words.set(word, merged);
            count(word, 1);
            for (int i = 0; i + 1 < merged.length; i++) {
                if (merged[i] == product || merged[i + 1] == product) {
                    Pair made = pair(merged[i], merged[i + 1]);
                    made.at(word);
                    grown.add(made);
                }
            }
        }
        pair.places = new int[4];
        pair.size = 0;
        pair.waiting = 0;
        for (Pair made : grown) {
            if (made.count > made.waiting) {
                offer(made);
            }
        }
    }

    private static int[] merged(int[] word, Pair pair, int product) {
        int[] merged = new int[word.length];
        int length = 0;
        for (int i = 0; i < word.length; i++) {
            boolean found = word[i] == pair.left && i + 1 < word.length && word[i + 1] == pair.right;
            merged[length++] = found ? product : word[i];
            i += found ? 1 : 0;
        }
        return Arrays.copyOf(merged, length);
    }

    /**
     * The merges of texts, as a {@link dev.rondo.format.TextPipeline} has them: {@code left right}, the first learned first. Words are what
     * white space separates; a word of more than 1000 code points is left out.
     *
     * @param merges how many at most; fewer when no pair is left that occurs twice
     * @throws InputException when that is negative
     */
    public static List<String> learn(List<String> texts, int merges) {
        return learnFromWords(Vocabulary.countWords(texts), merges);
    }

    /**
     * The merges of words and how often each occurs.
     *
     * @throws InputException when the number of merges is negative
     */
    static List<String> learnFromWords(Map<String, Long> counts, int merges) {
        if (merges < 0) {
            throw new InputException("merges", "are 0 or more", "" + merges, "give how many pairs to join");
        }
        var state = new BytePairs(counts);
        var learned = new ArrayList<String>();
        while (learned.size() < merges) {
            Pair best = state.best();
            if (best == null) {
                break;
            }
            if (!best.learned) {
                learned.add(state.symbols.get(best.left) + " " + state.symbols.get(best.right));
                best.learned = true;
            }
            // A pair comes again when another merge makes one of its symbols in another way; its merge is listed once.
            state.merge(best);
        }
        return List.copyOf(learned);
    }
}
