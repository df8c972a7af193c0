package dev.rondo.error;

/** A value handed in by the caller (an option, a text, a token, a number) cannot be used. */
public final class InputException extends RondoException {
    private static final long serialVersionUID = 1L;

    /** The message becomes {@code subject: rule; got GOT; remedy}. */
    public InputException(String subject, String rule, String got, String remedy) {
        this(subject, rule, got, remedy, null);
    }

    /** The same with the exception that led to this one (may be null). */
    public InputException(String subject, String rule, String got, String remedy, Throwable cause) {
        super(subject, "", rule, got, remedy, cause);
    }
}
