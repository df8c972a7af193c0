package dev.rondo.text;

import dev.rondo.error.InputException;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Text to ids and back, as a model file's {@link TextPipeline} says: normalise, cut into tokens, look up. Immutable; any
 * thread may use it.
 *
 * <p>Encoding adds no begin and no end: who feeds a model knows where a sequence begins. Decoding leaves out begin, end
 * and padding where they are no text of their own, such as {@code <s>}; a vocabulary of characters may well use its
 * line break as the begin, and then it is text. A piece of a word that ends in {@code </w>} brings the space after it.
 */
public final class Tokenizer {
    private final TextPipeline pipeline;
    /** For characters: code points in order, and the id of each. */
    private final int[] codePoints;

    private final int[] codePointIds;
    /** For words: the id of each. */
    private final Map<String, Integer> words;
    /** For byte pairs; null for others. */
    private final BytePairs bytePairs;
    /** What each id adds to a text: at its beginning, and after other tokens. */
    private final String[] first;

    private final String[] later;

    private Tokenizer(TextPipeline pipeline) {
        this.pipeline = pipeline;
        List<String> vocabulary = pipeline.vocabulary();
        boolean characters = pipeline.segmentation() == Segmentation.CHARACTERS;
        boolean pieces = pipeline.segmentation() == Segmentation.BYTE_PAIRS;
        this.words = characters || pieces ? Map.of() : index(vocabulary);
        this.bytePairs = pieces ? new BytePairs(pipeline) : null;
        int[] single = !characters
                ? new int[0]
                : vocabulary.stream()
                        .filter(Tokenizer::isCharacter)
                        .mapToInt(token -> token.codePointAt(0))
                        .sorted()
                        .toArray();
        this.codePoints = single;
        this.codePointIds = new int[single.length];
        this.first = new String[vocabulary.size()];
        this.later = new String[vocabulary.size()];
        for (int id = 0; id < first.length; id++) {
            String token = vocabulary.get(id);
            if (characters && isCharacter(token)) {
                codePointIds[Arrays.binarySearch(single, token.codePointAt(0))] = id;
            }
            boolean hidden = isMark(pipeline.special(), id) && !(characters && isCharacter(token));
            boolean ends = pieces && token.endsWith(BytePairs.END);
            first[id] = hidden ? "" : ends ? token.substring(0, token.length() - BytePairs.END.length()) + " " : token;
            later[id] = hidden || characters || pieces ? first[id] : " " + token;
        }
    }

    /**
     * The tokenizer of a pipeline.
     *
     * @throws dev.rondo.error.FormatException when a merge of byte pairs takes the mark of a word's end for a part of it
     */
    public static Tokenizer of(TextPipeline pipeline) {
        return new Tokenizer(pipeline);
    }

    private static Map<String, Integer> index(List<String> vocabulary) {
        var ids = new HashMap<String, Integer>();
        for (int id = 0; id < vocabulary.size(); id++) {
            ids.put(vocabulary.get(id), id);
        }
        return Map.copyOf(ids);
    }

    private static boolean isCharacter(String token) {
        return !token.isEmpty() && token.length() == Character.charCount(token.codePointAt(0));
    }

    /** Whether an id stands for the begin or end of a text, or for none. */
    static boolean isMark(SpecialIds special, int id) {
        return id == special.begin() || id == special.end() || id == special.padding();
    }

    /** What the file says about this text. */
    public TextPipeline pipeline() {
        return pipeline;
    }

    /** The number of ids, V. */
    public int size() {
        return first.length;
    }

