package dev.rondo.train.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DealTest {
    @Test
    void thingsAreDealtInTurn() {
        var deal = new Deal(5, 2);
        List<String> all = List.of("a", "b", "c", "d", "e");
        assertEquals(List.of("a", "c", "e"), deal.part(all, 0));
        assertEquals(List.of("b", "d"), deal.part(all, 1));
    }

    @Test
    void whatComesOfThemHasTheirOrder() {
        for (int count = 0; count < 8; count++) {
            for (int parts = 1; parts < 5; parts++) {
                var all = new ArrayList<Integer>();
                for (int i = 0; i < count; i++) {
                    all.add(i);
                }
                var deal = new Deal(count, parts);
                var results = new ArrayList<List<Integer>>();
                for (int part = 0; part < parts; part++) {
                    results.add(deal.part(all, part));
                }
                assertEquals(all, deal.whole(results));
            }
        }
    }
}
