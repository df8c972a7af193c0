package dev.rondo.train.data;

import java.util.ArrayList;
import java.util.List;

/**
 * Things dealt out in turn: part p of n gets those at p, p + n, p + 2n and so on. A part's things so are alike those of the others,
 * also where the things are sorted.
 *
 * @param count things
 * @param parts into which they go
 */
public record Deal(int count, int parts) {
    /** The things of a part. */
    public <T> List<T> part(List<T> all, int part) {
        var mine = new ArrayList<T>();
        for (int i = part; i < count; i += parts) {
            mine.add(all.get(i));
        }
        return mine;
    }

    /** What came of each part's things, in the order of all things. */
    public <T> List<T> whole(List<List<T>> results) {
        var all = new ArrayList<T>(count);
        for (int i = 0; i < count; i++) {
            all.add(results.get(i % parts).get(i / parts));
        }
        return all;
    }
}