    /** The text as it is before it is cut: the first step of {@link #encode}. */
    public String normalise(String text) {
        return switch (pipeline.normalisation()) {
            case NONE -> text;
            case NFC -> Normalizer.normalize(text, Normalizer.Form.NFC);
            case NFKC -> Normalizer.normalize(text, Normalizer.Form.NFKC);
            case LOWERCASE -> text.toLowerCase(Locale.ROOT);
            case NFC_LOWERCASE ->
                Normalizer.normalize(text, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
        };
    }

    /**
     * The ids of a text, which it normalises first. What the vocabulary lacks becomes the id of the unknown token; of byte pairs
     * these are code points only, for a piece that it lacks is taken apart as it was joined.
     *
     * @throws InputException when the vocabulary lacks a token and has none for the unknown; it names token and place
     */
    public int[] encode(String text) {
        String normal = normalise(text);
        return switch (pipeline.segmentation()) {
            case CHARACTERS -> encodeCharacters(normal);
            case WORDS, BYTE_PAIRS -> encodeWords(normal);
        };
    }

    private int[] encodeCharacters(String text) {
        var ids = new int[text.codePointCount(0, text.length())];
        int count = 0;
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            int found = Arrays.binarySearch(codePoints, c);
            ids[count++] = found >= 0 ? codePointIds[found] : unknown("character", text, at, Character.toString(c));
            at += Character.charCount(c);
        }
        return ids;
    }

    private int[] encodeWords(String text) {
        var ids = new ArrayList<Integer>();
        int at = 0;
        while (true) {
            while (at < text.length() && isSpace(text.charAt(at))) {
                at++;
            }
            int start = at;
            while (at < text.length() && !isSpace(text.charAt(at))) {
                at++;
            }
            if (start == at) {
                return ids.stream().mapToInt(Integer::intValue).toArray();
            }
            String word = text.substring(start, at);
            if (bytePairs != null) {
                for (int id : bytePairs.cut(word)) {
                    ids.add(id >= 0 ? id : unknown("piece of a word", text, start, word));
                }
            } else {
                Integer id = words.get(word);
                ids.add(id != null ? id : unknown("word", text, start, word));
            }
        }
    }

    /** What separates words: white space of Unicode, and the separators of ASCII; all of it lies in the basic plane. */
    public static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }

    private int unknown(String kind, String text, int at, String token) {
        int unknown = pipeline.special().unknown();
        if (unknown >= 0) {
            return unknown;
        }
        long line = 1 + text.substring(0, at).chars().filter(c -> c == '\n').count();
        int column = 1 + text.codePointCount(text.lastIndexOf('\n', at - 1) + 1, at);
        throw new InputException(
                "text, line " + line + ", column " + column,
                "every " + kind + " is in the vocabulary, which has " + size() + " tokens and none for the unknown",
                display(token) + " at character " + (1 + text.codePointCount(0, at)),
                "remove or replace it, or convert the model with an unknown token");
    }

    /** A token for a message: in quotes, with the code point of what is a single character. */
    private static String display(String token) {
        String shown = token.length() > 40 ? token.substring(0, token.offsetByCodePoints(0, 20)) + "..." : token;
        var out = new StringBuilder("'");
        shown.codePoints().forEach(c -> {
            if (Character.isISOControl(c) || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                out.append(String.format("\\u%04X", c));
            } else {
                out.appendCodePoint(c);
            }
        });
        out.append('\'');
        if (isCharacter(token)) {
            out.append(String.format(" (U+%04X)", token.codePointAt(0)));
        }
        return out.toString();
    }

    /**
     * The token of an id as the vocabulary has it; the same string each time.
     *
     * @throws InputException when the vocabulary has no such id
     */
    public String token(int id) {
        check(id);
        return pipeline.vocabulary().get(id);
    }

    /**
     * What an id adds to a text; the same string each time, so that decoding token by token allocates nothing. Words
     * bring the space before them, unless they are the first, and pieces that end a word the space after it; begin, end and
     * padding add nothing.
     *
     * @param start whether the text is empty so far
     * @throws InputException when the vocabulary has no such id
     */
    public String piece(int id, boolean start) {
        check(id);
        return start ? first[id] : later[id];
    }

    /**
     * The text of ids, without the space after the last word.
     *
     * @throws InputException when the vocabulary has no such id
     */
    public String decode(int... ids) {
        var text = new StringBuilder();
        for (int id : ids) {
            text.append(piece(id, text.isEmpty()));
        }
        if (bytePairs != null && !text.isEmpty() && text.charAt(text.length() - 1) == ' ') {
            text.setLength(text.length() - 1);
        }
        return text.toString();
    }

    private void check(int id) {
        if (id < 0 || id >= first.length) {
            throw new InputException(
                    "token id", "lies between 0 and " + (first.length - 1), "" + id, "is it of another vocabulary?");
        }
    }
}
