package dev.rondo.train.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.InputException;
import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.text.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class PairVocabularyTest {
    private static List<String> resource(String name) throws IOException {
        try (InputStream in = PairVocabularyTest.class.getResourceAsStream("/byte-pairs/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    /** Algorithm 1 word for word: counts all pairs anew for each merge. */
    private static List<String> naive(List<String> texts, int merges) {
        var words = new LinkedHashMap<List<String>, Integer>();
        for (String word : String.join(" ", texts).split(" ")) {
            var parts = new ArrayList<String>();
            word.codePoints().forEach(c -> parts.add(Character.toString(c)));
            parts.add(parts.removeLast() + "</w>");
            words.merge(parts, 1, Integer::sum);
        }
        var learned = new ArrayList<String>();
        while (learned.size() < merges) {
            var counts = new HashMap<String, Integer>();
            words.forEach((parts, count) -> {
                for (int i = 0; i + 1 < parts.size(); i++) {
                    counts.merge(parts.get(i) + " " + parts.get(i + 1), count, Integer::sum);
                }
            });
            String best = null;
            for (String pair : counts.keySet()) {
                int order = best == null ? 1 : counts.get(pair) - counts.get(best);
                // A space comes before all letters here, so whole pairs compare as their parts do.
                if (order > 0 || order == 0 && pair.compareTo(best) > 0) {
                    best = pair;
                }
            }
            if (best == null || counts.get(best) < 2) {
                break;
            }
            if (!learned.contains(best)) {
                learned.add(best);
            }
            var merged = new LinkedHashMap<List<String>, Integer>();
            for (Map.Entry<List<String>, Integer> word : words.entrySet()) {
                var parts = new ArrayList<>(word.getKey());
                for (int i = 0; i + 1 < parts.size(); i++) {
                    if (best.equals(parts.get(i) + " " + parts.get(i + 1))) {
                        parts.set(i, parts.get(i) + parts.remove(i + 1));
                    }
                }
                merged.merge(parts, word.getValue(), Integer::sum);
            }
            words = merged;
        }
        return learned;
    }

    @Test
    void theExampleOfThePaper() {
        // Algorithm 1's dictionary: low 5, lowest 2, newer 6, wider 3; there the mark is a symbol of its own.
        var counts = Map.of("low", 5L, "lowest", 2L, "newer", 6L, "wider", 3L);
        List<String> merges = BytePairs.learnFromWords(counts, 3);
        assertEquals(List.of("e r</w>", "l o", "w er</w>"), merges.subList(0, 3));
    }

    @Test
    void learnsWhatTheAuthorsProgramLearns() throws IOException {
        assertEquals(resource("merges.txt"), BytePairs.learn(resource("text.txt"), 400));
        assertEquals(resource("merges.txt").subList(0, 50), BytePairs.learn(resource("text.txt"), 50));
    }

    @Test
    void cutsAsTheAuthorsProgramCuts() throws IOException {
        List<String> merges = resource("merges.txt");
        Set<String> tokens = new LinkedHashSet<>();
        resource("held-out.txt")
                .forEach(text -> text.codePoints().filter(c -> c != ' ').forEach(c -> {
                    tokens.add(Character.toString(c));
                    tokens.add(Character.toString(c) + "</w>");
                }));
        merges.forEach(merge -> tokens.add(merge.replace(" ", "")));
        assertEquals(resource("pieces.txt"), cut(merges, List.copyOf(tokens), resource("held-out.txt")));
    }

    @Test
    void takesApartWhatTheVocabularyLacksAsTheAuthorsProgramDoes() throws IOException {
        assertEquals(
                resource("pieces-known.txt"),
                cut(resource("merges.txt"), resource("vocabulary.txt"), resource("held-out.txt")));
    }

    private static List<String> cut(List<String> merges, List<String> vocabulary, List<String> texts) {
        Tokenizer tokenizer = Tokenizer.of(new TextPipeline(
                "text", Normalisation.NONE, Segmentation.BYTE_PAIRS, vocabulary, merges, SpecialIds.NONE));
        return texts.stream()
                .map(text -> String.join(
                        " ",
                        IntStream.of(tokenizer.encode(text))
                                .mapToObj(tokenizer::token)
                                .toList()))
                .toList();
    }

    @Property(tries = 500)
    void countsThatAreKeptUpToDateLearnWhatCountingAnewLearns(@ForAll("texts") List<String> texts) {
        List<String> learned = BytePairs.learn(texts, 60);
        assertEquals(naive(texts, 60), learned);
        assertEquals(learned.size(), new HashSet<>(learned).size());
    }

    @Provide
    Arbitrary<List<String>> texts() {
        Arbitrary<String> word =
                Arbitraries.strings().withChars("ab").ofMinLength(1).ofMaxLength(9);
        Arbitrary<String> more =
                Arbitraries.strings().withChars("abcd").ofMinLength(1).ofMaxLength(14);
        return Arbitraries.oneOf(word, more).list().ofMinSize(1).ofMaxSize(30);
    }

    @Test
    void theMarkSpelledInAWordIsNoMark() {
        List<String> merges = BytePairs.learn(List.of("a</w>b a</w>b a</w>b </w> </w>"), 100);
        for (String merge : merges) {
            assertEquals(merge.endsWith("</w>"), merge.replace(" ", "").endsWith("</w>"), merge);
        }
        assertTrue(merges.contains("a </w"), merges.toString());
    }

    @Test
    void endlessWordsAreLeftOut() {
        List<String> texts = List.of("x".repeat(1001), "y".repeat(1000), "ab ab");
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            List<String> merges = BytePairs.learn(texts, 10);
            assertTrue(merges.contains("y y"), merges.toString());
            assertTrue(merges.contains("a b</w>"), merges.toString());
            assertTrue(merges.stream().noneMatch(merge -> merge.contains("x")), merges.toString());
        });
    }

    @Test
    void wordsOfEachSideAfterTheSpecialTokens() {
        var pipelines = PairVocabulary.words(0, 2).learn(List.of("b a", "a b c <s>"), List.of("y x", "x x y z"));
        assertEquals(
                List.of("<pad>", "<unk>", "<s>", "</s>", "a", "b"),
                pipelines.source().vocabulary());
        assertEquals(
                List.of("<pad>", "<unk>", "<s>", "</s>", "x", "y"),
                pipelines.target().vocabulary());
        assertEquals("source", pipelines.source().name());
        assertEquals("target", pipelines.target().name());
        assertEquals(new SpecialIds(1, 2, 3, 0), pipelines.target().special());
        assertEquals(
                List.of("<pad>", "<unk>", "<s>", "</s>", "x"),
                PairVocabulary.words(5, 1)
                        .learn(List.of("a"), List.of("x y x"))
                        .target()
                        .vocabulary());
    }

    @Test
    void charactersOfLines() {
        var pipelines = PairVocabulary.characters().learn(List.of("ab a"), List.of("1-1"));
        assertEquals(
                List.of("<pad>", "<unk>", "<s>", "</s>", "a", " ", "b"),
                pipelines.source().vocabulary());
        assertEquals("a b", Tokenizer.of(pipelines.source()).decode(2, 4, 5, 6, 3, 0));
    }

    @Test
    void piecesThatOccurOnEachSide() {
        List<String> english = List.of("the cat the cat", "the hat");
        List<String> german = List.of("die katze die katze", "der hut");
        var separate = new PairVocabulary(Segmentation.BYTE_PAIRS, Normalisation.NONE, 100, false, false, 0, 1)
                .learn(english, german);
        assertTrue(separate.source().merges().contains("t h"));
        assertTrue(separate.target().merges().stream().noneMatch("t h"::equals));
        var joint = PairVocabulary.bytePairs(100, 1).learn(english, german);
        assertEquals(joint.source().merges(), joint.target().merges());
        assertTrue(joint.source().vocabulary().contains("the</w>"));
        assertTrue(joint.target().vocabulary().contains("die</w>"));
        assertTrue(!joint.target().vocabulary().contains("the</w>"));
        var shared = new PairVocabulary(Segmentation.BYTE_PAIRS, Normalisation.NONE, 100, true, true, 0, 1)
                .learn(english, german);
        assertEquals(shared.source().vocabulary(), shared.target().vocabulary());
        assertTrue(shared.source().vocabulary().containsAll(joint.source().vocabulary()));
        assertTrue(shared.source().vocabulary().containsAll(joint.target().vocabulary()));
        Tokenizer tokenizer = Tokenizer.of(joint.target());
        assertEquals("die katze", tokenizer.decode(tokenizer.encode("die katze")));
    }

    @Test
    void rarePiecesAreTakenApart() {
        // 3 times "the", twice "cat", once "hat": of code points only c, twice, is too rare.
        List<String> english = List.of("the cat the cat", "the hat");
        var frequent = PairVocabulary.bytePairs(100, 3).learn(english, List.of("x x x"));
        // In the order of what is left to them: "the" needs no e and no t.
        assertEquals(
                List.of("a", "t</w>", "the</w>", "h", "e</w>", "t"),
                frequent.source().vocabulary().subList(4, 10));
        assertEquals(10, frequent.source().vocabulary().size());
        Tokenizer tokenizer = Tokenizer.of(frequent.source());
        assertEquals("the hat <unk>at", tokenizer.decode(tokenizer.encode("the hat cat")));
    }

    @Test
    void normalisesBeforeItCounts() {
        var pipelines = new PairVocabulary(Segmentation.WORDS, Normalisation.LOWERCASE, 0, false, true, 0, 1)
                .learn(List.of("Ab aB"), List.of("AB c"));
        assertEquals(
                List.of("<pad>", "<unk>", "<s>", "</s>", "ab", "c"),
                pipelines.source().vocabulary());
    }

    @Test
    void badSettingsAreNamed() {
        assertMessage("merges", () -> PairVocabulary.bytePairs(0, 1));
        assertMessage("merges", () -> BytePairs.learn(List.of("a"), -1));
        assertMessage("vocabulary size", () -> PairVocabulary.words(4, 1));
        assertMessage("least count", () -> PairVocabulary.words(0, 0));
        assertMessage(
                "joint", () -> new PairVocabulary(Segmentation.BYTE_PAIRS, Normalisation.NONE, 9, false, true, 0, 1));
        assertMessage("has text", () -> PairVocabulary.bytePairs(5, 1).learn(List.of("a"), List.of(" ")));
    }

    private static void assertMessage(String part, Runnable action) {
        String message = assertThrows(InputException.class, action::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
