package dev.rondo.train.lm;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Dropout;
import dev.rondo.architecture.LanguageModelArchitecture;
import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Segmentation;
import dev.rondo.train.Clipping;
import dev.rondo.train.GradientRules;
import dev.rondo.train.Initialisation;
import dev.rondo.train.LearningRate;
import dev.rondo.train.Optimizer;
import dev.rondo.train.Penalty;
import dev.rondo.train.Schedule;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.rule.Settings;
import java.util.List;
import java.util.Optional;

/**
 * All that decides a language model's training beside its texts. Made by a {@link #builder}.
 *
 * @param unit               what a token is: {@link Segmentation#CHARACTERS} or {@link Segmentation#WORDS}
 * @param vocabularySize     tokens at most, the most frequent ones, special ones included; 0 for no limit
 * @param minCount           tokens that are rarer become unknown
 * @param validationShare    of the text, its end, when there is no text for validation
 * @param network            its layers in the notation of {@link dev.rondo.architecture.NetworkText}; they take the place of the
 *                           settings from the cell to the forget bias, but the initialisation. Empty for a stack of one cell
 * @param cell               of every layer
 * @param embeddingSize      E
 * @param hiddenSize         H
 * @param numLayers          stacked layers
 * @param tied               whether the output matrix is the embedding
 * @param dropout            while training
 * @param initialisation     of the weights of layers and output; empty: recurrent ones orthogonal, the others Xavier's
 * @param forgetBias         where the bias of an LSTM's forget gate begins
 * @param initialStateDeviation of the random states that streams begin with in training; 0 begins at zero
 * @param batchSize          B, streams of text side by side
 * @param steps              T, after which back-propagation through time is cut off; states are carried on
 * @param encoding           of the matrices in the file
 * @param training           the rest
 */
