package dev.rondo.cli;

import dev.rondo.error.InputException;
import dev.rondo.format.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;

/** Files that long work will write: whether it can is found out before it begins. */
final class OutputFile {
    private OutputFile() {}

    /**
     * Checks that a file can be written, without writing it: a new file beside it is made and deleted.
     *
     * @param option that names the file
     * @param others files that it must not be
     */
    static void check(String option, Path file, Collection<Path> others) throws IOException {
        for (Path other : others) {
            if (isSame(file, other)) {
                throw new InputException(
                        option, "must be another file than " + other, file.toString(), "name another file");
            }
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(file)) {
            throw new InputException(
                    option, "must be a file in a folder that exists", file.toString(), "make the folder first");
        }
        try {
            // Finds out whether the name is possible.
            Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException ignored) {
            // A new file.
        }
        AtomicFile.write(file, fresh -> {
            Files.createFile(fresh);
            return false;
        });
    }

    /** The file with the ending replaced. */
    static Path sibling(Path file, String ending) {
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.');
        return file.resolveSibling((dot > 0 ? name.substring(0, dot) : name) + ending);
    }

    private static boolean isSame(Path a, Path b) throws IOException {
        return a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize())
                || Files.exists(a) && Files.exists(b) && Files.isSameFile(a, b);
    }
}
