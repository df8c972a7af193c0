package dev.rondo.tagging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.RondoException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.Segmentation;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a tagger adds to a model: sentences in, tags out. */
class TaggerTest {
    private static final String[] ALL = {"words", "characters", "labels"};

    private static Model words(String... more) {
        return TinyTagger.load(TinyTagger.writer("tagger", "words", "labels"), more);
    }

    private static List<List<String>> sentences(int count) {
        var random = new Random(4);
        List<String> words = List.of("a", "be", "cad", "dead", "bead", "Eve", "zzz", "ecad");
        return IntStream.range(0, count)
                .mapToObj(i -> IntStream.range(0, i % 7)
                        .mapToObj(_ -> words.get(random.nextInt(words.size())))
                        .toList())
                .toList();
    }

    /** What a bare session computes for one sentence of known ids. */
    private static float[] logits(Model model, int... ids) {
        Call call = model.session(Capacity.of("T", ids.length)).call("sequence");
        call.input("tokens").copyFrom(ids);
        call.input("lengths").set(0, (long) ids.length);
        call.run();
        return call.output("logits").toFloats();
    }

    @Test
    void eachTokenGetsTheTagWithTheHighestLogit() {
        try (Model model = words(TinyTagger.WORDS)) {
            Tagger tagger = Tagger.of(model);
            assertEquals(List.of("X", "Y", "Z"), tagger.labels());
            float[] logits = logits(model, 1, 3, 2, 4);
            Tagging tagging = tagger.session(1, true).tag(" a cad\tbe\ndead ");
            assertEquals(List.of("a", "cad", "be", "dead"), tagging.tokens());
            for (int t = 0; t < 4; t++) {
                double sum = 0;
                int best = 0;
                for (int k = 0; k < 3; k++) {
                    sum += Math.exp(logits[3 * t + k]);
                    best = logits[3 * t + k] > logits[3 * t + best] ? k : best;
                }
                assertEquals(best, tagging.ids()[t]);
                assertEquals(tagger.labels().get(best), tagging.tags().get(t));
                assertEquals(Math.exp(logits[3 * t + best]) / sum, tagging.probability(t), 1e-6);
            }
            assertTrue(tagging.toString().startsWith("a_" + tagging.tags().getFirst() + " cad_"));
        }
    }

    @Test
    void aChainIsDecodedAsAWhole() {
        try (Model model = words(TinyTagger.WORDS, TinyTagger.CHAIN, TinyTagger.MARGINALS)) {
            Tagger tagger = Tagger.of(model);
            assertTrue(tagger.hasChain());
            var viterbi = new Viterbi(
                    model.tensors().get("s").toFloats(),
                    model.tensors().get("t").toFloats(),
                    model.tensors().get("e").toFloats());
            int differing = 0;
            for (int[] ids : new int[][] {{1, 3, 2, 4}, {4, 4, 4, 1, 2}, {2}, {3, 1, 1, 2, 4, 1, 3}}) {
                float[] logits = logits(model, ids);
                int[] wanted = new int[ids.length];
                viterbi.decode(MemorySegment.ofArray(logits), 0, ids.length, wanted);
                int[] tags = new int[ids.length];
                tagger.session().tag(ids, ids.length, tags);
                assertArrayEquals(wanted, tags);
                for (int t = 0; t < ids.length; t++) {
                    int best = 0;
                    for (int k = 1; k < 3; k++) {
                        best = logits[3 * t + k] > logits[3 * t + best] ? k : best;
                    }
                    differing += best == tags[t] ? 0 : 1;
                }
            }
            assertTrue(differing > 0, "the chain decides nothing here");
            Tagging tagging = tagger.session(2, true).tag("a cad be");
            assertEquals(
                    1,
                    tagging.probabilities()[2][0] + tagging.probabilities()[2][1] + tagging.probabilities()[2][2],
                    1e-6);
        }
    }

    @Test
    void aChainWithoutMarginalsHasNoProbabilities() {
        try (Model model = words(TinyTagger.WORDS, TinyTagger.CHAIN)) {
            Tagger tagger = Tagger.of(model);
            assertFalse(tagger.hasProbabilities());
            assertEquals(3, tagger.tag("a be cad").tags().size());
            assertThrows(InputException.class, () -> tagger.session(1, true));
        }
    }

