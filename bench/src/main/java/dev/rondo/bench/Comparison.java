package dev.rondo.bench;

import dev.rondo.bench.Rounds.Effort;
import dev.rondo.bench.Rounds.Timing;
import dev.rondo.format.Encoding;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** All contenders at one kind of work, in turn: a table in Markdown, and what came of the goals. */
final class Comparison {
    private final PrintStream out;
    private final Effort effort;
    private final Verdicts verdicts;
    private final Limits limits;
    private double coreShare = 1;
    private double mostBytes;

    Comparison(PrintStream out, Effort effort, Limits limits, Verdicts verdicts) {
        this.out = out;
        this.effort = effort;
        this.limits = limits;
        this.verdicts = verdicts;
    }

    /** Who did the work, how long it took, and how far the outputs were off. */
    private record Result(Contender contender, Timing timing, double error) {}

    void print(List<? extends Work> works) {
        out.println("| work | runtime, weights | µs | times ONNX Runtime f32's speed | times ONNX Runtime int8's |"
                + " times C's | of the floor | bytes | worst error |");
        out.println("|---|---|--:|--:|--:|--:|--:|--:|--:|");
        works.forEach(this::print);
        out.println();
        out.printf(
                Locale.ROOT,
                "The working thread had a core for at least %.0f %% of its time; what it waited is not counted.%n",
                100 * coreShare);
        out.printf(Locale.ROOT, "Rondo allocated at most %.0f bytes a run (median of a row).%n", mostBytes);
    }

    private void print(Work work) {
        Map<Contender, Result> results = measure(work);
        var floors = new EnumMap<Encoding, Double>(Encoding.class);
        for (Result result : results.values()) {
            double floor =
                    floors.computeIfAbsent(result.contender.encoding(), _ -> limits.floorNanos(work, result.contender));
            out.println(row(work, result, results, floor));
            if (result.contender.isRondo()) {
                mostBytes = Math.max(mostBytes, Spread.of(result.timing.bytes()).median());
            }
        }
        Goal.ALL.stream()
                .filter(goal -> goal.work().equals(work.toString()))
                .forEach(goal -> verdict(goal, results).ifPresent(verdicts::add));
    }

    private Map<Contender, Result> measure(Work work) {
        List<Contender> contenders =
                Arrays.stream(Contender.values()).filter(work::runs).toList();
        var runners = new EnumMap<Contender, Runner>(Contender.class);
        try {
            var errors = new EnumMap<Contender, Double>(Contender.class);
            for (Contender contender : contenders) {
                Runner runner = work.open(contender);
                runners.put(contender, runner);
                errors.put(contender, Agreement.check(work, contender, runner));
            }
            var rounds = new Rounds(effort);
            List<Timing> timings = rounds.run(List.copyOf(runners.values()));
            coreShare = Math.min(coreShare, rounds.coreShare());
            var results = new EnumMap<Contender, Result>(Contender.class);
            for (int i = 0; i < contenders.size(); i++) {
                Contender contender = contenders.get(i);
                results.put(contender, new Result(contender, timings.get(i), errors.get(contender)));
            }
            return results;
        } finally {
            runners.values().forEach(Runner::close);
        }
    }

    private static String row(Work work, Result result, Map<Contender, Result> results, double floor) {
        Timing own = result.timing;
        return String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s | %s | %s | %.2f | %s | %.1e |",
                work,
                result.contender.text(),
                micros(own.medianNanos() / 1000),
                ratio(own, results.get(Contender.ORT_F32)),
                ratio(own, results.get(Contender.ORT_INT8)),
                ratio(own, results.get(Contender.C)),
                floor / own.medianNanos(),
                own.bytes().length == 0 ? "" : Spread.of(own.bytes()).text(0),
                result.error);
    }

    /** Three digits, without an exponent. */
    private static String micros(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.3g", value);
    }

    private static String ratio(Timing own, Result peer) {
        return peer == null || peer.timing == own
                ? ""
                : own.ratioTo(peer.timing).text(2);
    }

    /** Nothing when the peer is not here. */
    private static Optional<Verdict> verdict(Goal goal, Map<Contender, Result> results) {
        Result peer = results.get(goal.peer());
        if (peer == null) {
            return Optional.empty();
        }
        return goal.ours().stream()
                .map(results::get)
                .filter(result -> result != null && result.error <= goal.worstError())
                .min(Comparator.comparingDouble(result -> result.timing.medianNanos()))
                .map(best -> new Verdict(
                        goal.work() + ", " + best.contender.text(),
                        goal.peer().text(),
                        goal.toReach(),
                        best.timing.ratioTo(peer.timing),
                        goal.prototype()));
    }
}
