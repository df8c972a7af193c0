package dev.rondo.tests.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Extension;
import dev.rondo.graph.Op;
import dev.rondo.graph.Scan;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The gradient of every operator is what central differences in double precision say. */
class OperatorGradientProperties {
    private static final List<TrainingEngine> ENGINES =
            List.of(new TrainingEngine(false, false), new TrainingEngine(true, true));

    /** Sizes shrink towards one row and no steps. */
    @Provide
    Arbitrary<Scene.Sizes> sizes() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 3).shrinkTowards(1),
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.integers().between(1, 4),
                        Arbitraries.of(1, 1, 1, 6))
                .as(Scene.Sizes::new);
    }

    /** Every operator has as many cases as this has tries. */
    @Property(tries = 120, edgeCases = EdgeCasesMode.NONE)
    void gradientsAgreeWithDifferences(@ForAll("sizes") Scene.Sizes sizes, @ForAll long seed) {
        OperatorScenes.makers().forEach((op, maker) -> {
            // Bodies of scans have more to choose from than any operator.
            int cases = op == Scan.class ? 5 : 1;
            for (int i = 0; i < cases; i++) {
                agrees(op, maker, sizes, seed + 1_000_003L * i);
            }
        });
    }

    private static void agrees(Class<?> op, Consumer<Scene> maker, Scene.Sizes sizes, long seed) {
        for (int attempt = 0; attempt < 20; attempt++) {
            var random = new Random(seed + 31L * attempt);
            var scene = new Scene(sizes, random);
            maker.accept(scene);
            String what = op.getSimpleName() + ", " + sizes + ", seed " + seed + " attempt " + attempt;
            if (scene.finish(what).agreesWithDifferences(random)) {
                return;
            }
        }
        throw new AssertionError(op + ", " + sizes + ", seed " + seed + ": only kinks in twenty attempts");
    }

    /** The gradient function, planned and run in f32, gives what the interpreter gives. */
    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    void plansAgreeWithTheInterpreter(@ForAll("sizes") Scene.Sizes sizes, @ForAll long seed) {
        OperatorScenes.makers().forEach((op, maker) -> {
            var scene = new Scene(sizes, new Random(seed));
            maker.accept(scene);
            GradientCase found = scene.finish(op.getSimpleName() + ", " + sizes + ", seed " + seed);
            for (TrainingEngine engine : ENGINES) {
                found.agreesOn(engine);
            }
        });
    }

    @Example
    void everyOperatorHasCases() {
        // The one open branch of the catalogue is continued by the operators of training.
        Set<Class<?>> records = records(Op.class);
        records.remove(Extension.class);
        records.addAll(records(Training.class));
        records.removeAll(records(Training.Backward.class));
        assertEquals(records, new HashSet<>(OperatorScenes.makers().keySet()));
    }

    /** Kinks are rare: nearly every case tells at once. */
    @Example
    void fewCasesLieAtKinks() {
        int kinks = 0;
        int all = 0;
        for (var maker : OperatorScenes.makers().values()) {
            for (int seed = 0; seed < 10; seed++) {
                var scene = new Scene(new Scene.Sizes(2, 3, 3, 1), new Random(seed));
                maker.accept(scene);
                kinks += scene.finish("").agreesWithDifferences(new Random(seed)) ? 0 : 1;
                all++;
            }
        }
        assertTrue(kinks <= all / 20, kinks + " of " + all);
    }

    private static Set<Class<?>> records(Class<?> type) {
        var records = new LinkedHashSet<Class<?>>();
        if (!type.isSealed()) {
            records.add(type);
            return records;
        }
        for (Class<?> permitted : type.getPermittedSubclasses()) {
            records.addAll(records(permitted));
        }
        return records;
    }
}