    @Test
    void aBatchTagsAsSentencesAlone() {
        for (String function : List.of(TinyTagger.WORDS, TinyTagger.CHARACTERS)) {
            try (Model model = TinyTagger.load(TinyTagger.writer("tagger", ALL), function)) {
                for (Model.Kernel kernel : List.of(Model.Kernel.PLAIN, Model.Kernel.BEST)) {
                    Tagger tagger = Tagger.of(model, kernel);
                    List<List<String>> sentences = sentences(40);
                    List<Tagging> together = tagger.session(7, true).tagAll(sentences);
                    TaggerSession alone = tagger.session(1, true);
                    for (int i = 0; i < sentences.size(); i++) {
                        Tagging one = alone.tag(sentences.get(i));
                        assertEquals(sentences.get(i), one.tokens());
                        assertEquals(one.tags(), together.get(i).tags());
                        int[] tags = new int[one.ids().length];
                        alone.tag(sentences.get(i), tags);
                        assertArrayEquals(one.ids(), tags);
                        for (int t = 0; t < tags.length; t++) {
                            assertArrayEquals(
                                    one.probabilities()[t], together.get(i).probabilities()[t], 1e-5f);
                        }
                    }
                }
            }
        }
    }

    /** Another word with the same letters is another word; the same unknown word with other letters too. */
    @Test
    void charactersTellUnknownWordsApart() {
        try (Model model = TinyTagger.load(TinyTagger.writer("tagger", ALL), TinyTagger.CHARACTERS)) {
            TaggerSession session = Tagger.of(model).session(1, true);
            float[] one = session.tag("zzz").probabilities()[0];
            float[] other = session.tag("bbb").probabilities()[0];
            assertFalse(Arrays.equals(one, other));
            // The middle of a very long word is not read.
            String long1 = "a".repeat(24) + "b".repeat(1000) + "c".repeat(24);
            String long2 = "a".repeat(24) + "e".repeat(70) + "c".repeat(24);
            assertArrayEquals(
                    session.tag(long1).probabilities()[0], session.tag(long2).probabilities()[0]);
            assertThrows(InputException.class, () -> session.tag(new int[] {1}, 1, new int[1]));
        }
    }

    @Test
    void unknownWordsAreKnownByTheirEnds() {
        WordIds ids = WordIds.of(TinyTagger.pipeline(
                "words", Segmentation.WORDS, 0, "<unk>", "a", "##d", "##ad", "##^d", "##^E", "lead"));
        assertEquals(1, ids.id("a"));
        assertEquals(6, ids.id("lead"));
        assertEquals(3, ids.id("bread"));
        assertEquals(2, ids.id("d"));
        assertEquals(4, ids.id("Bread"));
        assertEquals(5, ids.id("E"));
        assertEquals(0, ids.id("Zoe"));
        assertEquals(0, ids.id("zoe"));
        assertFalse(ids.knows("bread"));
        assertTrue(ids.knows("lead"));
        WordIds catching = WordIds.of(TinyTagger.pipeline("words", Segmentation.WORDS, -1, "a", "##"));
        assertEquals(1, catching.id("anything"));
        WordIds strict = WordIds.of(TinyTagger.pipeline("words", Segmentation.WORDS, -1, "a"));
        assertTrue(assertThrows(InputException.class, () -> strict.id("b"))
                .getMessage()
                .contains("'b'"));
    }

    @Test
    void withoutVocabulariesIdsAreTagged() {
        try (Model model = TinyTagger.load(TinyTagger.writer("tagger"), TinyTagger.WORDS)) {
            Tagger tagger = Tagger.of(model);
            assertEquals(List.of("0", "1", "2"), tagger.labels());
            int[] tags = {-1, -1, -1};
            tagger.session().tag(new int[] {1, 2}, 2, tags);
            assertTrue(tags[0] >= 0 && tags[1] >= 0 && tags[2] == -1);
            assertThrows(InputException.class, () -> tagger.tag("a b"));
        }
    }

    @Test
    void charactersMayBeWhatIsTagged() {
        var writer = TinyTagger.writer("tagger", "labels")
                .text(TinyTagger.pipeline("text", Segmentation.CHARACTERS, 0, "?", "a", "b", "c", "d", "e", " "));
        try (Model model = TinyTagger.load(writer, TinyTagger.WORDS)) {
            assertEquals(
                    List.of("a", " ", "\uD83D\uDE00"),
                    Tagger.of(model).tag("a \uD83D\uDE00").tokens());
        }
    }

