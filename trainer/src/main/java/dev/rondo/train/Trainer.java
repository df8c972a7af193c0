package dev.rondo.train;

import dev.rondo.KernelChoice;
import dev.rondo.Model;
import dev.rondo.error.StateException;
import dev.rondo.format.TensorData;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The training loop: batch, gradient, penalty, clipping, noise, optimizer; evaluations between, the best parameters kept. When a
 * loss or gradient is no finite number, the run goes back to its last good checkpoint, that of the best evaluation or the
 * beginning, and on with half the learning rate.
 * One seed gives the same bits, whatever the number of threads.
 *
 * <p>One thread at a time. Closing ends the threads that it started.
 */
public final class Trainer implements AutoCloseable {
    /** How often a run may go back before it gives up: by then the learning rate is a 256th. */
    private static final int MAX_RESTORES = 8;

    private static final String SEED = "seed";

    private final TrainingTask task;
    private final TrainingSettings settings;
    private final Workers workers;
    private final Model.Kernel kernel;
    private final ParameterStore parameters;
    private final GradientRun gradient;
    private final List<MemorySegment> slots;
    private final Progress progress = new Progress();
    private final long stepsPerEpoch;
    private final long steps;
    private final long evaluateEvery;
    private final KeptParameters kept;
    private Checkpoint lastGood;

    /** A run from its beginning. */
    public Trainer(TrainingTask task, TrainingSettings settings) {
        this(task, settings, Workers.of(settings.threads()), Model.Kernel.BEST);
    }

    /** The same, with threads and kernels of the caller's choice. Closing it closes the workers too. */
    public Trainer(TrainingTask task, TrainingSettings settings, Workers workers, Model.Kernel kernel) {
        this.task = task;
        this.settings = settings;
        this.workers = workers;
        this.kernel = kernel;
        this.parameters = ParameterStore.of(
                task.function(), settings.frozen(), settings.gradient().spared());
        this.gradient =
                new GradientRun(task.function(), parameters, task.capacity(), settings.shards(), kernel, workers);
        this.slots = parameters.slots(settings.optimizer());
        this.stepsPerEpoch = task.batches().batchesPerEpoch();
        long all = Math.multiplyExact(settings.epochs(), stepsPerEpoch);
        this.steps = settings.maxSteps() == 0 ? all : Math.min(all, settings.maxSteps());
        this.evaluateEvery = settings.evaluateEvery() == 0 ? stepsPerEpoch : settings.evaluateEvery();
        task.initialise(parameters, settings.seed());
        this.kept = new KeptParameters(parameters, settings.average());
        this.lastGood = checkpoint();
    }

    /** The parameters as they are; after {@link #train} has finished, the best. */
    public ParameterStore parameters() {
        return parameters;
    }

    /**
     * Goes back to a checkpoint, of this task and these settings. From there the run gives the same bits as one that was
     * never interrupted; only when numbers get lost it goes back to here at most.
     *
     * @throws dev.rondo.error.RondoException when it is of others, or damaged
     */
    public void resume(Checkpoint checkpoint) {
        checkpoint.require(identity());
        progress.read(checkpoint.entries());
        restore(checkpoint);
        lastGood = checkpoint;
    }

    /** The run as it is now. */
    public Checkpoint checkpoint() {
        var entries = new LinkedHashMap<>(identity());
        entries.putAll(progress.write());
        var tensors = new LinkedHashMap<String, TensorData>();
        for (String name : parameters.names()) {
            tensors.put("param/" + name, Checkpoint.copy(parameters.shape(name), parameters.values(name)));
            for (int i = 0; i < slots.size(); i++) {
                tensors.put(
                        slotName(i, name),
                        Checkpoint.copy(parameters.shape(name), parameters.slice(slots.get(i), name)));
            }
        }
        for (Shard shard : gradient.shards()) {
            shard.states()
                    .forEach((name, state) -> tensors.put(
                            stateName(shard, name),
                            Checkpoint.copy(
                                    Arrays.stream(state.shape()).boxed().toList(),
                                    state.segment().asSlice(0, state.byteSize()))));
        }
        kept.write(entries, tensors);
        return new Checkpoint(entries, tensors);
    }

