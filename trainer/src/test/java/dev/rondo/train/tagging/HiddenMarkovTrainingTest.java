package dev.rondo.train.tagging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.tagging.Tagger;
import dev.rondo.tagging.TaggerSession;
import dev.rondo.tagging.Tagging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hidden Markov taggers: what is counted, and that they tag. */
class HiddenMarkovTrainingTest {
    @TempDir
    Path folder;

    private static TaggedSentence sentence(String text) {
        var tokens = new ArrayList<String>();
        var tags = new ArrayList<String>();
        for (String pair : text.split(" ")) {
            tokens.add(pair.substring(0, pair.indexOf('_')));
            tags.add(pair.substring(pair.indexOf('_') + 1));
        }
        return new TaggedSentence(tokens, tags);
    }

    private static TaggedCorpus corpus(String... sentences) {
        return new TaggedCorpus(
                Arrays.stream(sentences).map(HiddenMarkovTrainingTest::sentence).toList());
    }

    private static final TaggedCorpus SMALL = corpus(
            "the_D can_N rusts_V",
            "we_P can_V the_D fish_N",
            "the_D fish_N swims_V",
            "we_P walked_V",
            "we_P talked_V",
            "the_D Bakers_N walked_V");

    /** The adding of counts is checked by hand: D is followed four times, always by N. */
    @Test
    void transitionsAreCountedWithAddedCounts() {
        HiddenMarkovTraining.Result result =
                HiddenMarkovTraining.estimate(new HiddenMarkovSettings(Optional.of(1.0), 0, 10, 0, false), SMALL);
        assertEquals(List.of("D", "N", "P", "V"), result.tags());
        // D N: four of four, and one for each of four tags and the end.
        assertEquals(Math.log(5.0 / 9), result.transitions()[1], 1e-6);
        assertEquals(Math.log(1.0 / 9), result.transitions()[0], 1e-6);
        // Three of six sentences begin with D.
        assertEquals(Math.log(4.0 / 11), result.start()[0], 1e-6);
        // Of six V five are the last word.
        assertEquals(Math.log(6.0 / 11), result.end()[3], 1e-6);
        for (int i = 0; i < 4; i++) {
            double sum = Math.exp(result.end()[i]);
            for (int j = 0; j < 4; j++) {
                sum += Math.exp(result.transitions()[4 * i + j]);
            }
            assertEquals(1, sum, 1e-5, "what follows a tag");
        }
    }

    /** Without a prior the row of a word is ln c(w,t)/c(w) − ln P(t). */
    @Test
    void emissionsAreThoseOfCounts() {
        HiddenMarkovTraining.Result result =
                HiddenMarkovTraining.estimate(new HiddenMarkovSettings(Optional.empty(), 2, 10, 0, false), SMALL);
        int can = result.vocabulary().indexOf("can");
        double n = 4.0 / 17;
        double v = 6.0 / 17;
        assertEquals(Math.log(0.5 / n), result.emissions()[4 * can + 1], 1e-5);
        assertEquals(Math.log(0.5 / v), result.emissions()[4 * can + 3], 1e-5);
        assertTrue(result.emissions()[4 * can] < -15, "an article is none");
        assertTrue(result.vocabulary().contains("##ed"));
        assertEquals(result.words(), result.vocabulary().indexOf("##"), "endings come after words");
    }

    /** Each pair votes for what would have predicted it best without itself (Brants 2000). */
    @Test
    void interpolationIsDeleted() {
        var bigrams = new TagBigrams(2);
        bigrams.add(new int[] {0, 1});
        bigrams.add(new int[] {0, 1});
        bigrams.add(new int[] {1, 0});
        // Pairs: #0 2, 01 2, 1# 2, #1 1, 10 1, 0# 1; each of 0, 1 and # three times.
        // Without itself a pair that occurs twice is 1/2, one that occurs once 0; a single tag is 2/8.
        assertEquals(6.0 / 9, bigrams.bigramWeight(), 1e-12);
        double[][] p = bigrams.probabilities(Optional.empty());
        assertEquals(6.0 / 9 * 2 / 3 + 3.0 / 9 * 3 / 9, p[0][1], 1e-12);
        for (double[] row : p) {
            assertEquals(1, Arrays.stream(row).sum(), 1e-12);
        }
    }

    @Test
    void suffixesAreMixedFromShortToLong() {
        var counts = new SuffixCounts(2, 2).withTheta(0.5);
        counts.add("xa", 0, 3);
        counts.add("ya", 1, 1);
        double[] none = {0.75, 0.25};
        assertArrayEquals(none, counts.of("zz"), 1e-12);
        double[] a = {(0.75 + 0.5 * 0.75) / 1.5, (0.25 + 0.5 * 0.25) / 1.5};
        assertArrayEquals(a, counts.of("zza"), 1e-12);
        assertArrayEquals(new double[] {(0 + 0.5 * a[0]) / 1.5, (1 + 0.5 * a[1]) / 1.5}, counts.of("zya"), 1e-12);
        assertEquals(List.of("", "a", "xa"), List.copyOf(counts.distributions(2).keySet()));
    }

