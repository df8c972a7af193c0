package dev.rondo.tests.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.LayerGraph;
import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.LayerStack.Results;
import dev.rondo.architecture.NetworkInput;
import dev.rondo.architecture.NetworkText;
import dev.rondo.tests.session.Places;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The networks that docs/architectures.md shows are networks. */
class NotationDocumentTest {
    private static final String BEGIN = "# The notation of networks";
    private static final String END = "# Encoder-decoders";
    private static final Pattern EXAMPLE = Pattern.compile("\\| [^|]* \\| `((?:[^`|]|\\\\\\|)+)` \\|");

    private static String section() throws IOException {
        String document = Files.readString(Places.root().resolve("docs/architectures.md"));
        return document.substring(document.indexOf(BEGIN), document.indexOf(END));
    }

    static List<String> examples() throws IOException {
        return section()
                .lines()
                .map(EXAMPLE::matcher)
                .filter(m -> m.matches())
                .map(m -> m.group(1).replace("\\|", "|"))
                .toList();
    }

    private static LayerStack parse(String text) {
        if (text.contains("characters")) {
            return NetworkText.parse(text, new NetworkInput.Words(50, 20), Results.TAGS, 7);
        }
        if (text.startsWith("embedding")) {
            return NetworkText.parse(text, new NetworkInput.Tokens(50), Results.CLASSES, 7);
        }
        return NetworkText.parse(
                text, new NetworkInput.Vectors(text.startsWith("image") ? 28 * 28 : 3), Results.CLASSES, 2);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void examples(String text) {
        assertEquals(
                text.contains("characters"),
                new LayerGraph(parse(text)).sequence().output("tags").isPresent());
    }

    @Test
    void thereAreExamples() throws IOException {
        assertEquals(6, examples().size());
        parse(section()
                .lines()
                .filter(l -> l.startsWith("    --network '"))
                .map(l -> l.substring(l.indexOf('\'') + 1, l.lastIndexOf('\'')))
                .findFirst()
                .orElseThrow());
    }

    /** Layers with what they may be given besides sizes, each named in the document. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "embedding(4, dropout=0.1) lstm(3, dropout=0.2) elman(3, relu) elman(3, identity) pool(last)",
                "embedding(4) hyper(3, 2) multiplicative(5) conv(4, 3, causal) conv(4, 2, valid, dilation=2)"
                        + " pool(mean)",
                "embedding(4) conv(4, 3, stride=2) downsample(max, 2, stride=1) pool(attention, units=3)",
                "embedding(4) attention(heads=2) layernorm leaky_relu(0.01) elu(1) dropout(0.1, variational) pool(max,"
                        + " mean)",
                "linear(6) batchnorm highway(linear(6) gelu) repeat(3) gru(2) pool(last)",
                "image(28, 28, 1) conv2d(2, 3, valid, stride=2) residual(conv2d(3, 2)) pool2d(mean, all)",
            })
    void arguments(String text) throws IOException {
        assertTrue(new LayerGraph(parse(text)).sequence().output("probs").isPresent());
        String section = section();
        for (String name : text.replaceAll("[(,][^()]*\\)", " ").split("[^a-z_0-9]+")) {
            assertTrue(section.contains("`" + name) || section.contains("(" + name), name);
        }
    }
}
