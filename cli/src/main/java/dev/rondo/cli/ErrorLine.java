package dev.rondo.cli;

import dev.rondo.error.RondoException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;

/** What a failure looks like to the user: one line, {@code rondo: subject: rule; got ...; remedy}, and an exit code. */
final class ErrorLine {
    /** Characters of a line at most, more or less: names from a file may be many. */
    private static final int LONGEST = 2000;

    private ErrorLine() {}

    /** Prints the line, and below it the stack trace when debugging. */
    static int print(Throwable failure, boolean debug, PrintWriter err) {
        if (failure instanceof StandardOutput.Failure output && output.isClosedPipe()) {
            return Main.DONE;
        }
        write(err, message(failure));
        if (debug) {
            failure.printStackTrace(err);
        }
        return isInput(failure) ? Main.BAD_INPUT : Main.FAILURE;
    }

    static void write(PrintWriter err, String message) {
        err.println("rondo: " + onOneLine(message));
        err.flush();
    }

    /** The text with what cannot be seen escaped; of a very long one the beginning and the end, with the remedy. */
    static String onOneLine(String text) {
        var line = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.SURROGATE,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR ->
                    line.append(c == '\n' ? "\\n" : String.format(Locale.ROOT, "\\u%04X", c));
                default -> line.appendCodePoint(c);
            }
        });
        if (line.length() > LONGEST) {
            int from = line.offsetByCodePoints(0, LONGEST / 2);
            int to = line.offsetByCodePoints(line.length(), -LONGEST / 4);
            line.replace(from, Math.max(from, to), " [...] ");
        }
        return line.toString();
    }

    private static boolean isInput(Throwable failure) {
        return failure instanceof RondoException
                || failure instanceof IOException
                || failure instanceof OutOfMemoryError
                || failure instanceof StandardOutput.Failure;
    }

    private static String message(Throwable failure) {
        return switch (failure) {
            case RondoException wrong -> wrong.getMessage();
            case NoSuchFileException missing ->
                missing.getFile() + ": must exist; got no such file or folder; check the path";
            case AccessDeniedException denied ->
                denied.getFile() + ": must be open to this user; got access denied; change its permissions";
            case FileSystemException file ->
                file.getFile() + ": must be readable or writable; got "
                        + (file.getReason() == null ? file.getClass().getSimpleName() : file.getReason())
                        + "; check the path and the room on the disk";
            case IOException io ->
                "input or output: must succeed; got " + io.getMessage() + "; check the disk and try again";
            case StandardOutput.Failure output ->
                "standard output: must take what is written; got " + output.getMessage() + "; make room";
            case OutOfMemoryError memory ->
                "memory: must suffice; got " + memory.getMessage()
                        + "; give less at once, or raise it: JDK_JAVA_OPTIONS=-Xmx4g";
            default -> "internal failure: must not happen; got " + failure + "; run again with --debug and report it";
        };
    }
}
