package dev.rondo.text;

import dev.rondo.error.FormatException;
import dev.rondo.format.TextPipeline;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Cuts words into pieces (Sennrich et al. 2016, algorithm 1): code points, the last with {@link #END} appended, then as long
 * as there is a merge for two neighbours, the earliest merge of the list joins all its pairs, from the left. A piece that the
 * vocabulary lacks is taken apart as it was joined, until it has the parts or they are code points. In time n log n for n code
 * points. Immutable.
 */
final class BytePairs {
    /** Marks the piece that ends a word. */
    static final String END = "</w>";

    private static final int LACKING = -1;
    private static final int JOINED = -2;

    /** Tokens have their ids, but begin, end and padding, which are no text; what only merges have comes after them. */
    private final Map<String, Integer> symbols = new HashMap<>();

    private final int tokens;
    /** Pairs that merge, ascending: left symbol in the upper half, right one in the lower. */
    private final long[] pairs;
    /** The place in the list of merges of each. */
    private final int[] ranks;

    /** Of each merge: the pair and what it becomes. */
    private final long[] joins;

    private final int[] products;
    /** The first merge that makes a symbol, or -1. */
    private final int[] makers;

    /** @throws FormatException when a merge takes the mark of a word's end for a part of the word */
    BytePairs(TextPipeline pipeline) {
        List<String> vocabulary = pipeline.vocabulary();
        tokens = vocabulary.size();
        for (int id = 0; id < tokens; id++) {
            if (!Tokenizer.isMark(pipeline.special(), id)) {
                symbols.put(vocabulary.get(id), id);
            }
        }
        List<String> merges = pipeline.merges();
        joins = new long[merges.size()];
        products = new int[joins.length];
        for (int rank = 0; rank < joins.length; rank++) {
            String merge = merges.get(rank);
            int space = merge.indexOf(' ');
            String left = merge.substring(0, space);
            String right = merge.substring(space + 1);
            check(merge, left, right);
            joins[rank] = pair(symbol(left), symbol(right));
            products[rank] = symbol(left + right);
        }
        pairs = joins.clone();
        Arrays.sort(pairs);
        ranks = new int[joins.length];
        for (int rank = 0; rank < joins.length; rank++) {
            ranks[Arrays.binarySearch(pairs, joins[rank])] = rank;
        }
        makers = new int[tokens + symbols.size()];
        Arrays.fill(makers, LACKING);
        for (int rank = joins.length - 1; rank >= 0; rank--) {
            makers[products[rank]] = rank;
        }
    }

    /** Parts that have as many code points of a word as what they make: then nothing is taken apart into more than it was. */
    private static void check(String merge, String left, String right) {
        int ofLeft = codePoints(left);
        int ofRight = codePoints(right);
        if (ofLeft < 1 || ofRight < 1 || codePoints(left + right) != ofLeft + ofRight) {
            throw new FormatException(
                    "merge of byte pairs",
                    "joins two parts of a word; " + END + " marks the last one of a word and is no part by itself",
                    "'" + merge + "'",
                    "append the mark to the code point before it, as subword-nmt does since version 0.2");
        }
    }

    /** The code points of a word that a symbol stands for. */
    private static int codePoints(String symbol) {
        int count = symbol.codePointCount(0, symbol.length());
        return symbol.endsWith(END) ? count - END.length() : count;
    }

    private int symbol(String text) {
        int next = tokens + symbols.size();
        Integer known = symbols.putIfAbsent(text, next);
        return known != null ? known : next;
    }

    private static long pair(int left, int right) {
        return (long) left << 32 | right;
    }

    /** A word while it is cut: of each place its symbol, and the next and the last place that still count. */
    private final class Word {
        final int[] symbol;
        final int[] next;
        final int[] previous;
        /** Merges that may be possible: the rank in the upper half, the place in the lower. */
        final PriorityQueue<Long> waiting = new PriorityQueue<>();

        Word(String text) {
            int length = text.codePointCount(0, text.length());
            symbol = new int[length];
            next = new int[length];
            previous = new int[length];
            for (int at = 0, i = 0; i < length; i++) {
                int c = text.codePointAt(at);
                at += Character.charCount(c);
                String part = Character.toString(c);
                Integer known = symbols.get(i + 1 < length ? part : part + END);
                symbol[i] = known != null ? known : LACKING;
                next[i] = i + 1;
                previous[i] = i - 1;
            }
            for (int i = 0; i < length; i++) {
                offer(i);
            }
        }

        /** Lets a place wait with the next for their merge. */
        void offer(int at) {
            if (at < 0 || next[at] == symbol.length || symbol[at] < 0 || symbol[next[at]] < 0) {
                return;
            }
            int found = Arrays.binarySearch(pairs, pair(symbol[at], symbol[next[at]]));
            if (found >= 0) {
                waiting.add((long) ranks[found] << 32 | at);
            }
        }

        void join() {
            int[] joined = new int[symbol.length / 2];
            while (!waiting.isEmpty()) {
                int rank = (int) (waiting.peek() >>> 32);
                int count = 0;
                // All pairs of one merge come before any that they make possible, even an earlier merge.
                while (!waiting.isEmpty() && (int) (waiting.peek() >>> 32) == rank) {
                    int at = waiting.poll().intValue();
                    int right = next[at];
                    if (symbol[at] >= 0 && right < symbol.length && pair(symbol[at], symbol[right]) == joins[rank]) {
                        symbol[at] = products[rank];
                        symbol[right] = JOINED;
                        next[at] = next[right];
                        if (next[at] < symbol.length) {
                            previous[next[at]] = at;
                        }
                        joined[count++] = at;
                    }
                }
                for (int i = 0; i < count; i++) {
                    offer(previous[joined[i]]);
                    offer(joined[i]);
                }
            }
        }
    }

    /** The ids of a word's pieces; -1 for code points that the vocabulary lacks. */
    int[] cut(String text) {
        var word = new Word(text);
        word.join();
        int[] ids = new int[word.symbol.length];
        int count = 0;
        int[] apart = new int[ids.length];
        for (int at = 0; at < ids.length; at = word.next[at]) {
            int waiting = 0;
            apart[waiting++] = word.symbol[at];
            while (waiting > 0) {
                int symbol = apart[--waiting];
                if (symbol < tokens || makers[symbol] < 0) {
                    ids[count++] = symbol < tokens ? symbol : LACKING;
                } else {
                    long parts = joins[makers[symbol]];
                    apart[waiting++] = (int) parts;
                    apart[waiting++] = (int) (parts >>> 32);
                }
            }
        }
        return Arrays.copyOf(ids, count);
    }
}
