package dev.rondo.sequence;

import dev.rondo.error.InputException;
import java.util.List;

/** What callers of a facade must not leave out. */
public final class Given {
    private Given() {}

    /**
     * The value itself.
     *
     * @throws InputException when it is null
     */
    public static <T> T given(String what, T value) {
        if (value == null) {
            throw new InputException(what, "is given", "null", "give one, perhaps an empty one");
        }
        return value;
    }

    /**
     * The list itself.
     *
     * @throws InputException when it, or something in it, is null
     */
    public static <T> List<T> all(String what, List<T> values) {
        given(what, values);
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) == null) {
                throw new InputException(what + ", number " + (i + 1), "is given", "null", "leave it out of the list");
            }
        }
        return values;
    }
}
