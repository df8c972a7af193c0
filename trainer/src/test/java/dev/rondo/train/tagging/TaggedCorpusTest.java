package dev.rondo.train.tagging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tagged texts as they are read, and what is wrong with others. */
class TaggedCorpusTest {
    private static String line(String id, String form, String upos, String xpos) {
        return String.join("\t", id, form, "lemma", upos, xpos, "_", "0", "root", "_", "_") + "\n";
    }

    private static TaggedCorpus conllu(String text) {
        return TaggedCorpus.read("a.conllu", text, TaggedFormat.Conllu.UPOS);
    }

    private static void refuse(String text, TaggedFormat format, String... parts) {
        FormatException wrong = assertThrows(FormatException.class, () -> TaggedCorpus.read("file", text, format));
        for (String part : parts) {
            assertTrue(wrong.getMessage().contains(part), wrong.getMessage());
        }
    }

    @Test
    void wordsOfUniversalDependencies() {
        String text = "# sent_id = 1\n# text = Dammelo .\n"
                + "1-3\tDammelo\t_\t_\t_\t_\t_\t_\t_\t_\n"
                + line("1", "Da", "VERB", "V")
                + line("2", "me", "PRON", "PC")
                + line("3", "lo", "PRON", "PC")
                + line("3.1", "elided", "NOUN", "S")
                + line("4", ".", "PUNCT", "FS")
                + "\n\n# another\r\n"
                + line("1", "10 000", "NUM", "N").replace("\n", "\r\n")
                + line("2", "#", "SYM", "_").stripTrailing();
        TaggedCorpus corpus = conllu(text);
        assertEquals(
                List.of(
                        new TaggedSentence(List.of("Da", "me", "lo", "."), List.of("VERB", "PRON", "PRON", "PUNCT")),
                        new TaggedSentence(List.of("10 000", "#"), List.of("NUM", "SYM"))),
                corpus.sentences());
        assertEquals(6, corpus.tokens());
        assertEquals(List.of("NUM", "PRON", "PUNCT", "SYM", "VERB"), corpus.tags());
        assertEquals(
                List.of("V", "PC", "PC", "FS"),
                TaggedCorpus.read("f", text, new TaggedFormat.Conllu(2, 5))
                        .sentences()
                        .getFirst()
                        .tags());
    }

    @Test
    void tokensAndTagsInColumns() {
        TaggedCorpus corpus =
                TaggedCorpus.read("f", "\n\nJim\tB-PER\n# x\tO\n\n\nParis\tB-LOC\n", TaggedFormat.Columns.TWO);
        assertEquals(2, corpus.sentences().size());
        assertEquals(List.of("Jim", "# x"), corpus.sentences().getFirst().tokens());
        TaggedCorpus swapped = TaggedCorpus.read("f", "B\tx\tJim\n", new TaggedFormat.Columns(3, 1));
        assertEquals(List.of(new TaggedSentence(List.of("Jim"), List.of("B"))), swapped.sentences());
    }

    @Test
    void whatBreaksTheFormatIsNamedByItsLine() {
        TaggedFormat conllu = TaggedFormat.Conllu.UPOS;
        TaggedFormat columns = TaggedFormat.Columns.TWO;
        refuse("", conllu, "has tagged sentences");
        refuse("# only a comment\n\n", conllu, "has tagged sentences");
        refuse("# c\n1\ta\tb\n", conllu, "file, line 2", "ten columns", "got 3");
        refuse(line("1", "a", "X", "x") + line("3", "b", "X", "x"), conllu, "line 2", "'3'");
        refuse(line("2", "a", "X", "x"), conllu, "line 1", "'2'");
        refuse(line("-", "a", "X", "x"), conllu, "line 1", "'-'");
        refuse(line("1-", "a", "X", "x"), conllu, "line 1");
        refuse(line("1-2-3", "a", "X", "x"), conllu, "line 1");
        refuse(line("01", "a", "X", "x"), conllu, "line 1");
        refuse(line("99999999999999999999", "a", "X", "x"), conllu, "line 1");
        refuse(line("1", " ", "X", "x"), conllu, "line 1", "token");
        refuse(line("1", "a", "", "x"), conllu, "line 1", "tag");
        refuse(line("1", "a".repeat(1001), "X", "x"), conllu, "line 1", "1001");
        refuse("a\tb\nc\n", columns, "line 2", "2 columns", "got 1");
        refuse("a\tX\n".repeat(70_000), columns, "65536");
        assertThrows(InputException.class, () -> new TaggedFormat.Columns(0, 1));
        assertThrows(InputException.class, () -> new TaggedFormat.Conllu(2, 11));
        assertThrows(InputException.class, () -> new TaggedSentence(List.of("a"), List.of()));
        assertThrows(InputException.class, () -> new TaggedCorpus(List.of()));
    }
}
