package dev.rondo.train.lm;

import dev.rondo.error.InputException;
import dev.rondo.format.Segmentation;
import dev.rondo.format.TextPipeline;
import dev.rondo.text.Tokenizer;
import dev.rondo.train.data.Vocabulary;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The texts of a run as ids.
 *
 * @param pipeline    made of the training text
 * @param training    ids
 * @param validation  ids, after the begin token where the vocabulary has one: each but the first is predicted
 * @param fingerprint SHA-256 of both texts
 */
record Corpus(TextPipeline pipeline, int[] training, int[] validation, String fingerprint) {
    /**
     * Cuts off the validation text where there is none, makes the vocabulary, and encodes.
     *
     * @throws InputException when a text is empty
     */
    static Corpus of(LanguageModelSettings settings, Texts texts) {
        return of(settings, texts, Optional.empty());
    }

    /**
     * The same in a vocabulary that is there already.
     *
     * @param given of a model to go on with; one that knows begin and end of sentences reads a sentence a line
     * @throws InputException when a text is empty, or both the texts and a model bring a vocabulary
     */
    static Corpus of(LanguageModelSettings settings, Texts texts, Optional<TextPipeline> given) {
        if (given.isPresent() && texts.vocabulary().isPresent()) {
            throw new InputException(
                    "vocabulary", "is that of the model to begin with", "that of another model, too", "leave one out");
        }
        String training = texts.training();
        String validation = texts.validation().orElse("");
        if (texts.validation().isEmpty()) {
            int cut = cut(training, settings.validationShare());
            validation = training.substring(cut);
            training = training.substring(0, cut);
        }
        String words =
                texts.vocabulary().map(p -> String.join("\n", p.vocabulary())).orElse("");
        String fingerprint = fingerprint(training, validation + words);
        TextPipeline pipeline =
                given.or(() -> texts.vocabulary().map(Corpus::named)).orElse(null);
        if (pipeline == null) {
            pipeline = settings.unit() == Segmentation.WORDS
                    ? Vocabulary.words(training, settings.vocabularySize(), settings.minCount())
                    : Vocabulary.characters(training, validation, settings.vocabularySize(), settings.minCount());
        }
        Tokenizer tokenizer = Tokenizer.of(pipeline);
        boolean sentences = texts.vocabulary().isPresent()
                || given.filter(p -> p.special().begin() >= 0 && p.special().end() >= 0)
                        .isPresent();
        int[] ids = sentences ? sentences(tokenizer, validation) : tokenizer.encode(validation);
        int[] all = sentences ? sentences(tokenizer, training) : tokenizer.encode(training);
        int begin = pipeline.special().begin();
        int[] path = new int[ids.length + (begin < 0 ? 0 : 1)];
        if (begin >= 0) {
            path[0] = begin;
        }
        System.arraycopy(ids, 0, path, path.length - ids.length, ids.length);
        if (path.length < 2) {
            throw new InputException(
                    "validation text", "has a token to predict", ids.length + " tokens", "give a longer text");
        }
        return new Corpus(pipeline, all, path, fingerprint);
    }

    /** The vocabulary of a translator's target as that of a language model. */
    private static TextPipeline named(TextPipeline other) {
        if (other.special().begin() < 0 || other.special().end() < 0) {
            throw new InputException(
                    "vocabulary of another model",
                    "has begin and end of sentences",
                    other.special().toString(),
                    "take that of a translation model");
        }
        return new TextPipeline(
                "text",
                other.normalisation(),
                other.segmentation(),
                other.vocabulary(),
                other.merges(),
                other.special());
    }

    /** Lines that are not blank, each with its end, and a begin between: what comes first is a begin already. */
    private static int[] sentences(Tokenizer tokenizer, String text) {
        int begin = tokenizer.pipeline().special().begin();
        int end = tokenizer.pipeline().special().end();
        var ids = IntStream.builder();
        boolean first = true;
        for (String line : text.lines().toList()) {
            int[] words = tokenizer.encode(line);
            if (words.length == 0) {
                continue;
            }
            if (!first) {
                ids.add(begin);
            }
            first = false;
            for (int word : words) {
                ids.add(word);
            }
            ids.add(end);
        }
        return ids.build().toArray();
    }

    /** Where the validation text begins: as {@code rondo eval --last} cuts. */
    private static int cut(String text, double share) {
        var all = BigDecimal.valueOf(text.codePointCount(0, text.length()));
        var first = all.multiply(BigDecimal.ONE.subtract(BigDecimal.valueOf(share)));
        return text.offsetByCodePoints(0, first.setScale(0, RoundingMode.FLOOR).intValueExact());
    }

    private static String fingerprint(String training, String validation) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(training.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0xFF); // no byte of UTF-8
            digest.update(validation.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible); // every JDK has SHA-256
        }
    }
}
