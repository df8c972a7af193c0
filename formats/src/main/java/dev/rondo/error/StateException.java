package dev.rondo.error;

/** An object was used at the wrong time: closed, owned by another thread, or holding the state of another model. */
public final class StateException extends RondoException {
    private static final long serialVersionUID = 1L;

    /** The message becomes {@code subject: rule; got GOT; remedy}. */
    public StateException(String subject, String rule, String got, String remedy) {
        this(subject, rule, got, remedy, null);
    }

    /** The same with the exception that led to this one (may be null). */
    public StateException(String subject, String rule, String got, String remedy, Throwable cause) {
        super(subject, "", rule, got, remedy, cause);
    }
}
