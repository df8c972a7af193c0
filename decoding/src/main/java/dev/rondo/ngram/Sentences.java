package dev.rondo.ngram;

import dev.rondo.error.InputException;
import dev.rondo.format.SpecialIds;
import dev.rondo.text.Tokenizer;
import java.util.Iterator;
import java.util.function.Consumer;

/** The sentences of a text: its lines, as ids. Lines without tokens are none. */
public final class Sentences {
    private Sentences() {}

    /**
     * Hands out the ids of each line, without begin and end.
     *
     * @throws InputException when the vocabulary lacks something and has no unknown token, or a line holds a token that
     *                        begins or ends sentences, or pads them; it names the line
     */
    public static void forEach(Tokenizer tokenizer, String text, Consumer<int[]> reader) {
        SpecialIds special = tokenizer.pipeline().special();
        long number = 0;
        for (Iterator<String> lines = text.lines().iterator(); lines.hasNext(); ) {
            number++;
            int[] ids;
            try {
                ids = tokenizer.encode(lines.next());
            } catch (InputException lacking) {
                throw new InputException(
                        "line " + number + ", " + lacking.subject(), lacking.rule(), lacking.got(), lacking.remedy());
            }
            for (int id : ids) {
                if (id == special.begin() || id == special.end() || id == special.padding()) {
                    throw new InputException(
                            "line " + number,
                            "is a sentence, without what begins and ends sentences or pads them",
                            "'" + tokenizer.token(id) + "'",
                            "remove it: begin and end are added");
                }
            }
            if (ids.length > 0) {
                reader.accept(ids);
            }
        }
    }
}