    /** What must not change between a checkpoint and the run that goes on. */
    private Map<String, String> identity() {
        var identity = new LinkedHashMap<>(task.description());
        identity.put("training.optimizer", settings.optimizer().toString());
        identity.put("training.learning_rate", settings.learningRate().toString());
        identity.put("training.gradient", settings.gradient().toString());
        identity.put("training.frozen", settings.frozen().toString());
        identity.put("training.steps", Long.toString(steps));
        identity.put("training.steps_per_epoch", Long.toString(stepsPerEpoch));
        identity.put("training.evaluate_every", Long.toString(evaluateEvery));
        identity.put("training.patience", Integer.toString(settings.patience()));
        identity.put("training.average", Integer.toString(settings.average()));
        identity.put("training.shards", Integer.toString(settings.shards()));
        identity.put("training.seed", Long.toString(settings.seed()));
        return identity;
    }

    private String slotName(int slot, String parameter) {
        return "slot/" + settings.optimizer().slots().get(slot) + "/" + parameter;
    }

    private static String stateName(Shard shard, String state) {
        return "state/" + shard.index() + "/" + state;
    }

    /** Takes over parameters, slots, states and what was kept. */
    private void restore(Checkpoint checkpoint) {
        kept.read(checkpoint);
        for (String name : parameters.names()) {
            checkpoint.read("param/" + name, parameters.values(name));
            for (int i = 0; i < slots.size(); i++) {
                checkpoint.read(slotName(i, name), parameters.slice(slots.get(i), name));
            }
        }
        for (Shard shard : gradient.shards()) {
            shard.states()
                    .forEach((name, state) -> checkpoint.read(
                            stateName(shard, name), state.segment().asSlice(0, state.byteSize())));
        }
    }

    /**
     * Runs to the end, or until the listener stops it.
     *
     * @param file where to save checkpoints: after each evaluation, and when stopped
     * @throws StateException when losses stay no numbers, however low the learning rate
     * @throws IOException when a checkpoint cannot be written
     */
    public TrainingResult train(Optional<Path> file, TrainingListener listener) throws IOException {
        long start = System.nanoTime();
        listener.started(summary());
        double targets = 0;
        TrainingResult.Ending ending =
                isOutOfPatience() ? TrainingResult.Ending.PATIENCE : TrainingResult.Ending.FINISHED;
        while (progress.step < steps && ending == TrainingResult.Ending.FINISHED) {
            long before = progress.step;
            targets += step(listener);
            // Where a run has gone back to, it was evaluated already: once more would count as no progress.
            boolean wentOn = progress.step > before;
            boolean evaluate = wentOn && (progress.step == steps || progress.step % evaluateEvery == 0);
            if (evaluate && evaluate(listener)) {
                Checkpoint now = checkpoint();
                lastGood = kept.bestStep() == progress.step ? now : lastGood;
                save(now, file, listener);
                if (isOutOfPatience()) {
                    ending = TrainingResult.Ending.PATIENCE;
                }
            }
            if (ending == TrainingResult.Ending.FINISHED && progress.step < steps && listener.stopRequested()) {
                save(checkpoint(), file, listener);
                return result(TrainingResult.Ending.STOPPED, kept.best(), 1, start, targets);
            }
        }
        int averaged = 1;
        Evaluation best = kept.best();
        if (kept.count() > 1) {
            kept.restoreMean();
            Evaluation mean = task.evaluate(parameters, Double.NaN);
            boolean better = Double.isFinite(mean.objective()) && mean.isBetterThan(best);
            listener.averaged(kept.count(), mean, better);
            if (better) {
                averaged = kept.count();
                best = mean;
            }
        }
        if (averaged == 1) {
            kept.restoreBest();
        }
        return result(ending, best, averaged, start, targets);
    }

    private boolean isOutOfPatience() {
        return settings.patience() > 0 && progress.idle >= settings.patience();
    }

    private TrainingSummary summary() {
        KernelChoice best = KernelChoice.best();
        return new TrainingSummary(
                parameters.trainedCount(),
                parameters.frozenCount(),
                settings.epochs(),
                stepsPerEpoch,
                steps,
                task.batches().targetsPerBatch(),
                progress.step,
                kernel == Model.Kernel.PLAIN || best.isPlain() ? "plain" : best.name() + " " + best.bits() + " bit",
                workers.threads());
    }

