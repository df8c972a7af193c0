package dev.rondo.tests.session;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where files lie that tests read. */
public final class Places {
    private Places() {}

    /** The folder of the repository. */
    public static Path root() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("docs/decisions"))) {
            root = root.getParent();
        }
        return root;
    }

    /** Something in the folder {@code shared} beside or in the repository; it may be absent. */
    public static Path shared(String path) {
        Path inside = root().resolve("shared");
        Path folder = Files.isDirectory(inside) ? inside : root().resolveSibling("shared");
        return folder.resolve(path);
    }
}
