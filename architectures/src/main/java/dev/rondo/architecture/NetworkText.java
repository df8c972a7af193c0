package dev.rondo.architecture;

import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The notation of networks: layers from the input to the output, separated by white space, a name and what it needs in
 * brackets: {@code embedding(100) dropout(0.5) lstm(128, bidirectional) pool(max) linear(64) relu}. The last map to what the
 * task wants is not written. {@code docs/architectures.md} lists the layers.
 *
 * <p>Grammar: {@code network = layer*}, {@code layer = name [ "(" argument ("," argument)* ")" ]},
 * {@code argument = word | name "=" word | network ("|" network)*}; {@code residual}, {@code highway}, {@code parallel} and
 * {@code characters} take networks, all others words.
 */
public final class NetworkText {
    /** Deeper than any network that somebody writes. */
    private static final int MAX_DEPTH = 16;

    private static final int MAX_LENGTH = 10_000;

    /** A layer as it is written: where, its name, words and networks. */
    record Written(int at, String name, List<String> words, List<List<Written>> networks) {}

    private final String text;
    private int at;

    private NetworkText(String text) {
        this.text = text;
    }

    /**
     * The layers of a text.
     *
     * @param outputs of the linear map that is added at the end
     * @throws InputException when the text says no network of that input; it names the place
     */
    public static LayerStack parse(String text, NetworkInput input, LayerStack.Results results, int outputs) {
        return parse(text, input, Optional.empty(), results, outputs);
    }

    /**
     * The same with a first layer that brings numbers to one scale, {@code scale ⊙ x + shift}.
     *
     * @param scaled the name of that layer's tensors, {@code NAME.scale} and {@code NAME.shift}; empty for none
     */
    public static LayerStack parse(
            String text, NetworkInput input, Optional<String> scaled, LayerStack.Results results, int outputs) {
        if (text.length() > MAX_LENGTH) {
            throw new InputException(
                    "network", "has at most " + MAX_LENGTH + " characters", "" + text.length(), "write a smaller one");
        }
        var parser = new NetworkText(text);
        List<Written> written = parser.network(0);
        if (parser.at < text.length()) {
            throw parser.error("a layer begins with a letter", "'" + text.charAt(parser.at) + "'");
        }
        return new NetworkLayers(text, input, results).stack(written, scaled, outputs);
    }

    private List<Written> network(int depth) {
        if (depth > MAX_DEPTH) {
            throw error("brackets are at most " + MAX_DEPTH + " deep", "more");
        }
        var layers = new ArrayList<Written>();
        skipSpace();
        while (at < text.length() && Character.isLetter(text.charAt(at))) {
            layers.add(layer(depth));
            skipSpace();
        }
        return layers;
    }

    private Written layer(int depth) {
        int start = at;
        String name = word();
        var words = new ArrayList<String>();
        var networks = new ArrayList<List<Written>>();
        skipSpace();
        if (at < text.length() && text.charAt(at) == '(') {
            at++;
            if (NetworkLayers.takesNetworks(name)) {
                do {
                    networks.add(network(depth + 1));
                } while (accept('|'));
            } else if (!accept(')')) {
                do {
                    skipSpace();
                    words.add(argument());
                } while (accept(','));
                require();
                return new Written(start, name, List.copyOf(words), List.of());
            } else {
                return new Written(start, name, List.of(), List.of());
            }
            require();
        }
        return new Written(start, name, List.copyOf(words), List.copyOf(networks));
    }

    private void require() {
        if (!accept(')')) {
            throw error(
                    "brackets close with ')'",
                    at < text.length() ? "'" + text.charAt(at) + "'" : "the end of the text");
        }
    }

    private boolean accept(char wanted) {
        skipSpace();
        if (at < text.length() && text.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }

    /** A word, or a name and a value joined by '='. */
    private String argument() {
        String first = word();
        if (!accept('=')) {
            return first;
        }
        skipSpace();
        return first + "=" + word();
    }

    private String word() {
        int start = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || "._-".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        if (at == start) {
            throw error(
                    "a name or a number stands here",
                    at < text.length() ? "'" + text.charAt(at) + "'" : "the end of the text");
        }
        return text.substring(start, at);
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private InputException error(String rule, String got) {
        return error(text, at, rule, got);
    }

    static InputException error(String text, int at, String rule, String got) {
        int end = Math.min(text.length(), at + 20);
        return new InputException(
                "network, character " + (at + 1) + (at < text.length() ? " ('" + text.substring(at, end) + "')" : ""),
                rule,
                got,
                "docs/architectures.md lists the layers");
    }
}
