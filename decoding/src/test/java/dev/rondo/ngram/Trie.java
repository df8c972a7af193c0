package dev.rondo.ngram;

import dev.rondo.format.NgramTable;
import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import java.util.List;
import java.util.Optional;

/** A small model made by hand: unknown, begin, end, a and b; three orders. */
final class Trie {
    static final int UNKNOWN = 0;
    static final int BEGIN = 1;
    static final int END = 2;
    static final int A = 3;
    static final int B = 4;

    static final TextPipeline TEXT = new TextPipeline(
            "text",
            Normalisation.NONE,
            Segmentation.WORDS,
            List.of("<unk>", "<s>", "</s>", "a", "b"),
            List.of(),
            new SpecialIds(UNKNOWN, BEGIN, END, -1));

    private Trie() {}

    static float ln(double x) {
        return (float) Math.log(x);
    }

    /** n-grams: begin a; a a, a b; b end; begin a b; a a b. */
    static NgramTable table(boolean halved) {
        return new NgramTableBuilder(halved)
                .add(
                        new int[] {0, 1, 2, 3, 4},
                        new float[] {ln(0.1), Float.NEGATIVE_INFINITY, ln(0.2), ln(0.3), ln(0.4)},
                        new float[] {0, ln(0.5), 0, ln(0.25), ln(0.75)},
                        new int[] {0, 0, 1, 1, 3, 4})
                .add(
                        new int[] {A, A, B, END},
                        new float[] {ln(0.6), ln(0.35), ln(0.45), ln(0.55)},
                        new float[] {ln(0.8), ln(1.5), ln(0.9), 0},
                        new int[] {0, 1, 2, 2, 2})
                .add(new int[] {B, B}, new float[] {ln(0.7), ln(0.65)}, new float[0], new int[0])
                .build();
    }

    static NgramModel model() {
        return NgramModel.of(table(false), Optional.of(TEXT));
    }
}
