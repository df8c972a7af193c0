package dev.rondo.error;

import java.util.Objects;

/**
 * A file, or what is to be written into one, breaks a rule of its format. Names the file and the byte offset of the
 * place that broke the rule, where they are known.
 */
public final class FormatException extends RondoException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;

    /** The message becomes {@code subject: rule; got GOT; remedy}. File and offset are unknown. */
    public FormatException(String subject, String rule, String got, String remedy) {
        this("", -1, subject, rule, got, remedy, null);
    }

    /** The same with the exception that led to this one (may be null). */
    public FormatException(String subject, String rule, String got, String remedy, Throwable cause) {
        this("", -1, subject, rule, got, remedy, cause);
    }

    /**
     * The message becomes {@code subject (FILE, byte OFFSET): rule; got GOT; remedy}.
     *
     * @param file   the file, "" when unknown
     * @param offset bytes from the beginning of the file, -1 when unknown
     * @param cause  the exception that led to this one, may be null
     */
    public FormatException(
            String file, long offset, String subject, String rule, String got, String remedy, Throwable cause) {
        super(subject, place(file, offset), rule, got, remedy, cause);
        this.file = Objects.requireNonNull(file);
        this.offset = offset;
    }

    /** The file, "" when unknown. */
    public String file() {
        return file;
    }

    /** Bytes from the beginning of the file, -1 when unknown. */
    public long offset() {
        return offset;
    }

    /** The same error with file and offset filled in where they were unknown. The stack trace is this one's. */
    public FormatException at(String knownFile, long knownOffset) {
        String newFile = file.isEmpty() ? knownFile : file;
        long newOffset = offset < 0 ? knownOffset : offset;
        return moved(new FormatException(newFile, newOffset, subject(), rule(), got(), remedy(), getCause()));
    }

    /** The same error with what encloses its subject named first, for example {@code function 'step', node 3}. */
    public FormatException within(String outer) {
        return moved(new FormatException(file, offset, outer + ", " + subject(), rule(), got(), remedy(), getCause()));
    }

    private FormatException moved(FormatException copy) {
        copy.setStackTrace(getStackTrace());
        return copy;
    }

    private static String place(String file, long offset) {
        String at = offset < 0 ? "" : "byte " + offset;
        if (file.isEmpty() && at.isEmpty()) {
            return "";
        }
        return " (" + file + (file.isEmpty() || at.isEmpty() ? "" : ", ") + at + ")";
    }
}
