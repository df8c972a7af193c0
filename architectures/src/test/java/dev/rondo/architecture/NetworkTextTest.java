package dev.rondo.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is no network is refused at its place, before a function is built of it. */
class NetworkTextTest {
    private static final NetworkInput WORDS = new NetworkInput.Tokens(50);
    private static final NetworkInput NUMBERS = new NetworkInput.Vectors(4);

    private static void refused(String text, String part, Runnable action) {
        InputException error = assertThrows(InputException.class, action::run, text);
        assertTrue(error.getMessage().contains(part), () -> part + " in " + error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "embedding(8) conv(3, 513) pool(max); a window is 1 to 512 long; got 513",
                "embedding(8) downsample(max, 513) pool(max); a window is 1 to 512 long; got 513",
                "embedding(8) conv(3, 3, causal, valid) pool(max); causal or valid",
                "embedding(8) conv(3, 3, stride=2, stride=3) pool(max); stride= twice",
                "embedding(8) lstm(3, bidirectional, bidirectional) pool(max); bidirectional twice",
                "embedding(8) dropout(0.9999999999) pool(max); below 1; got 0.9999999999",
                "embedding(8) pool(max, units=3); units= belongs to pool(attention)",
                "embedding(8) parallel() pool(max); an empty branch",
                "embedding(8) parallel(linear(2) | ) pool(max); an empty branch",
                "embedding(8) residual() pool(max); holds one network; got none"
            })
    void layersOfTexts(String text, String part) {
        refused(text, part, () -> NetworkText.parse(text, WORDS, LayerStack.Results.CLASSES, 2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "image(2, 2) conv2d(3, 257) flatten; a window is 1 to 256 long; got 257",
                "image(2, 2) pool2d(max, 300) flatten; a window is 1 to 256 long; got 300",
                "image(2, 2) dropout(0.5, variational) flatten; steps of a sequence; got an image",
                "linear(1048576) image(1024, 1024) conv2d(1048576, 1) flatten; at most 67108864 numbers",
                "linear(1048576) repeat(2) pool(max, max, max, max, max, max, max, max) repeat(2)"
                        + " pool(max, max, max, max, max, max, max, max, mean); at most 67108864 numbers"
            })
    void layersOfNumbers(String text, String part) {
        refused(text, part, () -> NetworkText.parse(text, NUMBERS, LayerStack.Results.VALUES, 1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "embedding(8) parallel(conv(2, 3, valid) | linear(2)) pool(max); T-2 and T",
                "embedding(8) residual(conv(8, 3, stride=2)) pool(max); (T+1)/2",
                "embedding(8) highway(conv(8, 3, valid)) pool(max); T and T-2"
            })
    void partsOfOtherLengths(String text, String part) {
        LayerStack stack = NetworkText.parse(text, WORDS, LayerStack.Results.CLASSES, 2);
        refused(text, part, () -> new LayerGraph(stack).training(new Objective.CrossEntropy(0)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"embedding(8) conv(3, 3, valid); T-2 steps", "embedding(8) downsample(max, 2); T/2 steps"})
    void tagsWantAsManySteps(String text, String part) {
        LayerStack stack = NetworkText.parse(text, WORDS, LayerStack.Results.TAGS, 2);
        refused(text, part, () -> new LayerGraph(stack).training(new Objective.CrossEntropy(0)));
    }

    @Test
    void whatIsNearlyTooLargeIsTaken() {
        LayerStack stack = NetworkText.parse(
                "embedding(8) conv(3, 512) parallel(identity | linear(2)) dropout(0.99) pool(max, attention, units=3)",
                WORDS,
                LayerStack.Results.CLASSES,
                2);
        assertEquals(6, stack.layers().size());
    }
}
