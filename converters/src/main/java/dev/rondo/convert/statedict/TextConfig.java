package dev.rondo.convert.statedict;

import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How text becomes token ids. */
sealed interface TextConfig {
    /** The model takes and gives ids only. */
    record None() implements TextConfig {}

    /**
     * A vocabulary.
     *
     * @param vocabulary in the configuration; empty when it comes as a file of its own
     * @param merges     of byte pairs, in the configuration; empty when they come with the vocabulary
     * @param special    the tokens for unknown, begin, end and padding, in this order
     */
    record Vocabulary(
            Optional<List<String>> vocabulary,
            List<String> merges,
            Segmentation segmentation,
            Normalisation normalisation,
            List<Optional<String>> special)
            implements TextConfig {
        private static final List<String> SPECIAL =
                List.of("unknown_token", "begin_token", "end_token", "padding_token");

        /** Whether the token of that key is given. */
        boolean has(String key) {
            return special.get(SPECIAL.indexOf(key)).isPresent();
        }
    }

    /**
     * What a file beside the configuration holds.
     *
     * @param merges of byte pairs; empty for none
     */
    record Separate(List<String> vocabulary, List<String> merges) {}

    /** Reads the keys {@code vocabulary}, {@code segmentation}, {@code normalisation} and {@code ..._token}. */
    static TextConfig read(ConfigObject config) {
        return read(config, Optional.empty());
    }

    /** The same for the characters of words; how they are cut is not said. */
    static TextConfig characters(ConfigObject config) {
        return read(config, Optional.of(Segmentation.CHARACTERS));
    }

    private static TextConfig read(ConfigObject config, Optional<Segmentation> cut) {
        if (config.isText("vocabulary")) {
            if (!config.text("vocabulary").equals("none")) {
                throw config.error(
                        "vocabulary",
                        "must be a list of tokens, or \"none\"",
                        StrictJson.quote(config.text("vocabulary")),
                        "a vocabulary in a file of its own is given beside the configuration");
            }
            return new None();
        }
        Segmentation segmentation = cut.orElseGet(() -> segmentation(config));
        String name = config.optionalText("normalisation").orElse("none");
        Normalisation normalisation = null;
        for (Normalisation known : Normalisation.values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(name)) {
                normalisation = known;
            }
        }
        if (normalisation == null) {
            throw config.error(
                    "normalisation",
                    "must be one of "
                            + List.of(Normalisation.values()).toString().toLowerCase(Locale.ROOT),
                    StrictJson.quote(name),
                    "check the spelling");
        }
        List<Optional<String>> special =
                Vocabulary.SPECIAL.stream().map(config::optionalText).toList();
        List<String> merges =
                segmentation == Segmentation.BYTE_PAIRS && config.has("merges") ? config.texts("merges") : List.of();
        Optional<List<String>> inline =
                config.has("vocabulary") ? Optional.of(config.texts("vocabulary")) : Optional.empty();
        return new Vocabulary(inline, merges, segmentation, normalisation, special);
    }

    private static Segmentation segmentation(ConfigObject config) {
        return switch (config.text("segmentation")) {
            case "characters" -> Segmentation.CHARACTERS;
            case "words" -> Segmentation.WORDS;
            case "byte_pairs" -> Segmentation.BYTE_PAIRS;
            case String other ->
                throw config.error(
                        "segmentation",
                        "must be characters, words or byte_pairs",
                        StrictJson.quote(other),
                        "check the spelling");
        };
    }

    /**
     * The pipeline for the file.
     *
     * @param name     in the file
     * @param separate the vocabulary given beside the configuration
     * @param size     V of the weights
     * @return empty when the model has no vocabulary
     * @throws InputException  when the vocabulary is missing or given twice
     * @throws FormatException when its size or a special token does not fit
     */
    default Optional<TextPipeline> pipeline(String name, Optional<Separate> separate, int size) {
        return switch (this) {
            case None() -> {
                if (separate.isPresent()) {
                    throw given("none in the configuration, and one beside it");
                }
                yield Optional.empty();
            }
            case Vocabulary v -> {
                if (v.vocabulary().isPresent() == separate.isPresent()) {
                    throw given(separate.isPresent() ? "both" : "neither");
                }
                var given = separate.orElseGet(() -> new Separate(v.vocabulary().orElseThrow(), List.of()));
                yield Optional.of(build(name, v, given, size));
            }
        };
    }

    private static InputException given(String got) {
        return new InputException(
                "vocabulary",
                "must be given once, in the configuration or as a file",
                got,
                "for a model without text write \"vocabulary\": \"none\"");
    }

    private static TextPipeline build(String name, Vocabulary config, Separate given, int size) {
        List<String> vocabulary = given.vocabulary();
        boolean pairs = config.segmentation() == Segmentation.BYTE_PAIRS;
        if (pairs && config.merges().isEmpty() == given.merges().isEmpty()) {
            throw new InputException(
                    "merges of " + name,
                    "must be given once, in the configuration or with the vocabulary",
                    given.merges().isEmpty() ? "neither" : "both",
                    "list them from the first to the last that was learned");
        }
        if (vocabulary.size() != size) {
            throw new FormatException(
                    "vocabulary of " + name,
                    "must have as many tokens as the weights have rows, " + size,
                    vocabulary.size() + " tokens",
                    "is it the vocabulary of this model?");
        }
        int[] ids = new int[config.special().size()];
        for (int i = 0; i < ids.length; i++) {
            Optional<String> token = config.special().get(i);
            ids[i] = token.map(vocabulary::indexOf).orElse(-1);
            if (token.isPresent() && ids[i] < 0) {
                throw new FormatException(
                        "vocabulary of " + name,
                        "must hold the special tokens",
                        "no " + StrictJson.quote(token.get()),
                        "write the token as the vocabulary has it");
            }
        }
        return new TextPipeline(
                name,
                config.normalisation(),
                config.segmentation(),
                vocabulary,
                given.merges().isEmpty() ? config.merges() : given.merges(),
                new SpecialIds(ids[0], ids[1], ids[2], ids[3]));
    }
}
