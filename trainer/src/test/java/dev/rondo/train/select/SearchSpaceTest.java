package dev.rondo.train.select;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SearchSpaceTest {
    @Test
    void declarationsAreRead() {
        var space = SearchSpace.parse(List.of(
                "hidden=32..256 log int", "dropout = 0..0.6", "rate=1e-4..1e-1 log levels 4", "cell=lstm, gru"));
        assertEquals(
                List.of(
                        new Dimension.Range("hidden", 32, 256, true, true, 3),
                        new Dimension.Range("dropout", 0, 0.6, false, false, 3),
                        new Dimension.Range("rate", 1e-4, 1e-1, true, false, 4),
                        new Dimension.Choice("cell", List.of("lstm", "gru"))),
                space.dimensions());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hidden",
                "=1..2",
                "2x=1..2",
                "x=",
                "x=a,,b",
                "x=a,a",
                "x=a\tb",
                "x=2..1",
                "x=1..1",
                "x=0..1 log",
                "x=0..1.5 int",
                "x=1..2 logarithmic",
                "x=a..b",
                "x=1..NaN",
                "x=1..Infinity",
                "x=1..2 levels 1",
                "x=1..1e300 int"
            })
    void whatIsNoDeclarationIsRefused(String text) {
        assertThrows(InputException.class, () -> SearchSpace.parse(List.of(text)));
    }

    @Test
    void aNameIsDeclaredOnce() {
        assertThrows(InputException.class, () -> SearchSpace.parse(List.of("x=1..2", "x=3,4")));
        assertThrows(InputException.class, () -> SearchSpace.parse(List.of()));
    }

    /** Each whole number, the ends included, has as much of the unit interval as any other. */
    @Test
    void positionsAreFair() {
        Dimension whole = Dimension.parse("n=1..4 int");
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            counts.merge(whole.at(i / 1000.0), 1, Integer::sum);
        }
        assertEquals(Map.of("1", 250, "2", 250, "3", 250, "4", 250), counts);
        // The middle of the logarithms is the geometric mean.
        assertEquals("0.01", Dimension.parse("rate=1e-4..1 log").at(0.5));
        assertEquals("gru", Dimension.parse("cell=lstm,gru,elman").at(0.5));
        assertEquals("elman", Dimension.parse("cell=lstm,gru,elman").at(Math.nextDown(1.0)));
    }

    @Test
    void aPositionLeadsBackToItsValue() {
        for (String text : List.of("n=-3..90 int", "n=1..1000 log int", "x=-1..3", "x=1e-6..10 log", "c=a,b,c")) {
            Dimension dimension = Dimension.parse(text);
            for (int i = 0; i < 500; i++) {
                String value = dimension.at(i / 500.0);
                double there = dimension.position(value);
                assertEquals(value, dimension.at(Math.min(there, Math.nextDown(1.0))), text);
            }
            assertThrows(InputException.class, () -> dimension.position("4711"));
        }
    }

    @Test
    void aGridIsAllCombinationsOfLevels() throws Exception {
        var space = SearchSpace.parse(List.of("rate=0.001..0.1 log", "layers=1..2 int levels 5", "cell=lstm,gru"));
        var tried = new ArrayList<List<String>>();
        var search = new Search(space, new Strategy.Grid(), 100, 1);
        search.run((_, values) -> {
            tried.add(List.copyOf(values.values()));
            return Optional.of(Trial.Outcome.of(0, 0));
        });
        assertEquals(3 * 2 * 2, tried.size());
        assertEquals(tried.size(), search.size());
        assertEquals(5, new Search(space, new Strategy.Grid(), 5, 1).size());
        assertEquals(tried.size(), tried.stream().distinct().count());
        assertEquals(List.of("0.001", "1", "lstm"), tried.getFirst());
        assertEquals(List.of("0.001", "1", "gru"), tried.get(1));
        assertEquals(List.of("0.1", "2", "gru"), tried.getLast());
        assertTrue(tried.contains(List.of("0.01", "2", "lstm")));
    }
}
