package dev.rondo.train.network;

import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.train.Clipping;
import dev.rondo.train.LearningRate;
import dev.rondo.train.Optimizer;
import dev.rondo.train.Penalty;
import dev.rondo.train.Schedule;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.rule.Settings;
import java.util.List;

/**
 * All that decides the training of a network of layers beside its data. Made by a {@link #builder}.
 *
 * @param network   its layers, in the notation of {@code dev.rondo.architecture.NetworkText}
 * @param units     how texts become ids; numbers do not look at it
 * @param scaling   of numbers; texts do not look at it
 * @param objective the loss
 * @param judge     what decides which parameters are the best
 * @param batchSize samples of a step
 * @param encoding  of the matrices in the file
 * @param training  the rest
 */
public record NetworkTrainingSettings(
        String network,
        TextUnits units,
        NumberScaling scaling,
        ObjectiveSettings objective,
        Judge judge,
        int batchSize,
        Encoding encoding,
        TrainingSettings training) {
    private static final int MAX_BATCH = 1 << 14;

    /** Measures on the validation samples. */
    public enum Judge {
        /** The loss, as low as possible. */
        LOSS,
        /** The share of right classes or tags, as high as possible. */
        ACCURACY
    }

    /** @throws dev.rondo.error.InputException when a value is out of range, or values do not fit each other */
    public NetworkTrainingSettings {
        Settings.require(batchSize >= 1 && batchSize <= MAX_BATCH, "batch size", "is 1 to " + MAX_BATCH, batchSize);
        Settings.require(
                batchSize >= training.shards(),
                "batch size",
                "is at least the number of shards, " + training.shards(),
                batchSize);
        Settings.require(
                encoding.elementType() == ElementType.F32, "encoding", "is f32, f16, bf16 or int8", encoding.text());
    }

    /** Settings that suit thousands of samples; a network must be given, the rest can be changed. */
    public static Builder builder(String network) {
        return new Builder(network);
    }

    /** Collects settings. */
    public static final class Builder {
        private final String network;
        private TextUnits units = TextUnits.words();
        private NumberScaling scaling = NumberScaling.STANDARD;
        private ObjectiveSettings objective = ObjectiveSettings.of(ObjectiveSettings.Kind.CROSS_ENTROPY);
        private Judge judge = Judge.ACCURACY;
        private int batchSize = 32;
        private Encoding encoding = Encoding.F32;
        private TrainingSettings training = new TrainingSettings(
                Optimizer.adam(),
                new LearningRate(1e-3, 100, new Schedule.Plateau(0.5, 2)),
                Penalty.NONE,
                new Clipping.GlobalNorm(5),
                30,
                0,
                0,
                5,
                1,
                List.of(),
                2,
                2,
                1);

        private Builder(String network) {
            this.network = network;
        }

        public Builder units(TextUnits value) {
            units = value;
            return this;
        }

        public Builder scaling(NumberScaling value) {
            scaling = value;
            return this;
        }

        public Builder objective(ObjectiveSettings value) {
            objective = value;
            return this;
        }

        public Builder judge(Judge value) {
            judge = value;
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

        public Builder training(TrainingSettings value) {
            training = value;
            return this;
        }

        /** @throws dev.rondo.error.InputException when a value is out of range, or values do not fit each other */
        public NetworkTrainingSettings build() {
            return new NetworkTrainingSettings(
                    network, units, scaling, objective, judge, batchSize, encoding, training);
        }
    }
}
