package dev.rondo.graph;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The four models the language was designed on, under docs/decisions/graphs. */
enum DesignModels {
    LANGUAGE_MODEL("language-model"),
    VOICE_ACTIVITY("voice-activity"),
    ATTENTION_DECODER("attention-decoder"),
    TAGGER_CRF("tagger-crf");

    private final String file;

    DesignModels(String file) {
        this.file = file;
    }

    String text() {
        Path root = Path.of("").toAbsolutePath();
        while (root != null && !Files.isDirectory(root.resolve("docs/decisions/graphs"))) {
            root = root.getParent();
        }
        try {
            return Files.readString(root.resolve("docs/decisions/graphs/" + file + ".graph"));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    List<Function> functions() {
        return GraphTextParser.parse(text());
    }

    Function function(String name) {
        return functions().stream()
                .filter(f -> f.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