public record LanguageModelSettings(
        Segmentation unit,
        int vocabularySize,
        int minCount,
        double validationShare,
        Optional<String> network,
        Cell cell,
        int embeddingSize,
        int hiddenSize,
        int numLayers,
        boolean tied,
        Dropout dropout,
        Optional<Initialisation> initialisation,
        double forgetBias,
        double initialStateDeviation,
        int batchSize,
        int steps,
        Encoding encoding,
        TrainingSettings training) {
    private static final int MAX_SIZE = 1 << 16;
    private static final double MAX_DEVIATION = 1000;

    /** @throws InputException when a value is out of range, or values do not fit each other */
    public LanguageModelSettings {
        Settings.require(
                unit == Segmentation.CHARACTERS || unit == Segmentation.WORDS, "unit", "is characters or words", unit);
        Settings.require(
                vocabularySize == 0 || vocabularySize >= 2, "vocabulary size", "is at least 2", vocabularySize);
        Settings.require(minCount >= 1, "minimal count", "is at least 1", minCount);
        Settings.require(
                validationShare > 0 && validationShare < 1, "validation share", "lies in (0, 1)", validationShare);
        Settings.require(
                embeddingSize >= 1 && embeddingSize <= MAX_SIZE, "embedding size", "is 1 to 65536", embeddingSize);
        Settings.require(hiddenSize >= 1 && hiddenSize <= MAX_SIZE, "hidden size", "is 1 to 65536", hiddenSize);
        Settings.require(numLayers >= 1 && numLayers <= 64, "layers", "is 1 to 64", numLayers);
        Settings.require(
                !tied || embeddingSize == hiddenSize,
                "embedding size",
                "equals the hidden size " + hiddenSize + " when the output is tied to the embedding",
                embeddingSize);
        Settings.require(Float.isFinite((float) forgetBias), "forget bias", "is finite in f32", forgetBias);
        Settings.require(
                initialStateDeviation >= 0 && initialStateDeviation <= MAX_DEVIATION,
                "deviation of initial states",
                "is 0 to 1000",
                initialStateDeviation);
        Settings.require(batchSize >= 1 && batchSize <= MAX_SIZE, "batch size", "is 1 to 65536", batchSize);
        Settings.require(steps >= 1 && steps <= MAX_SIZE, "steps of a sequence", "is 1 to 65536", steps);
        Settings.require(
                batchSize % training.shards() == 0,
                "batch size",
                "is a multiple of the " + training.shards() + " shards",
                batchSize);
        Settings.require(
                encoding.elementType() == ElementType.F32, "encoding", "is f32, f16, bf16 or int8", encoding.text());
    }

    /** Settings that suit a megabyte of text; each can be changed. */
    public static Builder builder() {
        return new Builder();
    }

    /** The same for a network that is there already. */
    LanguageModelSettings withNetworkOf(LanguageModelArchitecture architecture) {
        int hidden = architecture.layers().getFirst().hiddenSize();
        return new LanguageModelSettings(
                unit,
                vocabularySize,
                minCount,
                validationShare,
                Optional.empty(),
                architecture.cell(),
                architecture.embeddingSize(),
                hidden,
                architecture.layers().size(),
                architecture.isTied() && architecture.embeddingSize() == hidden,
                dropout,
                initialisation,
                forgetBias,
                initialStateDeviation,
                batchSize,
                steps,
                encoding,
                training);
    }

    /** Collects settings. */
    public static final class Builder {
        private Segmentation unit = Segmentation.CHARACTERS;
        private int vocabularySize;
        private int minCount = 1;
        private double validationShare = 0.1;
        private Optional<String> network = Optional.empty();
        private Cell cell = new Cell.Lstm();
        private int embeddingSize = 64;
        private int hiddenSize = 512;
        private int numLayers = 1;
        private boolean tied;
        private Dropout dropout = new Dropout(0, 0, 0.5);
        private Optional<Initialisation> initialisation = Optional.empty();
        private double forgetBias = 1;
        private double initialStateDeviation;
        private int batchSize = 64;
        private int steps = 128;
        private Encoding encoding = Encoding.BF16;
        private Optimizer optimizer = Optimizer.adamW(0.1);
        private double learningRate = 4e-3;
        private long warmUp = 100;
        private Schedule schedule = new Schedule.Cosine(0.01);
        private GradientRules gradient = GradientRules.of(Penalty.NONE, new Clipping.GlobalNorm(1));
        private int epochs = 17;
        private long maxSteps;
        private long evaluateEvery;
        private int patience;
        private int average = 1;
        private List<String> frozen = List.of();
        private int shards = 2;
        private int threads = 2;
        private long seed = 1;

        private Builder() {}

        public Builder unit(Segmentation value) {
            unit = value;
            return this;
        }

        public Builder vocabularySize(int value) {
            vocabularySize = value;
            return this;
        }

        public Builder minCount(int value) {
            minCount = value;
            return this;
        }

        public Builder validationShare(double value) {
            validationShare = value;
            return this;
        }

        /** Its layers in the notation of {@link dev.rondo.architecture.NetworkText}. */
        public Builder network(String value) {
            network = Optional.of(value);
            return this;
        }

        public Builder cell(Cell value) {
            cell = value;
            return this;
        }

        /** @throws InputException when true: such a model cannot say what comes next */
        public Builder bidirectional(boolean value) {
            if (value) {
                throw new InputException(
                        "setting bidirectional",
                        "must be false in a language model: going backward, it would see the very token it has to"
                                + " predict",
                        "true",
                        "train it in one direction");
            }
            return this;
        }

        public Builder embeddingSize(int value) {
            embeddingSize = value;
            return this;
        }

        public Builder hiddenSize(int value) {
            hiddenSize = value;
            return this;
        }

        public Builder numLayers(int value) {
            numLayers = value;
            return this;
        }

        public Builder tied(boolean value) {
            tied = value;
            return this;
        }

        public Builder dropout(Dropout value) {
            dropout = value;
            return this;
        }

        public Builder initialisation(Initialisation value) {
            initialisation = Optional.of(value);
            return this;
        }

        public Builder forgetBias(double value) {
            forgetBias = value;
            return this;
        }

        public Builder initialStateDeviation(double value) {
            initialStateDeviation = value;
            return this;
        }

        public Builder batchSize(int value) {
            batchSize = value;
            return this;
        }

        public Builder steps(int value) {
            steps = value;
            return this;
        }

        public Builder encoding(Encoding value) {
            encoding = value;
            return this;
        }

        /** All settings of any training at once. */
        public Builder training(TrainingSettings value) {
            optimizer = value.optimizer();
            learningRate = value.learningRate().peak();
            warmUp = value.learningRate().warmUp();
            schedule = value.learningRate().schedule();
            gradient = value.gradient();
            epochs = value.epochs();
            maxSteps = value.maxSteps();
            evaluateEvery = value.evaluateEvery();
            patience = value.patience();
            average = value.average();
            frozen = value.frozen();
            shards = value.shards();
            threads = value.threads();
            seed = value.seed();
            return this;
        }

        public Builder optimizer(Optimizer value) {
            optimizer = value;
            return this;
        }

        /** The peak. */
        public Builder learningRate(double value) {
            learningRate = value;
            return this;
        }

        /** In steps. */
        public Builder warmUp(long value) {
            warmUp = value;
            return this;
        }

        public Builder schedule(Schedule value) {
            schedule = value;
            return this;
        }

        public Builder penalty(Penalty value) {
            gradient = new GradientRules(value, gradient.clipping(), gradient.noise(), gradient.spared());
            return this;
        }

        public Builder clipping(Clipping value) {
            gradient = gradient.with(value);
            return this;
        }

        public Builder epochs(int value) {
            epochs = value;
            return this;
        }

        public Builder maxSteps(long value) {
            maxSteps = value;
            return this;
        }

        public Builder evaluateEvery(long value) {
            evaluateEvery = value;
            return this;
        }

        public Builder patience(int value) {
            patience = value;
            return this;
        }

        /** Of how many of the best evaluations the mean of the parameters is tried in the end; 1 for none. */
        public Builder average(int value) {
            average = value;
            return this;
        }

        public Builder frozen(List<String> value) {
            frozen = value;
            return this;
        }

        public Builder shards(int value) {
            shards = value;
            return this;
        }

        public Builder threads(int value) {
            threads = value;
            return this;
        }

        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /** @throws InputException when a value is out of range, or values do not fit each other */
        public LanguageModelSettings build() {
            var training = new TrainingSettings(
                    optimizer,
                    new LearningRate(learningRate, warmUp, schedule),
                    gradient,
                    epochs,
                    maxSteps,
                    evaluateEvery,
                    patience,
                    average,
                    frozen,
                    shards,
                    threads,
                    seed);
            return new LanguageModelSettings(
                    unit,
                    vocabularySize,
                    minCount,
                    validationShare,
                    network,
                    cell,
                    embeddingSize,
                    hiddenSize,
                    numLayers,
                    tied,
                    dropout,
                    initialisation,
                    forgetBias,
                    initialStateDeviation,
                    batchSize,
                    steps,
                    encoding,
                    training);
        }
    }
}
