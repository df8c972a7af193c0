package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.util.Objects;

/**
 * A value that the session keeps from call to call, shared by name between the functions of a file.
 *
 * @param value what it is
 * @param next  the name of the value of the same function that replaces it after a call, "" when the function only reads it
 */
public record StateDef(ValueDef value, String next) {
    /** @throws FormatException when next is neither empty nor the name of a value */
    public StateDef {
        Objects.requireNonNull(value);
        Names.valueNameOrNone("state " + Names.quote(value.name()) + ", next", next);
    }
}