    @Test
    void ambiguousWordsAreToldByTheirNeighboursAndUnknownOnesByTheirEnds() throws IOException {
        Path file = folder.resolve("hmm.rondo");
        HiddenMarkovTraining.write(file, HiddenMarkovTraining.estimate(HiddenMarkovSettings.DEFAULT, SMALL));
        try (Model model = Model.open(file)) {
            Tagger tagger = Tagger.of(model);
            assertEquals(List.of("D", "N", "P", "V"), tagger.labels());
            assertEquals("the_D can_N swims_V", tagger.tag("the can swims").toString());
            assertEquals("we_P can_V the_D can_N", tagger.tag("we can the can").toString());
            assertEquals(List.of("P", "V"), tagger.tag("we stalked").tags());
            Tagging sure = tagger.session(1, true).tag("the can");
            for (float[] p : sure.probabilities()) {
                assertEquals(1, p[0] + p[1] + p[2] + p[3], 1e-5);
            }
        }
    }

    @Test
    void theSameTextGivesTheSameBytesAndWordsLikeMarksDoNotClash() throws IOException {
        TaggedCorpus odd = corpus("<unk>_A ##_B ##ed_A ##^X_B a^X_A b^X_B X_A Xed_B walked_A", "talked_B X_A ##^_B");
        for (String name : List.of("a.rondo", "b.rondo")) {
            HiddenMarkovTraining.write(
                    folder.resolve(name), HiddenMarkovTraining.estimate(HiddenMarkovSettings.DEFAULT, odd));
        }
        assertArrayEquals(Files.readAllBytes(folder.resolve("a.rondo")), Files.readAllBytes(folder.resolve("b.rondo")));
        try (Model model = Model.open(folder.resolve("a.rondo"))) {
            assertEquals(4, Tagger.of(model).tag("<unk> ##ed zzz ##^X").tags().size());
        }
    }

    @Test
    void oneTagAndOneWordAreEnough() throws IOException {
        Path file = folder.resolve("one.rondo");
        HiddenMarkovTraining.write(file, HiddenMarkovTraining.estimate(HiddenMarkovSettings.DEFAULT, corpus("a_X")));
        try (Model model = Model.open(file)) {
            assertEquals(List.of("X", "X"), Tagger.of(model).tag("a b").tags());
        }
    }

    /** Words taken for tags would make a table of millions of columns. */
    @Test
    void aColumnThatHoldsNoTagsIsRefused() {
        var sentences = new ArrayList<TaggedSentence>();
        for (int i = 0; i < 1001; i++) {
            sentences.add(new TaggedSentence(List.of("w"), List.of("tag" + i)));
        }
        InputException many = assertThrows(
                InputException.class,
                () -> HiddenMarkovTraining.estimate(HiddenMarkovSettings.DEFAULT, new TaggedCorpus(sentences)));
        assertTrue(many.getMessage().contains("1001 tags"), many.getMessage());
    }

    @Test
    void settingsHaveBounds() {
        assertThrows(InputException.class, () -> new HiddenMarkovSettings(Optional.of(0.0), 3, 3, 1, true));
        assertThrows(InputException.class, () -> new HiddenMarkovSettings(Optional.empty(), 21, 3, 1, true));
        assertThrows(InputException.class, () -> new HiddenMarkovSettings(Optional.empty(), 3, 0, 1, true));
        assertThrows(InputException.class, () -> new HiddenMarkovSettings(Optional.empty(), 3, 3, Double.NaN, true));
    }

    /** The baseline of taggers on Italian. */
    @Test
    void italianPartsOfSpeech() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("docs/decisions"))) {
            root = root.getParent();
        }
        Path inside = root.resolve("shared");
        Path data =
                (Files.isDirectory(inside) ? inside : root.resolveSibling("shared")).resolve("data/ud-italian-partut");
        assumeTrue(Files.isDirectory(data), "no shared data");
        TaggedFormat upos = TaggedFormat.Conllu.UPOS;
        TaggedCorpus training = TaggedCorpus.read("train", Files.readString(data.resolve("train.conllu")), upos);
        assertEquals(1781, training.sentences().size());
        TaggedCorpus test = TaggedCorpus.read("test", Files.readString(data.resolve("test.conllu")), upos);
        Path file = folder.resolve("italian.rondo");
        HiddenMarkovTraining.write(file, HiddenMarkovTraining.estimate(HiddenMarkovSettings.DEFAULT, training));
        long right = 0;
        try (Model model = Model.open(file)) {
            TaggerSession session = Tagger.of(model).session();
            for (TaggedSentence sentence : test.sentences()) {
                List<String> found = session.tag(sentence.tokens()).tags();
                for (int i = 0; i < found.size(); i++) {
                    right += found.get(i).equals(sentence.tags().get(i)) ? 1 : 0;
                }
            }
        }
        double accuracy = (double) right / test.tokens();
        assertTrue(accuracy > 0.95, "accuracy " + accuracy);
    }
}
