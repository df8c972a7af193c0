package dev.rondo.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.InputException;
import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class TokenizerTest {
    private static final List<String> CHARACTERS = List.of("\n", " ", "a", "b", "é", "😀");

    private static Tokenizer characters(Normalisation normalisation, SpecialIds special, List<String> vocabulary) {
        return Tokenizer.of(
                new TextPipeline("text", normalisation, Segmentation.CHARACTERS, vocabulary, List.of(), special));
    }

    private static Tokenizer words(SpecialIds special, String... vocabulary) {
        return Tokenizer.of(new TextPipeline(
                "text", Normalisation.NONE, Segmentation.WORDS, List.of(vocabulary), List.of(), special));
    }

    @Test
    void charactersAreCodePoints() {
        Tokenizer tokenizer = characters(Normalisation.NONE, SpecialIds.NONE, CHARACTERS);
        assertArrayEquals(new int[] {2, 5, 3, 0, 4}, tokenizer.encode("a😀b\né"));
        assertEquals("a😀b\né", tokenizer.decode(2, 5, 3, 0, 4));
        assertArrayEquals(new int[0], tokenizer.encode(""));
        assertEquals("", tokenizer.decode());
    }

    @Property(tries = 300)
    void decodingUndoesEncoding(@ForAll("texts") String text) {
        Tokenizer tokenizer = characters(Normalisation.NONE, SpecialIds.NONE, CHARACTERS);
        assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
        assertEquals(text.codePointCount(0, text.length()), tokenizer.encode(text).length);
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of(CHARACTERS).list().ofMaxSize(40).map(parts -> String.join("", parts));
    }

    @Test
    void unknownCharacterIsNamedWithItsPlace() {
        Tokenizer tokenizer = characters(Normalisation.NONE, SpecialIds.NONE, CHARACTERS);
        String message = assertThrows(InputException.class, () -> tokenizer.encode("ab\n😀z a"))
                .getMessage();
        assertTrue(message.contains("line 2, column 2"), message);
        assertTrue(message.contains("'z' (U+007A) at character 5"), message);
        assertTrue(message.contains("remove or replace it"), message);
    }

    @Test
    void halfOfAPairIsUnknown() {
        Tokenizer tokenizer = characters(Normalisation.NONE, SpecialIds.NONE, CHARACTERS);
        String message = assertThrows(InputException.class, () -> tokenizer.encode("a\ud83d"))
                .getMessage();
        assertTrue(message.contains("\\uD83D"), message);
    }

    @Test
    void unknownBecomesTheUnknownToken() {
        Tokenizer tokenizer = characters(Normalisation.NONE, new SpecialIds(1, -1, -1, -1), List.of("a", "<unk>"));
        assertArrayEquals(new int[] {0, 1, 1}, tokenizer.encode("az<"));
        assertEquals("a<unk>", tokenizer.decode(0, 1));
    }

    @Test
    void normalisesFirst() {
        assertArrayEquals(
                new int[] {4},
                characters(Normalisation.NFC, SpecialIds.NONE, CHARACTERS).encode("e\u0301"));
        assertArrayEquals(
                new int[] {2, 3},
                characters(Normalisation.LOWERCASE, SpecialIds.NONE, CHARACTERS).encode("AB"));
        assertArrayEquals(
                new int[] {4},
                characters(Normalisation.NFC_LOWERCASE, SpecialIds.NONE, CHARACTERS)
                        .encode("E\u0301"));
        assertArrayEquals(
                new int[] {2},
                characters(Normalisation.NFKC, SpecialIds.NONE, CHARACTERS).encode("\uff41"));
    }

    @Test
    void wordsAreSeparatedByAnyWhiteSpace() {
        Tokenizer tokenizer = words(SpecialIds.NONE, "the", "cat", "sat");
        assertArrayEquals(new int[] {0, 1, 2}, tokenizer.encode("  the\u00a0cat\r\n\tsat\u3000"));
        assertEquals("the cat sat", tokenizer.decode(0, 1, 2));
        assertArrayEquals(new int[0], tokenizer.encode(" \n"));
    }

    @Test
    void unknownWordIsNamedWithItsPlace() {
        Tokenizer tokenizer = words(SpecialIds.NONE, "the", "cat");
        String message = assertThrows(InputException.class, () -> tokenizer.encode("the\nthe dog"))
                .getMessage();
        assertTrue(message.contains("line 2, column 5"), message);
        assertTrue(message.contains("'dog' at character 9"), message);
    }

    @Test
    void marksAreNoText() {
        Tokenizer tokenizer = words(new SpecialIds(-1, 0, 1, 2), "<s>", "</s>", "<pad>", "a", "b");
        assertEquals("a b", tokenizer.decode(0, 3, 4, 1, 2));
        assertEquals("</s>", tokenizer.token(1));
    }

    @Test
    void aBeginThatIsACharacterIsText() {
        Tokenizer tokenizer = characters(Normalisation.NONE, new SpecialIds(-1, 0, -1, -1), CHARACTERS);
        assertEquals("\na", tokenizer.decode(0, 2));
    }

    @Test
    void tokensAreTheSameStringsEachTime() {
        Tokenizer tokenizer = words(SpecialIds.NONE, "a", "b");
        assertSame(tokenizer.token(1), tokenizer.token(1));
        assertSame(tokenizer.piece(1, false), tokenizer.piece(1, false));
        assertEquals(" b", tokenizer.piece(1, false));
        assertEquals("b", tokenizer.piece(1, true));
    }

    @Test
    void idsOutsideTheVocabularyAreRefused() {
        Tokenizer tokenizer = words(SpecialIds.NONE, "a", "b");
        assertTrue(assertThrows(InputException.class, () -> tokenizer.token(2))
                .getMessage()
                .contains("between 0 and 1"));
        assertThrows(InputException.class, () -> tokenizer.decode(0, -1));
    }
}
