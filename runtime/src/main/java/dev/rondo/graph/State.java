package dev.rondo.graph;

/**
 * A state of a function: a value that the session keeps from call to call, shared by name between the functions of a
 * model, zero at first.
 *
 * @param value what the function reads
 * @param next what replaces it when the call has succeeded; {@link Value#ABSENT} when the function only reads it
 */
public record State(Value value, Value next) {
    public boolean isReplaced() {
        return !next.isAbsent();
    }
}
