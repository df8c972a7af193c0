package dev.rondo.train.seq2seq;

import dev.rondo.search.BeamOptions;
import dev.rondo.train.Clipping;
import dev.rondo.train.LearningRate;
import dev.rondo.train.Optimizer;
import dev.rondo.train.Penalty;
import dev.rondo.train.Schedule;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.data.ParallelText;
import dev.rondo.translation.Translation;
import dev.rondo.translation.TranslationOptions;
import dev.rondo.translation.Translator;
import java.util.ArrayList;
import java.util.List;

/** Words in a row, and the same words backward: what a small translator learns in seconds. */
record ReversedWords(int words, int most) {
    /** Pairs of one word to the most, of so many words that there are. */
    ParallelText pairs(int pairs, long seed) {
        var random = new SeededRandom(seed);
        var sources = new ArrayList<String>();
        var targets = new ArrayList<String>();
        for (int i = 0; i < pairs; i++) {
            var sentence = new ArrayList<String>();
            int length = 1 + random.nextInt(most);
            for (int k = 0; k < length; k++) {
                sentence.add(Character.toString('a' + random.nextInt(words)));
            }
            sources.add(String.join(" ", sentence));
            targets.add(String.join(" ", sentence.reversed()));
        }
        return new ParallelText(sources, targets);
    }

    PairTexts texts(int pairs) {
        return new PairTexts(pairs(pairs, 1), held());
    }

    /** Not trained with. */
    ParallelText held() {
        return pairs(60, 2);
    }

    /** How many of those that were not trained with are turned round. */
    int right(Translator translator, int beam) {
        ParallelText held = held();
        List<Translation> found = translator.translate(held.sources(), TranslationOptions.of(BeamOptions.of(beam)));
        int right = 0;
        for (int i = 0; i < held.size(); i++) {
            right += found.get(i).text().equals(held.targets().get(i)) ? 1 : 0;
        }
        return right;
    }

    static TrainingSettings training(int epochs, int average, int threads, long seed) {
        return new TrainingSettings(
                Optimizer.adam(),
                new LearningRate(0.01, 20, new Schedule.Cosine(0.05)),
                Penalty.NONE,
                new Clipping.GlobalNorm(1),
                epochs,
                0,
                0,
                0,
                average,
                List.of(),
                2,
                threads,
                seed);
    }
}
