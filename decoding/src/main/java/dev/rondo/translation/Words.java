package dev.rondo.translation;

import dev.rondo.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Texts cut into words. */
public final class Words {
    private Words() {}

    /** What white space separates; none in a text of nothing else. */
    public static List<String> of(String text) {
        var words = new ArrayList<String>();
        forEach(text, words::add);
        return words;
    }

    /** The same one by one: a large text need not lie in memory twice. */
    public static void forEach(String text, Consumer<String> take) {
        int start = 0;
        for (int at = 0; at <= text.length(); at++) {
            if (at == text.length() || Tokenizer.isSpace(text.charAt(at))) {
                if (at > start) {
                    take.accept(text.substring(start, at));
                }
                start = at + 1;
            }
        }
    }
}
