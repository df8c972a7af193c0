package dev.rondo.error;

import java.util.Objects;

/**
 * What every part of Rondo throws for bad input. The message always has the form
 * {@code subject: rule; got VALUES; likely cause and remedy}.
 */
public abstract sealed class RondoException extends RuntimeException
        permits FormatException, ShapeException, StateException, InputException {
    private static final long serialVersionUID = 1L;

    private final String subject;
    private final String rule;
    private final String got;
    private final String remedy;

    /** The message names {@code place} (where the subject lies, "" when there is nothing to say) after the subject. */
    RondoException(String subject, String place, String rule, String got, String remedy, Throwable cause) {
        super(subject + place + ": " + rule + "; got " + got + "; " + remedy, cause);
        this.subject = Objects.requireNonNull(subject);
        this.rule = Objects.requireNonNull(rule);
        this.got = Objects.requireNonNull(got);
        this.remedy = Objects.requireNonNull(remedy);
    }

    /** What the error is about, for example {@code tensor 'lstm.w'}. */
    public final String subject() {
        return subject;
    }

    /** The rule that was broken, for example {@code offset must be a multiple of 64}. */
    public final String rule() {
        return rule;
    }

    /** The values that broke it. */
    public final String got() {
        return got;
    }

    /** The likely cause and what to do. */
    public final String remedy() {
        return remedy;
    }
}
