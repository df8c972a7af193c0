package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes a file whole or not at all: to a temporary file beside the target, which then takes its place by renaming.
 * Whoever opens the path sees the old file or the new one. Nothing stays behind when writing fails, nor when a signal
 * ends the JVM.
 */
public final class AtomicFile {
    private AtomicFile() {}

    /** Makes the content. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes the file that is to take the target's place.
         *
         * @return whether it may; when not, the target stays as it was
         */
        boolean write(Path temporary) throws IOException;
    }

    /**
     * Writes a file.
     *
     * @param target a symbolic link stays one, and the file that it names is replaced
     * @return whether the target was replaced
     * @throws FormatException when the content breaks a rule of its format
     * @throws IOException     when the target is no regular file, or cannot be written or renamed; it names the target
     */
    public static boolean write(Path target, Content content) throws IOException {
        Path place = Files.isSymbolicLink(target) && Files.exists(target) ? target.toRealPath() : target;
        if (Files.exists(place) && !Files.isRegularFile(place)) {
            // Renaming over a device such as /dev/null would take it away from everybody.
            throw new FileSystemException(
                    target.toString(), null, Files.isDirectory(place) ? "a directory" : "a device or pipe");
        }
        place = place.toAbsolutePath();
        // Short, so that every name that is possible for the target is possible.
        Path temporary = place.resolveSibling("." + UUID.randomUUID() + ".tmp");
        Thread cleaning = new Thread(() -> delete(temporary), "delete unfinished file");
        addHook(cleaning);
        try {
            boolean wanted = content.write(temporary);
            if (wanted) {
                Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                forceDirectory(place.getParent());
            }
            return wanted;
        } catch (FormatException e) {
            throw e.file().equals(temporary.toString())
                    ? new FormatException(
                            target.toString(), e.offset(), e.subject(), e.rule(), e.got(), e.remedy(), e.getCause())
                    : e;
        } catch (FileSystemException e) {
            throw temporary.toString().equals(e.getFile()) ? about(target, e) : e;
        } catch (IOException e) {
            throw named(target, e);
        } finally {
            Files.deleteIfExists(temporary);
            removeHook(cleaning);
        }
    }

    /** The same failure, of the file that the user named. */
    private static FileSystemException about(Path target, FileSystemException e) {
        FileSystemException renamed = switch (e) {
            case NoSuchFileException _ ->
                new NoSuchFileException(String.valueOf(target.toAbsolutePath().getParent()));
            case AccessDeniedException _ -> new AccessDeniedException(target.toString());
            default -> new FileSystemException(target.toString(), null, e.getReason());
        };
        renamed.initCause(e);
        return renamed;
    }

    /** A full disk says no name; but what was being written is the target. */
    private static FileSystemException named(Path target, IOException e) {
        FileSystemException named = new FileSystemException(target.toString(), null, e.getMessage());
        named.initCause(e);
        return named;
    }

    private static void delete(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException ignored) {
            // The JVM ends; there is nobody left to tell.
        }
    }

    private static void addHook(Thread cleaning) {
        try {
            Runtime.getRuntime().addShutdownHook(cleaning);
        } catch (IllegalStateException ignored) {
            // Whoever writes while the JVM ends deletes it in finally, if there is time.
        }
    }

    private static void removeHook(Thread cleaning) {
        try {
            Runtime.getRuntime().removeShutdownHook(cleaning);
        } catch (IllegalStateException ignored) {
            // It runs, or has run.
        }
    }

    /** Makes the rename last through a power cut, where the system can do that. */
    private static void forceDirectory(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException ignored) {
            // The file itself is complete and on the disk; some systems cannot open directories.
        }
    }
}
