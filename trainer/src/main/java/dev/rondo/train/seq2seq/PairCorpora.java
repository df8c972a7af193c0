package dev.rondo.train.seq2seq;

import dev.rondo.train.data.PairVocabulary;
import dev.rondo.train.data.ParallelCorpus;
import dev.rondo.train.data.ParallelText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The texts of a run as ids.
 *
 * @param pipelines   made of the training texts
 * @param validation  ids of all validation pairs, however long
 * @param references  the validation texts, to compare translations with
 * @param fingerprint SHA-256 of all texts
 */
record PairCorpora(
        PairVocabulary.Pipelines pipelines,
        ParallelCorpus training,
        ParallelCorpus validation,
        ParallelText references,
        String fingerprint) {
    static PairCorpora of(EncoderDecoderSettings settings, PairTexts texts) {
        ParallelText training = texts.training();
        PairVocabulary.Pipelines pipelines = settings.vocabulary().learn(training.sources(), training.targets());
        return new PairCorpora(
                pipelines,
                ParallelCorpus.of(training, pipelines, settings.maxLength()),
                ParallelCorpus.of(texts.validation(), pipelines, 0),
                texts.validation(),
                fingerprint(texts));
    }

    private static String fingerprint(PairTexts texts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (ParallelText text : List.of(texts.training(), texts.validation())) {
                for (List<String> side : List.of(text.sources(), text.targets())) {
                    for (String line : side) {
                        digest.update(line.getBytes(StandardCharsets.UTF_8));
                        digest.update((byte) '\n');
                    }
                    digest.update((byte) 0xFF); // no byte of UTF-8
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible); // every JDK has SHA-256
        }
    }
}