    private TrainingResult result(
            TrainingResult.Ending ending, Evaluation best, int averaged, long start, double targets) {
        return new TrainingResult(
                ending,
                progress.step,
                epoch(progress.step),
                progress.last,
                best,
                kept.bestStep(),
                averaged,
                (System.nanoTime() - start) / 1e9,
                (long) targets);
    }

    /** The epoch of the step before: the first is 1. */
    private int epoch(long step) {
        return (int) ((Math.max(1, step) - 1) / stepsPerEpoch) + 1;
    }

    private static void save(Checkpoint checkpoint, Optional<Path> file, TrainingListener listener) throws IOException {
        if (file.isPresent()) {
            checkpoint.write(file.get());
            listener.saved(file.get());
        }
    }

    /** One step, or the way back after one that gave no numbers; returns how many targets it had. */
    private double step(TrainingListener listener) {
        long start = System.nanoTime();
        long step = progress.step + 1;
        List<Shard> shards = gradient.shards();
        task.batches().fill((int) (progress.step / stepsPerEpoch), progress.step % stepsPerEpoch, shards);
        for (Shard shard : shards) {
            if (shard.hasInput(SEED)) {
                shard.input(SEED).set(0, SeededRandom.hash(settings.seed(), step, shard.index()));
            }
        }
        GradientRun.Outcome outcome = gradient.run();
        MemorySegment values = parameters.values();
        GradientRules rules = settings.gradient();
        for (ParameterStore.Place place : parameters.trained()) {
            if (!place.spared()) {
                rules.penalty().addGradient(values, parameters.gradient(), place.from(), place.to());
            }
        }
        double norm = GradientNorm.of(parameters, workers);
        if (!Double.isFinite(outcome.loss()) || !Double.isFinite(norm)) {
            String what = !Double.isFinite(outcome.loss())
                    ? "loss is " + outcome.loss()
                    : GradientNorm.notFinite(parameters).orElse("norm of the gradient is " + norm);
            goBack(what + " at step " + step, listener);
            return 0;
        }
        GradientNorm.clip(parameters, rules.clipping(), norm, workers);
        rules.noise().addTo(parameters, settings.seed(), step, workers);
        double rate = progress.rateFactor * settings.learningRate().at(step, steps, stepsPerEpoch, progress.reductions);
        parameters.update(settings.optimizer(), rate, step, workers);
        gradient.commit();
        progress.step = step;
        progress.lossSum += outcome.loss() * outcome.count();
        progress.lossCount += outcome.count();
        double seconds = (System.nanoTime() - start) / 1e9;
        listener.step(new StepReport(step, steps, epoch(step), outcome.loss(), rate, norm, outcome.count() / seconds));
        return outcome.count();
    }

    private void goBack(String reason, TrainingListener listener) {
        int restores = progress.restores + 1;
        double factor = progress.rateFactor / 2;
        if (restores > MAX_RESTORES) {
            throw new StateException(
                    "training",
                    "goes on after a loss or gradient that is no number at most " + MAX_RESTORES + " times",
                    reason,
                    "lower the learning rate, clip the gradient, or check the data");
        }
        progress.read(lastGood.entries());
        progress.restores = restores;
        progress.rateFactor = factor;
        restore(lastGood);
        listener.restored(reason, progress.step);
    }

    /** Evaluates; false when the loss was no number and the run has gone back. */
    private boolean evaluate(TrainingListener listener) {
        double training = progress.lossSum / progress.lossCount;
        Evaluation found = task.evaluate(parameters, training);
        if (!Double.isFinite(found.loss()) || !Double.isFinite(found.objective())) {
            goBack("validation loss is " + found.loss() + " after step " + progress.step, listener);
            return false;
        }
        boolean better = found.isBetterThan(kept.best());
        progress.lossSum = 0;
        progress.lossCount = 0;
        progress.last = found;
        progress.idle = better ? 0 : progress.idle + 1;
        progress.idleForSchedule = better ? 0 : progress.idleForSchedule + 1;
        kept.offer(progress.step, found);
        if (settings.learningRate().schedule() instanceof Schedule.Plateau(var _, int patience)
                && progress.idleForSchedule >= patience) {
            progress.reductions++;
            progress.idleForSchedule = 0;
        }
        listener.evaluated(
                new EvaluationReport(progress.step, epoch(progress.step), training, found, kept.best(), better));
        return true;
    }

    @Override
    public void close() {
        workers.close();
    }
}
