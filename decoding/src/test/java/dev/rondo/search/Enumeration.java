package dev.rondo.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * All sequences that options allow, with their scores, from the definitions: what a search is compared with. It shares no code with the
 * searches; constraints are looked at on whole sequences.
 */
final class Enumeration {
    private final TreeModel model;
    private final int sentence;
    private final int end;
    private final BeamOptions options;
    private final Sentence given;
    private final List<Found> all = new ArrayList<>();

    record Found(List<Integer> tokens, boolean ended, double logProb, double score) {}

    private Enumeration(TreeModel model, int sentence, int end, BeamOptions options, Sentence given) {
        this.model = model;
        this.sentence = sentence;
        this.end = end;
        this.options = options;
        this.given = given;
    }

    /** All sequences, the best first. */
    static List<Found> of(TreeModel model, int sentence, int end, BeamOptions options, Sentence given) {
        var enumeration = new Enumeration(model, sentence, end, options, given);
        enumeration.extend(new int[0], 0, new double[model.positions]);
        enumeration.all.sort(Comparator.comparingDouble(f -> -f.score));
        return enumeration.all;
    }

    private int greatest() {
        Constraints c = options.constraints();
        double factor = given.sourceLength() == 0
                ? Double.POSITIVE_INFINITY
                : Math.ceil(c.maxFactor() * given.sourceLength()) + c.maxExtra();
        return (int) Math.min(c.maxLength(), Math.max(factor, Math.max(least(), given.prefix().length + 1)));
    }

    private int least() {
        Constraints c = options.constraints();
        return (int) Math.min(c.maxLength(), Math.max(c.minLength(), Math.ceil(c.minFactor() * given.sourceLength())));
    }

    private void extend(int[] tokens, double logProb, double[] covered) {
        int length = tokens.length;
        boolean ended = length > 0 && tokens[length - 1] == end;
        if (ended || length == greatest()) {
            var list = new ArrayList<Integer>();
            for (int token : tokens) {
                list.add(token);
            }
            all.add(new Found(list, ended, logProb, score(logProb, length, covered)));
            return;
        }
        float[] scores = biased(tokens, model.logProbs(sentence, tokens));
        float[] attention = model.attention(sentence, tokens);
        var next = new int[length + 1];
        System.arraycopy(tokens, 0, next, 0, length);
        var sums = covered.clone();
        for (int i = 0; i < sums.length; i++) {
            sums[i] = (float) sums[i] + attention[i];
        }
        for (int token = 0; token < model.size; token++) {
            next[length] = token;
            if (allowed(next)) {
                extend(next.clone(), logProb + scores[token], sums);
            }
        }
    }

    private float[] biased(int[] tokens, float[] scores) {
        int[] prefix = given.prefix();
        if (given.bias() == 0 || tokens.length >= prefix.length) {
            return scores;
        }
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] != prefix[i]) {
                return scores;
            }
        }
        var result = new float[scores.length];
        for (int i = 0; i < scores.length; i++) {
            double p = (1 - given.bias()) * Math.exp(scores[i]) + (i == prefix[tokens.length] ? given.bias() : 0);
            result[i] = (float) Math.log(p);
        }
        return result;
    }

    private double score(double logProb, int length, double[] covered) {
        double coverage = 0;
        for (int i = 0; i < Math.min(given.sourceLength(), covered.length); i++) {
            coverage += Math.log(Math.min(1, covered[i]));
        }
        double divisor = switch (options.lengthPenalty()) {
            case LengthPenalty.Power(double alpha) -> Math.pow(length, alpha);
            case LengthPenalty.Gnmt(double alpha) -> Math.pow((5 + length) / 6.0, alpha);
        };
        return logProb / divisor + options.coveragePenalty() * coverage;
    }

    /** Whether a sequence whose proper prefixes are allowed is. */
    private boolean allowed(int[] tokens) {
        int[] prefix = given.prefix();
        int last = tokens.length - 1;
        Constraints c = options.constraints();
        if (given.bias() == 0 && last < prefix.length) {
            return tokens[last] == prefix[last];
        }
        if (tokens[last] == end && tokens.length < least() || c.suppressed().contains(tokens[last])) {
            return false;
        }
        String text = text(tokens, 0, tokens.length);
        for (List<Integer> sequence : c.suppressedSequences()) {
            if (text.endsWith(text(sequence.stream().mapToInt(i -> i).toArray(), 0, sequence.size()))) {
                return false;
            }
        }
        int n = c.noRepeatNgram();
        if (n > 0 && tokens.length >= n) {
            String ngram = text(tokens, tokens.length - n, tokens.length);
            return text.indexOf(ngram) == text.length() - ngram.length();
        }
        return true;
    }

    private static String text(int[] tokens, int from, int to) {
        var text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append((char) ('a' + tokens[i]));
        }
        return text.toString();
    }
}
