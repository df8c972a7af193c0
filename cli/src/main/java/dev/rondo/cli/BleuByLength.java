package dev.rondo.cli;

import dev.rondo.train.data.ParallelText;
import dev.rondo.train.metric.Bleu;
import dev.rondo.train.metric.Tokenisation;
import dev.rondo.translation.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * BLEU of sentences of like length, by the words of their sources.
 *
 * @param groups those that have sentences, the shortest first
 */
record BleuByLength(List<Group> groups) {
    private static final int WORDS = 5;
    private static final Bleu.Options PLAIN = Bleu.Options.DEFAULT.with(Tokenisation.NONE);

    /**
     * Sentences whose sources have so many words.
     *
     * @param from words at least
     * @param to   words at most
     */
    record Group(int from, int to, int sentences, double bleu) {
        double middle() {
            return (from + to) / 2.0;
        }
    }

    static BleuByLength of(ParallelText text, List<String> translations) {
        var groups = new TreeMap<Integer, List<Integer>>();
        for (int i = 0; i < text.size(); i++) {
            int words = Words.of(text.sources().get(i)).size();
            groups.computeIfAbsent(Math.max(0, words - 1) / WORDS, _ -> new ArrayList<>())
                    .add(i);
        }
        return new BleuByLength(groups.entrySet().stream()
                .map(group -> {
                    List<Integer> lines = group.getValue();
                    List<String> ours = lines.stream().map(translations::get).toList();
                    List<String> theirs =
                            lines.stream().map(text.targets()::get).toList();
                    return new Group(
                            1 + group.getKey() * WORDS,
                            (group.getKey() + 1) * WORDS,
                            lines.size(),
                            Bleu.corpus(ours, List.of(theirs), PLAIN).score());
                })
                .toList());
    }
}
