package dev.rondo.train.metric;

import dev.rondo.text.Tokenizer;
import dev.rondo.translation.Words;
import java.util.List;
import java.util.regex.Pattern;

/** How BLEU cuts a line into tokens. */
public enum Tokenisation {
    /** At white space: for texts that are tokens already. */
    NONE("none"),
    /** As {@code mteval-v13a.pl} of the WMT evaluations does: punctuation apart from words, but not inside of numbers. */
    MTEVAL_13A("13a");

    private final String text;

    Tokenisation(String text) {
        this.text = text;
    }

    /** What sacrebleu calls it. */
    public String text() {
        return text;
    }

    private static final Pattern SYMBOL = Pattern.compile("([\\p{Punct}&&[^'\\-.,]])");
    private static final Pattern POINT_NOT_AFTER_DIGIT = Pattern.compile("([^0-9])([.,])");
    private static final Pattern POINT_NOT_BEFORE_DIGIT = Pattern.compile("([.,])([^0-9])");
    private static final Pattern HYPHEN_AFTER_DIGIT = Pattern.compile("([0-9])(-)");

    /** The tokens of a line. */
    List<String> tokens(String line) {
        return switch (this) {
            case NONE -> Words.of(line);
            case MTEVAL_13A -> Words.of(separated(line.substring(0, lengthWithoutSpaceAtEnd(line))));
        };
    }

    private static String separated(String line) {
        String text = line.replace("<skipped>", "").replace("-\n", "").replace('\n', ' ');
        text = text.replace("&quot;", "\"")
                .replace("&amp;", "&")
                .replace("&lt;", "<")
                .replace("&gt;", ">");
        text = SYMBOL.matcher(" " + text + " ").replaceAll(" $1 ");
        text = POINT_NOT_AFTER_DIGIT.matcher(text).replaceAll("$1 $2 ");
        text = POINT_NOT_BEFORE_DIGIT.matcher(text).replaceAll(" $1 $2");
        return HYPHEN_AFTER_DIGIT.matcher(text).replaceAll("$1 $2 ");
    }

    private static int lengthWithoutSpaceAtEnd(String line) {
        int end = line.length();
        while (end > 0 && Tokenizer.isSpace(line.charAt(end - 1))) {
            end--;
        }
        return end;
    }
}
