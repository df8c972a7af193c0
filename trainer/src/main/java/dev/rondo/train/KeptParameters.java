package dev.rondo.train;

import dev.rondo.format.TensorData;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The parameters of the best evaluations of a run, the best first; of equally good ones with the same loss the earlier. */
final class KeptParameters {
    /** One of them. */
    private record Kept(long step, Evaluation evaluation, MemorySegment values) {}

    private final ParameterStore parameters;
    private final int most;
    private final List<Kept> kept = new ArrayList<>();
    private final List<MemorySegment> spare = new ArrayList<>();

    /** @param most how many are kept, at least 1 */
    KeptParameters(ParameterStore parameters, int most) {
        this.parameters = parameters;
        this.most = most;
    }

    /** NaN when there is none yet. */
    Evaluation best() {
        return kept.isEmpty() ? Evaluation.NONE : kept.getFirst().evaluation;
    }

    /** 0 when there is none yet. */
    long bestStep() {
        return kept.isEmpty() ? 0 : kept.getFirst().step;
    }

    int count() {
        return kept.size();
    }

    /** Keeps the parameters as they are now, if they are among the best. */
    void offer(long step, Evaluation evaluation) {
        int place = 0;
        while (place < kept.size() && !evaluation.isBetterThan(kept.get(place).evaluation)) {
            place++;
        }
        if (place == most) {
            return;
        }
        if (kept.size() == most) {
            spare.add(kept.removeLast().values);
        }
        MemorySegment values = memory();
        parameters.copyTo(values);
        kept.add(place, new Kept(step, evaluation, values));
    }

    private MemorySegment memory() {
        return spare.isEmpty() ? parameters.copy() : spare.removeLast();
    }

    /** Puts the best back into the store. */
    void restoreBest() {
        if (!kept.isEmpty()) {
            parameters.restore(kept.getFirst().values);
        }
    }

    /** Puts the mean of all into the store. */
    void restoreMean() {
        MemorySegment mean = parameters.values();
        long count = mean.byteSize() / Float.BYTES;
        for (long i = 0; i < count; i++) {
            double sum = 0;
            for (Kept one : kept) {
                sum += one.values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            }
            mean.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (sum / kept.size()));
        }
    }

    /** Adds all to a checkpoint. */
    void write(Map<String, String> entries, Map<String, TensorData> tensors) {
        entries.put(Progress.KEY + "kept", Integer.toString(kept.size()));
        for (int i = 0; i < kept.size(); i++) {
            Kept one = kept.get(i);
            entries.put(Progress.KEY + key(i, "step"), Long.toString(one.step));
            Progress.write(entries, key(i, "evaluation"), one.evaluation);
            for (String name : parameters.names()) {
                tensors.put(
                        tensor(i, name), Checkpoint.copy(parameters.shape(name), parameters.slice(one.values, name)));
            }
        }
    }

    /** Takes all from a checkpoint. */
    void read(Checkpoint checkpoint) {
        kept.forEach(one -> spare.add(one.values));
        kept.clear();
        Map<String, String> entries = checkpoint.entries();
        int count = (int) Progress.integer(entries, "kept", most);
        for (int i = 0; i < count; i++) {
            MemorySegment values = memory();
            for (String name : parameters.names()) {
                checkpoint.read(tensor(i, name), parameters.slice(values, name));
            }
            kept.add(new Kept(
                    Progress.integer(entries, key(i, "step"), Long.MAX_VALUE),
                    Progress.evaluation(entries, key(i, "evaluation")),
                    values));
        }
    }

    private static String key(int i, String what) {
        return "kept" + i + "_" + what;
    }

    private static String tensor(int i, String parameter) {
        return (i == 0 ? "best/" : "best" + i + "/") + parameter;
    }
}
