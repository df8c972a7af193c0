package dev.rondo.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The beam finds the words in the order of their probabilities. */
class SearchStepsTest {
    @Test
    void findsTheWordsInTheirOrder() {
        List<String> words = List.of("the", "then", "they", "to", "tea");
        assertEquals(words, SearchSteps.best(words, 5));
        assertEquals(List.of("b", "a"), SearchSteps.best(List.of("b", "a"), 2));
    }
}
