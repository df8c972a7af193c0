package dev.rondo.train.seq2seq;

import dev.rondo.architecture.seq2seq.Regularisation;
import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.train.Clipping;
import dev.rondo.train.LearningRate;
import dev.rondo.train.Optimizer;
import dev.rondo.train.Penalty;
import dev.rondo.train.Schedule;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.data.PairVocabulary;
import dev.rondo.train.rule.Settings;
import java.util.List;

/**
 * All that decides an encoder-decoder's training beside its texts. Made by a {@link #builder}.
 *
 * @param vocabulary     how texts become ids
 * @param maxLength      training pairs with more tokens on a side are left out; 0 for no limit
 * @param network        what is trained
 * @param regularisation while training
 * @param sampling       what the decoder reads in training
 * @param batchSize      pairs of a step
 * @param encoding       of the matrices in the file
 * @param validation     how it is judged
 * @param training       the rest
 */
public record EncoderDecoderSettings(
        PairVocabulary vocabulary,
        int maxLength,
        NetworkSettings network,
        Regularisation regularisation,
        ScheduledSampling sampling,
        int batchSize,
        Encoding encoding,
        ValidationSettings validation,
        TrainingSettings training) {
    private static final int MAX_BATCH = 1 << 14;

    /** Of the defaults, which suit tens of thousands of pairs of sentences. */
    private static final int MERGES = 8000;

    /** @throws InputException when a value is out of range, or values do not fit each other */
    public EncoderDecoderSettings {
        Settings.require(maxLength >= 0, "longest pair", "is 0 for no limit, or more", maxLength);
        Settings.require(batchSize >= 1 && batchSize <= MAX_BATCH, "batch size", "is 1 to " + MAX_BATCH, batchSize);
        Settings.require(
                batchSize >= training.shards(),
                "batch size",
                "is at least the number of shards, " + training.shards(),
                batchSize);
        Settings.require(
                encoding.elementType() == ElementType.F32, "encoding", "is f32, f16, bf16 or int8", encoding.text());
        NetworkRules.check(network);
        Settings.require(
                network.sharesVocabulary() == vocabulary.shared(),
                "shared vocabulary",
                "is true if and only if all tables are tied, tokens are copied, or there is no encoder",
                vocabulary.shared());
        Settings.require(
                network.output().kind() != OutputSettings.Kind.COPY || regularisation.smoothing() == 0,
                "label smoothing",
                "is 0 where tokens are only copied",
                regularisation.smoothing());
        Settings.require(
                regularisation.between() == 0 || network.isStacked(),
                "dropout between layers",
                "is 0 with one layer on each side",
                regularisation.between());
        Settings.require(
                regularisation.memory() == 0 || !network.isDecoderOnly(),
                "dropout of the memory",
                "is 0 without an encoder, whose memory it would drop",
                regularisation.memory());
    }

    /** Settings that suit tens of thousands of pairs of sentences; each can be changed. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects settings. */
    public static final class Builder {
        private PairVocabulary vocabulary = PairVocabulary.bytePairs(MERGES, 1);
        private int maxLength = 100;
        private NetworkSettings network = NetworkSettings.builder().build();
        private Regularisation regularisation = new Regularisation(0.3, 0, 0.5, 0.5, 0, 0.1);
        private ScheduledSampling sampling = ScheduledSampling.NONE;
        private int batchSize = 64;
        private Encoding encoding = Encoding.BF16;
        private ValidationSettings validation = new ValidationSettings(ValidationSettings.Measure.BLEU, 1);
        private TrainingSettings training = new TrainingSettings(
                Optimizer.adam(),
                new LearningRate(1e-3, 500, new Schedule.Plateau(0.5, 2)),
                Penalty.NONE,
                new Clipping.GlobalNorm(1),
                60,
                0,
                0,
                8,
                5,
                List.of(),
                2,
                2,
                1);

        private Builder() {}

        public Builder vocabulary(PairVocabulary value) {
            vocabulary = value;
            return this;
        }

        public Builder maxLength(int value) {
            maxLength = value;
            return this;
        }

        public Builder network(NetworkSettings value) {
            network = value;
            return this;
        }

        public Builder regularisation(Regularisation value) {
            regularisation = value;
            return this;
        }

        public Builder sampling(ScheduledSampling value) {
            sampling = value;
            return this;
        }

        public Builder batchSize(int value) {
            batchSize = value;
            return this;
        }

        public Builder encoding(Encoding value) {
            encoding = value;
            return this;
        }

        public Builder validation(ValidationSettings value) {
            validation = value;
            return this;
        }

        public Builder training(TrainingSettings value) {
            training = value;
            return this;
        }

        /** @throws InputException when a value is out of range, or values do not fit each other */
        public EncoderDecoderSettings build() {
            return new EncoderDecoderSettings(
                    vocabulary,
                    maxLength,
                    network,
                    regularisation,
                    sampling,
                    batchSize,
                    encoding,
                    validation,
                    training);
        }
    }
}
