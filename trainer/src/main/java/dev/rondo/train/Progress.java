package dev.rondo.train;

import dev.rondo.error.FormatException;
import java.util.LinkedHashMap;
import java.util.Map;

/** How far a run is: all that decides how it goes on, beside tensors. */
final class Progress {
    private static final String KEY = "progress.";

    /** Steps done. */
    long step;
    /** Sum of the losses, and targets, since the last evaluation. */
    double lossSum;

    double lossCount;
    double finalLoss = Double.NaN;
    double bestLoss = Double.NaN;
    long bestStep;
    /** Evaluations in a row that brought no lower loss: for early stopping, and for the plateau schedule. */
    int idle;

    int idleForSchedule;
    int reductions;
    /** How often a step gave no numbers, and what that has made of the learning rate. */
    int restores;

    double rateFactor = 1;

    Map<String, String> write() {
        var entries = new LinkedHashMap<String, String>();
        entries.put(KEY + "step", Long.toString(step));
        entries.put(KEY + "loss_sum", Double.toString(lossSum));
        entries.put(KEY + "loss_count", Double.toString(lossCount));
        entries.put(KEY + "final_loss", Double.toString(finalLoss));
        entries.put(KEY + "best_loss", Double.toString(bestLoss));
        entries.put(KEY + "best_step", Long.toString(bestStep));
        entries.put(KEY + "idle", Integer.toString(idle));
        entries.put(KEY + "idle_for_schedule", Integer.toString(idleForSchedule));
        entries.put(KEY + "reductions", Integer.toString(reductions));
        entries.put(KEY + "restores", Integer.toString(restores));
        entries.put(KEY + "rate_factor", Double.toString(rateFactor));
        return entries;
    }

    void read(Map<String, String> entries) {
        try {
            step = Long.parseLong(entry(entries, "step"));
            lossSum = Double.parseDouble(entry(entries, "loss_sum"));
            lossCount = Double.parseDouble(entry(entries, "loss_count"));
            finalLoss = Double.parseDouble(entry(entries, "final_loss"));
            bestLoss = Double.parseDouble(entry(entries, "best_loss"));
            bestStep = Long.parseLong(entry(entries, "best_step"));
            idle = Integer.parseInt(entry(entries, "idle"));
            idleForSchedule = Integer.parseInt(entry(entries, "idle_for_schedule"));
            reductions = Integer.parseInt(entry(entries, "reductions"));
            restores = Integer.parseInt(entry(entries, "restores"));
            rateFactor = Double.parseDouble(entry(entries, "rate_factor"));
        } catch (NumberFormatException wrong) {
            throw new FormatException("checkpoint", "has numbers as its progress", "" + wrong.getMessage(), REMEDY);
        }
        if (step < 0 || !(rateFactor > 0)) {
            throw new FormatException("checkpoint", "has a step and a rate", step + ", " + rateFactor, REMEDY);
        }
    }

    private static final String REMEDY = "train anew, or use another checkpoint";

    private static String entry(Map<String, String> entries, String name) {
        String value = entries.get(KEY + name);
        if (value == null) {
            throw new FormatException("checkpoint", "says its " + name, "nothing", REMEDY);
        }
        return value;
    }
}
