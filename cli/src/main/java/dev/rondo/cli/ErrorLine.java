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

    /** The text with control characters escaped. */
    static String onOneLine(String text) {
        var line = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c)) {
                line.append(c == '\n' ? "\\n" : String.format(Locale.ROOT, "\\u%04X", c));
            } else {
                line.appendCodePoint(c);
            }
        });
        return line.toString();
    }

    private static boolean isInput(Throwable failure) {
        return failure instanceof RondoException
                || failure instanceof IOException
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
                file.getFile() + ": must be readable or writable; got " + file.getReason() + "; check the path";
            case IOException io ->
                "input or output: must succeed; got " + io.getMessage() + "; check the disk and try again";
            case StandardOutput.Failure output ->
                "standard output: must take what is written; got " + output.getMessage() + "; make room";
            case OutOfMemoryError memory ->
                "memory: must suffice; got " + memory.getMessage() + "; raise the heap, for example -Xmx4g";
            default -> "internal failure: must not happen; got " + failure + "; run again with --debug and report it";
        };
    }
}
