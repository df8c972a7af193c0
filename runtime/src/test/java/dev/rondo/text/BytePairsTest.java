package dev.rondo.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class BytePairsTest {
    private static final SpecialIds SPECIAL = new SpecialIds(1, 2, 3, 0);

    private static Tokenizer tokenizer(List<String> vocabulary, SpecialIds special, String... merges) {
        return Tokenizer.of(new TextPipeline(
                "source", Normalisation.NONE, Segmentation.BYTE_PAIRS, vocabulary, List.of(merges), special));
    }

    /** A tokenizer whose vocabulary has all that can come out: the code points, inside and at the end, and what merges make. */
    private static Tokenizer complete(String codePoints, List<String> merges) {
        Set<String> tokens = new LinkedHashSet<>(List.of("<pad>", "<unk>", "<s>", "</s>"));
        codePoints.codePoints().forEach(c -> {
            tokens.add(Character.toString(c));
            tokens.add(Character.toString(c) + "</w>");
        });
        merges.forEach(merge -> tokens.add(merge.replace(" ", "")));
        return tokenizer(List.copyOf(tokens), SPECIAL, merges.toArray(String[]::new));
    }

    /** Such merges made a word of one code point come apart into two pieces, beyond the arrays that have room for one. */
    @Test
    void mergesThatTakeTheEndForAPartAreRefused() {
        List<String> vocabulary = List.of("<pad>", "<unk>", "<s>", "</s>", "a", "<", "x<");
        for (String merge : List.of("a </w>", "< /w>", "x< /w>", "a</w> b", "</w> a", "a</w> b</w>")) {
            var refused = assertThrows(FormatException.class, () -> tokenizer(vocabulary, SPECIAL, merge));
            assertTrue(refused.getMessage().contains("'" + merge + "'"), refused.getMessage());
        }
        Tokenizer literal = tokenizer(vocabulary, SPECIAL, "< /", "</ w");
        assertArrayEquals(new int[] {4, 5, 1, 1, 1}, literal.encode("a</w>"));
    }

    private static List<String> pieces(Tokenizer tokenizer, String text) {
        var pieces = new ArrayList<String>();
        for (int id : tokenizer.encode(text)) {
            pieces.add(tokenizer.token(id));
        }
        return pieces;
    }

    /** Algorithm 1 of the paper, word for word: look for the earliest merge, join all its pairs, look again. */
    private static List<String> naive(String word, List<String> merges) {
        var pieces = new ArrayList<String>();
        word.codePoints().forEach(c -> pieces.add(Character.toString(c)));
        pieces.add(pieces.removeLast() + "</w>");
        while (true) {
            int best = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < pieces.size(); i++) {
                int rank = merges.indexOf(pieces.get(i) + " " + pieces.get(i + 1));
                best = rank < 0 ? best : Math.min(best, rank);
            }
            if (best == Integer.MAX_VALUE) {
                return pieces;
            }
            for (int i = 0; i + 1 < pieces.size(); i++) {
                if (merges.get(best).equals(pieces.get(i) + " " + pieces.get(i + 1))) {
                    pieces.set(i, pieces.get(i) + pieces.remove(i + 1));
                }
            }
        }
    }

    @Test
    void theExampleOfThePaper() {
        // Merges learned from {low, lowest, newer, wider}: "lower" is cut into a stem and an ending.
        Tokenizer tokenizer = complete("lowestnrid", List.of("e r</w>", "l o", "lo w"));
        assertEquals(List.of("low", "er</w>"), pieces(tokenizer, "lower"));
        assertEquals(List.of("low", "e", "s", "t</w>", "n", "e", "w", "er</w>"), pieces(tokenizer, " lowest  newer\n"));
        assertEquals("lowest newer", tokenizer.decode(tokenizer.encode(" lowest  newer\n")));
    }

    @Test
    void aWordMayBeOneCodePointOrOutsideTheBasicPlane() {
        Tokenizer tokenizer = complete("a😀", List.of("😀 a</w>"));
        assertEquals(List.of("a</w>", "😀</w>", "😀a</w>"), pieces(tokenizer, "a 😀 😀a"));
        assertEquals("a 😀 😀a", tokenizer.decode(tokenizer.encode("a 😀 😀a")));
        assertArrayEquals(new int[0], tokenizer.encode(" \t"));
        assertEquals("", tokenizer.decode());
    }

    @Test
    void pairsThatOverlapJoinFromTheLeft() {
        Tokenizer tokenizer = complete("ab", List.of("a a"));
        assertEquals(List.of("aa", "a", "b</w>"), pieces(tokenizer, "aaab"));
        assertEquals(List.of("aa", "a", "a</w>"), pieces(tokenizer, "aaaa"));
    }

    @Test
    void aMergeJoinsAllItsPairsBeforeAnyThatItMakesPossible() {
        Tokenizer tokenizer = complete("abc", List.of("ab a", "a b"));
        assertEquals(List.of("ab", "ab", "c</w>"), pieces(tokenizer, "ababc"));
        assertEquals(List.of("aba", "c</w>"), pieces(tokenizer, "abac"));
    }

    @Property(tries = 3000)
    void agreesWithTheAlgorithmOfThePaper(@ForAll("merges") List<String> merges, @ForAll("words") String word) {
        assertEquals(naive(word, merges), pieces(complete("abc", merges), word));
    }

    @Property(tries = 300)
    void decodingUndoesEncoding(
            @ForAll("merges") List<String> merges, @ForAll("words") String a, @ForAll("words") String b) {
        Tokenizer tokenizer = complete("abc", merges);
        assertEquals(a + " " + b, tokenizer.decode(tokenizer.encode(a + " " + b)));
    }

    @Provide
    Arbitrary<String> words() {
        return Arbitraries.strings().withChars("abc").ofMinLength(1).ofMaxLength(24);
    }

    /** Merges of parts that other merges made, in any order. */
    @Provide
    Arbitrary<List<String>> merges() {
        Arbitrary<Integer> indices = Arbitraries.integers().between(0, 1000);
        Arbitrary<List<String>> inOrder = indices.list().ofMaxSize(40).map(numbers -> {
            var parts = new ArrayList<>(List.of("a", "b", "c"));
            var ends = new ArrayList<>(List.of("a</w>", "b</w>", "c</w>"));
            Set<String> merges = new LinkedHashSet<>();
            for (int number : numbers) {
                String left = parts.get(number % parts.size());
                List<String> rights = number % 3 == 0 ? ends : parts;
                String right = rights.get(number / 7 % rights.size());
                if (left.length() + right.length() < 16 && merges.add(left + " " + right)) {
                    rights.add(left + right);
                }
            }
            return List.copyOf(merges);
        });
        return inOrder.flatMap(merges -> Arbitraries.oneOf(Arbitraries.just(merges), Arbitraries.shuffle(merges)));
    }

    @Test
    void whatTheVocabularyLacksIsUnknown() {
        List<String> vocabulary = List.of("<pad>", "<unk>", "<s>", "</s>", "a", "b</w>");
        Tokenizer tokenizer = tokenizer(vocabulary, SPECIAL, "a b</w>", "< s", "<s >");
        assertArrayEquals(new int[] {4, 1}, tokenizer.encode("az"));
        assertArrayEquals(new int[] {1, 1, 1, 5}, tokenizer.encode("<s>b")); // a mark is no text
        assertEquals("a<unk>b", tokenizer.decode(2, 4, 1, 5, 3, 0));
        Tokenizer strict = tokenizer(List.of("a", "b</w>"), SpecialIds.NONE);
        String message = assertThrows(InputException.class, () -> strict.encode("ab\nab acb"))
                .getMessage();
        assertTrue(message.contains("line 2, column 4"), message);
        assertTrue(message.contains("every piece of a word is in the vocabulary"), message);
        assertTrue(message.contains("'acb'"), message);
    }

    @Test
    void aPieceThatTheVocabularyLacksIsTakenApartAsItWasJoined() {
        List<String> merges = List.of("a b", "c d</w>", "ab cd</w>", "ab ab", "abab abcd</w>");
        List<String> tokens = List.of("<pad>", "<unk>", "<s>", "</s>", "a", "b", "ab", "c", "abcd</w>");
        Tokenizer tokenizer = tokenizer(tokens, SPECIAL, merges.toArray(String[]::new));
        assertEquals(List.of("abcd</w>"), pieces(tokenizer, "abcd"));
        assertEquals(List.of("ab", "ab", "abcd</w>"), pieces(tokenizer, "abababcd"));
        assertEquals(List.of("c", "<unk>"), pieces(tokenizer, "cd")); // "d</w>" is no token
    }

    @Property(tries = 300)
    void whateverTheVocabularyLacksNoTextIsLost(
            @ForAll("merges") List<String> merges, @ForAll("words") String word, @ForAll int seed) {
        Set<String> tokens = new LinkedHashSet<>(List.of("<pad>", "<unk>", "<s>", "</s>"));
        "abc".chars().forEach(c -> {
            tokens.add(Character.toString(c));
            tokens.add(Character.toString(c) + "</w>");
        });
        merges.stream().filter(m -> (m.hashCode() * 31 ^ seed) % 3 == 0).forEach(m -> tokens.add(m.replace(" ", "")));
        Tokenizer tokenizer = tokenizer(List.copyOf(tokens), SPECIAL, merges.toArray(String[]::new));
        int[] ids = tokenizer.encode(word);
        assertEquals(word, tokenizer.decode(ids));
        for (int id : ids) {
            assertTrue(id > 3, "" + id);
        }
    }

    @Test
    void piecesBringTheSpaceAfterThem() {
        Tokenizer tokenizer = complete("ab", List.of("a b</w>"));
        int[] ids = tokenizer.encode("aab b");
        var text = new StringBuilder();
        for (int id : ids) {
            text.append(tokenizer.piece(id, text.isEmpty()));
        }
        assertEquals("aab b ", text.toString());
    }

    @Test
    void aWordOfAMillionCharactersTakesNoMinutes() {
        var merges = new ArrayList<>(List.of("a b", "b a", "ab c"));
        for (String part = "a"; part.length() < 200_000; part += part) {
            merges.add(part + " " + part);
        }
        Tokenizer tokenizer = complete("abc", merges);
        String alike = "a".repeat(1_000_000);
        String mixed = "abcbabaab".repeat(111_111);
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            assertEquals(alike, tokenizer.decode(tokenizer.encode(alike)));
            assertEquals(mixed, tokenizer.decode(tokenizer.encode(mixed)));
        });
        // Merges one in another, of which the vocabulary has none.
        var chain = new ArrayList<String>();
        for (String part = "a"; part.length() < 1_000; part += "a") {
            chain.add(part + " a");
        }
        List<String> tokens = List.of("<pad>", "<unk>", "<s>", "</s>", "a", "a</w>");
        Tokenizer apart = tokenizer(tokens, SPECIAL, chain.toArray(String[]::new));
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> assertEquals(1_000_000, apart.encode(alike).length));
    }
}
