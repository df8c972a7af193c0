package dev.rondo.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.LayerStack.Results;
import dev.rondo.architecture.NetworkInput;
import dev.rondo.architecture.NetworkText;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That taggers and classifiers of all contenders are the same; ONNX Runtime is the judge of ours, faces included. */
class LayersTest {
    private static final NetworkInput WORDS = LayeredNetwork.WORD_TAGGER.input();
    private static final NetworkInput TOKENS = LayeredNetwork.CONVOLUTION.input();
    private static final NetworkInput NAMES = LayeredNetwork.NAMES.input();

    /** Embeddings that fold and others; outputs that fill panels and others. */
    static List<LayeredNetwork> small() {
        return List.of(
                tagger("embedding(9) lstm(7, bidirectional)", 0),
                tagger(
                        "embedding(5) characters(embedding(6) lstm(5, bidirectional) pool(ends)) gru(8, bidirectional)",
                        6),
                classifier(
                        "embedding(10) parallel(conv(20, 3) relu pool(max) | conv(16, 4) relu pool(mean, max))",
                        TOKENS),
                classifier("embedding(6) conv(5, 5) relu gru(20, bidirectional) pool(mean, max)", NAMES),
                classifier("embedding(6) gru(20, bidirectional) pool(mean, max)", NAMES));
    }

    private static LayeredNetwork tagger(String network, int letters) {
        return new LayeredNetwork("tagger", network, WORDS, Results.TAGS, 4, 5, letters);
    }

    private static LayeredNetwork classifier(String network, NetworkInput input) {
        return new LayeredNetwork("classifier", network, input, Results.CLASSES, 3, 6, 0);
    }

    @ParameterizedTest
    @MethodSource("small")
    void allContendersGiveTheSameAnswers(LayeredNetwork network) throws IOException {
        double[] errors = Layers.agreement(network);
        assertTrue(errors[0] < 1e-5, "f32: " + errors[0]);
        assertTrue(errors[1] > errors[0], "bf16 rounds: " + errors[1]);
    }

    @Test
    void whatIsMeasuredIsANetwork() {
        for (LayeredNetwork network : LayeredNetwork.ALL) {
            assertEquals(
                    network.outputs(),
                    NetworkText.parse(network.network(), network.input(), network.results(), network.outputs())
                            .outputSize());
            assertEquals(network.steps(), network.texts().getFirst().size());
        }
    }
}
