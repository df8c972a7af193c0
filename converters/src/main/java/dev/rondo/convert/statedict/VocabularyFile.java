package dev.rondo.convert.statedict;

import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.statedict.TextConfig.Separate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The vocabularies of a translation in a file of their own: a JSON list of tokens for both sides, or an object with the keys
 * {@code source} and {@code target}, each an object with {@code vocabulary} and, of byte pairs, {@code merges}.
 */
record VocabularyFile(Optional<Separate> source, Optional<Separate> target) {
    static Optional<VocabularyFile> read(Optional<Path> file) throws IOException {
        if (file.isEmpty()) {
            return Optional.empty();
        }
        if (!ConfigObject.isObject(file.get())) {
            var both = Optional.of(new Separate(ConfigObject.readTexts(file.get(), "vocabulary"), List.of()));
            return Optional.of(new VocabularyFile(both, both));
        }
        ConfigObject sides = ConfigObject.read(file.get());
        var read = new VocabularyFile(side(sides, "source"), side(sides, "target"));
        sides.done();
        return Optional.of(read);
    }

    private static Optional<Separate> side(ConfigObject sides, String key) {
        if (!sides.has(key)) {
            return Optional.empty();
        }
        ConfigObject side = sides.object(key);
        var read = new Separate(side.texts("vocabulary"), side.has("merges") ? side.texts("merges") : List.of());
        side.done();
        return Optional.of(read);
    }
}
