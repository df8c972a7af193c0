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
     * @param special    the tokens for unknown, begin, end and padding, in this order
     */
    record Vocabulary(
            Optional<List<String>> vocabulary,
            Segmentation segmentation,
            Normalisation normalisation,
            List<Optional<String>> special)
            implements TextConfig {}

    /** Reads the keys {@code vocabulary}, {@code segmentation}, {@code normalisation} and {@code ..._token}. */
    static TextConfig read(ConfigObject config) {
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
        Segmentation segmentation = switch (config.text("segmentation")) {
            case "characters" -> Segmentation.CHARACTERS;
            case "words" -> Segmentation.WORDS;
            case String other ->
                throw config.error(
                        "segmentation", "must be characters or words", StrictJson.quote(other), "check the spelling");
        };
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
        var special = List.of(
                config.optionalText("unknown_token"),
                config.optionalText("begin_token"),
                config.optionalText("end_token"),
                config.optionalText("padding_token"));
        Optional<List<String>> inline =
                config.has("vocabulary") ? Optional.of(config.texts("vocabulary")) : Optional.empty();
        return new Vocabulary(inline, segmentation, normalisation, special);
    }

    /**
     * The pipeline named "text" for the file.
     *
     * @param separate the vocabulary given beside the configuration
     * @param size     V of the weights
     * @return empty when the model has no vocabulary
     * @throws InputException  when the vocabulary is missing or given twice
     * @throws FormatException when its size or a special token does not fit
     */
    default Optional<TextPipeline> pipeline(Optional<List<String>> separate, int size) {
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
                yield Optional.of(build(v, separate.or(v::vocabulary).orElseThrow(), size));
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

    private static TextPipeline build(Vocabulary config, List<String> vocabulary, int size) {
        if (vocabulary.size() != size) {
            throw new FormatException(
                    "vocabulary",
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
                        "vocabulary",
                        "must hold the special tokens",
                        "no " + StrictJson.quote(token.get()),
                        "write the token as the vocabulary has it");
            }
        }
        return new TextPipeline(
                "text",
                config.normalisation(),
                config.segmentation(),
                vocabulary,
                List.of(),
                new SpecialIds(ids[0], ids[1], ids[2], ids[3]));
    }
}
