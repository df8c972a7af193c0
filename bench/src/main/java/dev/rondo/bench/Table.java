package dev.rondo.bench;

import dev.rondo.bench.Rounds.Effort;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Prints the tables of {@code bench/RESULTS.md}: Rondo and other runtimes do the same work, with the same weights, in turn.
 * Arguments are groups ({@code steps}, {@code sequences}, ...) or single works such as {@code lstm-256x256} or
 * {@code lstm-256x256-t64}; without any, all groups. {@code --quick} takes a rough look.
 */
public final class Table {
    /** What can be asked for by name. */
    enum Group {
        LIMITS,
        STEPS,
        SEQUENCES,
        PROJECTION,
        ATTENTION,
        /** Characters from a language model, in turn with the same loop over ONNX Runtime. */
        GENERATION,
        /** Matrix products of training against {@code torch.mm}. */
        PRODUCTS,
        TAIL,
        /** Two sessions on two threads. */
        SCALING,
        /** From the launch of a JVM to the 1000th step. */
        COLD,
        /** A chunk of sound through Silero's network; the property {@code voice} names its folder. */
        VOICE,
        /** By beam search, against the same search over ONNX Runtime and PyTorch; the property {@code model} names a model. */
        TRANSLATION,
        /** Tagging and classifying a text, against ONNX Runtime. */
        LAYERS,
        /** Of the character model, against PyTorch; the property {@code data} names a text. */
        TRAINING,
        /** Of a translator, against PyTorch. */
        TRANSLATION_TRAINING;

        /** Whether one thread does the work, and can stay on one core. */
        boolean onOneCore() {
            return switch (this) {
                case LIMITS,
                        STEPS,
                        SEQUENCES,
                        PROJECTION,
                        ATTENTION,
                        GENERATION,
                        PRODUCTS,
                        VOICE,
                        TRANSLATION,
                        LAYERS -> true;
                case TAIL, SCALING, COLD, TRAINING, TRANSLATION_TRAINING -> false;
            };
        }

        String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final int TAIL_STEPS = 10_000_000;
    private static final int COLD_ROUNDS = 15;

    private final PrintStream out;
    private final Effort effort;
    private final Limits limits = new Limits();
    private final Verdicts verdicts = new Verdicts();

    Table(PrintStream out, Effort effort) {
        this.out = out;
        this.effort = effort;
    }

    public static void main(String[] args) throws IOException {
        var groups = new ArrayList<Group>();
        var works = new ArrayList<Work>();
        Effort effort = Effort.FULL;
        for (String arg : args) {
            if (arg.equals("--quick")) {
                effort = Effort.QUICK;
            } else {
                List<Group> named = List.of(Group.values()).stream()
                        .filter(group -> group.text().equals(arg))
                        .toList();
                groups.addAll(named);
                if (named.isEmpty()) {
                    works.add(Work.parse(arg));
                }
            }
        }
        if (groups.isEmpty() && works.isEmpty()) {
            groups.addAll(List.of(Group.values()));
        }
        new Table(System.out, effort).print(groups, works);
    }

    void print(List<Group> groups, List<Work> works) throws IOException {
        Machine.describe().forEach(out::println);
        PeerProgram.absences().forEach(out::println);
        boolean pinned = Core.pin();
        out.println("- the thread that works " + (pinned ? "stays on one core" : "is not kept on one core"));
        for (Group group : groups) {
            out.println("\n## " + group.text() + "\n");
            if (pinned && !group.onOneCore()) {
                Core.unpin();
                pinned = false;
            } else if (!pinned && group.onOneCore()) {
                pinned = Core.pin();
            }
            switch (group) {
                case LIMITS -> limits();
                case STEPS -> compare(Cell.ALL);
                case SEQUENCES -> compare(Sequence.ALL);
                case PROJECTION -> compare(Projection.ALL);
                case ATTENTION -> compare(Attention.ALL);
                case GENERATION -> compare(Text.ALL);
                case PRODUCTS -> Products.print(out, PeerProgram.PYTHON, verdicts);
                case TAIL -> Tail.print(out, Tail.CELL, quick() ? TAIL_STEPS / 50 : TAIL_STEPS, verdicts);
                case SCALING -> new Scaling(out, effort, verdicts).print(Scaling.CELLS);
                case COLD -> ColdStart.print(out, quick() ? 3 : COLD_ROUNDS, verdicts);
                case VOICE -> {
                    Voice.print(out, System.getProperty("voice"), effort, quick() ? 3 : COLD_ROUNDS, verdicts);
                    pinned = false;
                }
                case TRANSLATION -> {
                    new Translation(out, effort, verdicts).print();
                    pinned = false;
                }
                case LAYERS -> new Layers(out, effort, verdicts).print(LayeredNetwork.ALL);
                case TRAINING -> Training.print(out, System.getProperty("data"), quick() ? 1 : 5, verdicts);
                case TRANSLATION_TRAINING -> TranslationTraining.print(out, quick() ? 1 : 5, verdicts);
            }
        }
        if (!works.isEmpty()) {
            out.println();
            compare(works);
        }
        out.println();
        verdicts.print(out);
    }

    private boolean quick() {
        return effort.rounds() < Effort.FULL.rounds();
    }

    private void compare(List<? extends Work> works) {
        new Comparison(out, effort, limits, verdicts).print(works);
    }

    private void limits() {
        out.printf(Locale.ROOT, "One core: %.0f GFLOP/s f32. Reading again and again:%n%n", limits.flopsPerNano());
        out.println("| working set | GB/s |");
        out.println("|---|--:|");
        for (int kib : new int[] {16, 256, 1024, 4096, 16_384, 262_144}) {
            out.printf(Locale.ROOT, "| %d KiB | %.0f |%n", kib, limits.bytesPerNano(kib * 1024.0));
        }
    }
}