    @Test
    void sentencesOfAnyLengthAreTagged() {
        try (Model model = words(TinyTagger.WORDS)) {
            Tagger tagger = Tagger.of(model);
            TaggerSession session = tagger.session(3, false);
            assertEquals(List.of(), session.tag("").tags());
            assertEquals(List.of(), session.tag(" \n ").tags());
            assertEquals(List.of(), session.tagAll(List.of()));
            session.tag(List.of(), new int[0]);
            List<String> longer = Collections.nCopies(2000, "cad");
            List<String> shorter = longer.subList(0, 600);
            List<Tagging> mixed = session.tagAll(List.of(longer, List.of("a"), shorter, List.of(), longer));
            assertEquals(2000, mixed.getFirst().tags().size());
            assertEquals(mixed.getFirst().tags(), mixed.getLast().tags());
            assertEquals(tagger.tag("a").tags(), mixed.get(1).tags());
            InputException tooLong =
                    assertThrows(InputException.class, () -> session.tag(Collections.nCopies(70_000, "a")));
            assertTrue(tooLong.getMessage().contains("65536"), tooLong.getMessage());
            assertEquals(tagger.tag("a be").tags(), session.tag("a be").tags());
        }
    }

    @Test
    void idsThatAreNoneAreRefused() {
        try (Model model = words(TinyTagger.WORDS)) {
            TaggerSession session = Tagger.of(model).session();
            for (int bad : new int[] {-1, 7, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                assertThrows(InputException.class, () -> session.tag(new int[] {1, bad}, 2, new int[2]));
            }
            assertThrows(InputException.class, () -> session.tag(new int[1], 2, new int[2]));
            assertThrows(InputException.class, () -> session.tag(new int[2], 2, new int[1]));
            assertThrows(InputException.class, () -> session.tag(List.of("a", "be"), new int[1]));
            int[] tags = new int[1];
            session.tag(new int[] {1}, 1, tags);
        }
    }

    @Test
    void filesThatAreNoTaggersAreRefused() {
        var wrong = new ArrayList<RondoException>();
        refuse(wrong, InputException.class, TinyTagger.load(TinyTagger.writer("classifier", ALL), TinyTagger.WORDS));
        String outputs = TinyTagger.WORDS.replace("logits", "scores");
        refuse(wrong, ShapeException.class, words(outputs));
        refuse(wrong, ShapeException.class, words(TinyTagger.WORDS.replace("tokens", "words")));
        refuse(
                wrong,
                ShapeException.class,
                words(TinyTagger.WORDS, TinyTagger.CHAIN.replace("[3", "[2").replace("3]", "2]")));
        refuse(
                wrong,
                ShapeException.class,
                words(TinyTagger.WORDS, TinyTagger.CHAIN, TinyTagger.MARGINALS.replace("3]", "4]")));
        refuse(wrong, FormatException.class, words(TinyTagger.CHARACTERS));
        var labels =
                TinyTagger.writer("tagger", "words").text(TinyTagger.pipeline("labels", Segmentation.WORDS, -1, "X"));
        refuse(wrong, FormatException.class, TinyTagger.load(labels, TinyTagger.WORDS));
        assertEquals(7, wrong.size());
    }

    private static void refuse(List<RondoException> wrong, Class<? extends RondoException> kind, Model model) {
        try (model) {
            wrong.add(assertThrows(kind, () -> Tagger.of(model)));
        }
    }

    @Test
    void nothingIsNoSentence() {
        try (Model model = words(TinyTagger.WORDS)) {
            Tagger tagger = Tagger.of(model);
            TaggerSession session = tagger.session();
            assertThrows(InputException.class, () -> tagger.tag((String) null));
            assertThrows(InputException.class, () -> tagger.tag((List<String>) null));
            assertThrows(InputException.class, () -> session.tag(Arrays.asList("a", null)));
            assertThrows(InputException.class, () -> session.tagAll(null));
            assertThrows(InputException.class, () -> session.tagAll(Arrays.asList(List.of("a"), null)));
            assertThrows(InputException.class, () -> session.tag(List.of("a"), null));
            assertThrows(InputException.class, session::logits);
            assertEquals(1, session.tag("a").tags().size());
        }
        assertThrows(InputException.class, () -> Tagger.of(null));
    }
}
