package dev.rondo.train;

import dev.rondo.error.FormatException;
import java.util.LinkedHashMap;
import java.util.Map;

/** How far a run is: all that decides how it goes on, beside tensors. */
final class Progress {
    static final String KEY = "progress.";
    private static final String REMEDY = "train anew, or use another checkpoint";

    /** Steps done. */
    long step;
    /** Sum of the losses, and targets, since the last evaluation. */
    double lossSum;

    double lossCount;
    Evaluation last = Evaluation.NONE;
    /** Evaluations in a row that were not the best so far: for early stopping, and for the plateau schedule. */
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
        write(entries, "last", last);
        entries.put(KEY + "idle", Integer.toString(idle));
        entries.put(KEY + "idle_for_schedule", Integer.toString(idleForSchedule));
        entries.put(KEY + "reductions", Integer.toString(reductions));
        entries.put(KEY + "restores", Integer.toString(restores));
        entries.put(KEY + "rate_factor", Double.toString(rateFactor));
        return entries;
    }

    void read(Map<String, String> entries) {
        step = integer(entries, "step", Long.MAX_VALUE);
        lossSum = number(entries, "loss_sum");
        lossCount = number(entries, "loss_count");
        last = evaluation(entries, "last");
        idle = (int) integer(entries, "idle", Integer.MAX_VALUE);
        idleForSchedule = (int) integer(entries, "idle_for_schedule", Integer.MAX_VALUE);
        reductions = (int) integer(entries, "reductions", Integer.MAX_VALUE);
        restores = (int) integer(entries, "restores", Integer.MAX_VALUE);
        rateFactor = number(entries, "rate_factor");
        if (!(rateFactor > 0)) {
            throw wrong("a rate above 0", "" + rateFactor);
        }
    }

    static void write(Map<String, String> entries, String name, Evaluation evaluation) {
        entries.put(KEY + name + "_loss", Double.toString(evaluation.loss()));
        entries.put(KEY + name + "_quality", Double.toString(evaluation.quality()));
        entries.put(KEY + name + "_objective", Double.toString(evaluation.objective()));
    }

    static Evaluation evaluation(Map<String, String> entries, String name) {
        return new Evaluation(
                number(entries, name + "_loss"),
                number(entries, name + "_quality"),
                number(entries, name + "_objective"));
    }

    /** A number from 0 to most. */
    static long integer(Map<String, String> entries, String name, long most) {
        String text = entry(entries, name);
        try {
            long value = Long.parseLong(text);
            if (value >= 0 && value <= most) {
                return value;
            }
        } catch (NumberFormatException ignored) {
            // The same error as for a number out of range.
        }
        throw wrong("a whole number from 0 to " + most + " as its " + name, text);
    }

    private static double number(Map<String, String> entries, String name) {
        String text = entry(entries, name);
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException ignored) {
            throw wrong("a number as its " + name, text);
        }
    }

    private static FormatException wrong(String rule, String got) {
        return new FormatException("checkpoint", "has " + rule, got, REMEDY);
    }

    private static String entry(Map<String, String> entries, String name) {
        String value = entries.get(KEY + name);
        if (value == null) {
            throw new FormatException("checkpoint", "says its " + name, "nothing", REMEDY);
        }
        return value;
    }
}
