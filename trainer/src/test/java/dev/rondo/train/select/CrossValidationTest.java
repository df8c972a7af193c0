package dev.rondo.train.select;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.InputException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CrossValidationTest {
    @Test
    void eachThingIsHeldOutOnce() {
        Folds folds = Folds.random(23, 5, 1);
        int[] all = IntStream.range(0, 5)
                .flatMap(f -> Arrays.stream(folds.held(f)))
                .sorted()
                .toArray();
        assertArrayEquals(IntStream.range(0, 23).toArray(), all);
        for (int fold = 0; fold < 5; fold++) {
            int size = folds.held(fold).length;
            assertTrue(size == 4 || size == 5, size + " of 23 in 5");
            int[] together = IntStream.concat(Arrays.stream(folds.held(fold)), Arrays.stream(folds.training(fold)))
                    .sorted()
                    .toArray();
            assertArrayEquals(all, together);
        }
        assertEquals(folds, Folds.random(23, 5, 1));
        assertNotEquals(folds, Folds.random(23, 5, 2));
        assertFalse(Arrays.equals(new int[] {0, 5, 10, 15, 20}, folds.held(0)), "in a random order");
    }

    /** Classes of 50, 20 and 7 in 5 folds: 10, 4, and 1 or 2. */
    @Test
    void stratifiedFoldsHaveTheirShareOfEachClass() {
        int[] classes = new int[77];
        Arrays.fill(classes, 20, 70, 1);
        Arrays.fill(classes, 70, 77, 2);
        Folds folds = Folds.stratified(classes, 5, 9);
        for (int fold = 0; fold < 5; fold++) {
            int[] counts = new int[3];
            for (int thing : folds.held(fold)) {
                counts[classes[thing]]++;
            }
            assertEquals(4, counts[0]);
            assertEquals(10, counts[1]);
            assertTrue(counts[2] == 1 || counts[2] == 2, counts[2] + " of 7 in 5");
        }
    }

    @Test
    void meanAndDeviationAreThoseOfTheScores() throws IOException {
        double[] scores = {2, 4, 9};
        var seen = new boolean[3];
        CrossValidation found = CrossValidation.run(Folds.random(9, 3, 1), (fold, training, held) -> {
            assertEquals(6, training.length);
            assertEquals(3, held.length);
            seen[fold] = true;
            return scores[fold];
        });
        assertTrue(seen[0] && seen[1] && seen[2]);
        assertEquals(List.of(2.0, 4.0, 9.0), found.scores());
        assertEquals(5, found.mean());
        // (9 + 1 + 16) / 2
        assertEquals(Math.sqrt(13), found.deviation(), 1e-12);
    }

    @Test
    void thereAreTwoFoldsAtLeastAndNotMoreThanThings() {
        assertThrows(InputException.class, () -> Folds.random(9, 1, 1));
        assertThrows(InputException.class, () -> Folds.random(3, 4, 1));
        assertThrows(InputException.class, () -> Folds.random(0, 2, 1));
        assertThrows(InputException.class, () -> new Folds(2, new int[] {0, 2}));
    }
}
