package dev.rondo.train.metric;

import dev.rondo.error.InputException;
import dev.rondo.translation.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * chrF (Popović 2015): precision and recall of character n-grams, each the mean over the orders, and of both
 * {@code F = (1 + β²) · P · R / (β² · P + R)}; chrF++ (Popović 2017) with word n-grams among them. Of several references the one with the
 * best F of its sentence counts. The figures are those of sacrebleu 2.6.
 */
public final class Chrf {
    private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    private Chrf() {}

    /**
     * How chrF counts.
     *
     * @param characterOrder the longest n-grams of characters
     * @param wordOrder      the longest n-grams of words
     * @param beta           how many times as important recall is as precision
     * @param lowercase      whether case is ignored
     * @param whitespace     whether white space is among the characters
     */
    public record Options(int characterOrder, int wordOrder, double beta, boolean lowercase, boolean whitespace) {
        /** chrF2, what sacrebleu does when it is asked for nothing else. */
        public static final Options CHRF = new Options(6, 0, 2, false, false);

        /** chrF2++, with n-grams of one and two words. */
        public static final Options CHRF_PLUS_PLUS = new Options(6, 2, 2, false, false);

        /** @throws InputException when no order is left, or beta is no positive number */
        public Options {
            if (characterOrder < 0
                    || wordOrder < 0
                    || characterOrder + wordOrder < 1
                    || characterOrder + wordOrder > 100) {
                throw new InputException(
                        "orders of chrF",
                        "are 0 or more, and together 1 to 100",
                        characterOrder + " of characters and " + wordOrder + " of words",
                        "change them");
            }
            if (!(beta > 0 && beta < 1e6)) {
                throw new InputException("beta of chrF", "is a positive number", "" + beta, "change it");
            }
        }

        /** chrF, the number beta, and a plus for each order of words. */
        public String name() {
            String number = beta == Math.rint(beta) ? Long.toString((long) beta) : Double.toString(beta);
            return "chrF" + number + "+".repeat(wordOrder);
        }

        /** What must be the same for two figures to be compared, in sacrebleu's words: {@code nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no}. */
        public String signature(int references) {
            return String.format(
                    Locale.ROOT,
                    "nrefs:%d|case:%s|eff:yes|nc:%d|nw:%d|space:%s",
                    references,
                    lowercase ? "lc" : "mixed",
                    characterOrder,
                    wordOrder,
                    whitespace ? "yes" : "no");
        }
    }

    /**
     * The score of a text, 0 to 100.
     *
     * @param hypotheses lines of a translation
     * @param references one or several texts, each with a line for each line of the translation
     * @throws InputException when there are no lines, or numbers of lines differ
     */
    public static double corpus(List<String> hypotheses, List<List<String>> references, Options options) {
        Ngrams.check(hypotheses, references);
        var sum = new Counts(options);
        for (int line = 0; line < hypotheses.size(); line++) {
            List<Map<List<String>, Integer>> ngrams = ngrams(hypotheses.get(line), options);
            Counts best = null;
            for (List<String> reference : references) {
                var counts = new Counts(options);
                counts.add(ngrams, ngrams(reference.get(line), options));
                best = best == null || counts.score() > best.score() ? counts : best;
            }
            sum.add(best);
        }
        return sum.score();
    }

    /** The score of a text by sacrebleu's defaults, with one reference. */
    public static double corpus(List<String> hypotheses, List<String> reference) {
        return corpus(hypotheses, List.of(reference), Options.CHRF);
    }

    /**
     * The score of one sentence, 0 to 100.
     *
     * @throws InputException when there is no reference
     */
    public static double sentence(String hypothesis, List<String> references, Options options) {
        return corpus(List.of(hypothesis), references.stream().map(List::of).toList(), options);
    }

    /** The n-grams of each order, of characters and then of words. */
    private static List<Map<List<String>, Integer>> ngrams(String line, Options options) {
        String text = options.lowercase ? line.toLowerCase(Locale.ROOT) : line;
        List<String> words = Words.of(text);
        List<String> characters = (options.whitespace ? text : String.join("", words))
                .codePoints()
                .mapToObj(Character::toString)
                .toList();
        List<String> separated = separated(words);
        var ngrams = new ArrayList<Map<List<String>, Integer>>();
        for (int order = 1; order <= options.characterOrder; order++) {
            ngrams.add(Ngrams.count(characters, order));
        }
        for (int order = 1; order <= options.wordOrder; order++) {
            ngrams.add(Ngrams.count(separated, order));
        }
        return ngrams;
    }

    /** Words without one punctuation mark at their end or, where there is none, at their beginning, which becomes a word. */
    private static List<String> separated(List<String> words) {
        var separated = new ArrayList<String>();
        for (String word : words) {
            int last = word.length() - 1;
            if (word.codePointCount(0, word.length()) == 1) {
                separated.add(word);
            } else if (PUNCTUATION.indexOf(word.charAt(last)) >= 0) {
                separated.add(word.substring(0, last));
                separated.add(word.substring(last));
            } else if (PUNCTUATION.indexOf(word.charAt(0)) >= 0) {
                separated.add(word.substring(0, 1));
                separated.add(word.substring(1));
            } else {
                separated.add(word);
            }
        }
        return separated;
    }

    /** Of each order how many n-grams translations and references have, and how many both. */
    private static final class Counts {
        private final double beta;
        private final long[] hypothesis;
        private final long[] reference;
        private final long[] common;

        Counts(Options options) {
            int orders = options.characterOrder + options.wordOrder;
            this.beta = options.beta;
            this.hypothesis = new long[orders];
            this.reference = new long[orders];
            this.common = new long[orders];
        }

        void add(List<Map<List<String>, Integer>> translated, List<Map<List<String>, Integer>> given) {
            for (int i = 0; i < common.length; i++) {
                // What a reference is too short for does not count against a translation.
                hypothesis[i] += given.get(i).isEmpty() ? 0 : sum(translated.get(i));
                reference[i] += sum(given.get(i));
                common[i] += Ngrams.common(translated.get(i), given.get(i));
            }
        }

        private static long sum(Map<List<String>, Integer> counts) {
            return counts.values().stream().mapToLong(Integer::longValue).sum();
        }

        void add(Counts other) {
            for (int i = 0; i < common.length; i++) {
                hypothesis[i] += other.hypothesis[i];
                reference[i] += other.reference[i];
                common[i] += other.common[i];
            }
        }

        double score() {
            double precision = 0;
            double recall = 0;
            int orders = 0;
            for (int i = 0; i < common.length; i++) {
                if (hypothesis[i] > 0 && reference[i] > 0) {
                    precision += (double) common[i] / hypothesis[i];
                    recall += (double) common[i] / reference[i];
                    orders++;
                }
            }
            if (precision + recall == 0) {
                return 0;
            }
            precision /= orders;
            recall /= orders;
            double factor = beta * beta;
            return 100 * (1 + factor) * precision * recall / (factor * precision + recall);
        }
    }
}
