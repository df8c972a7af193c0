package dev.rondo.error;

/** A shape, rank, element type or capacity does not fit. */
public final class ShapeException extends RondoException {
    private static final long serialVersionUID = 1L;

    /** The message becomes {@code subject: rule; got GOT; remedy}. */
    public ShapeException(String subject, String rule, String got, String remedy) {
        this(subject, rule, got, remedy, null);
    }

    /** The same with the exception that led to this one (may be null). */
    public ShapeException(String subject, String rule, String got, String remedy, Throwable cause) {
        super(subject, "", rule, got, remedy, cause);
    }
}
