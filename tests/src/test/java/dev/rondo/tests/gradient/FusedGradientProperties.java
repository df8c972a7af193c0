package dev.rondo.tests.gradient;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Function;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Scan;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.train.gradient.Decomposition;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The fused backward operators give what the gradient of the decomposed layer gives. */
class FusedGradientProperties {
    @Provide
    Arbitrary<Scene.Sizes> sizes() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 3).shrinkTowards(1),
                        Arbitraries.integers().between(0, 6),
                        Arbitraries.integers().between(1, 5),
                        Arbitraries.of(1, 6))
                .as(Scene.Sizes::new);
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void fusedAndDecomposedGradientsAgree(@ForAll("sizes") Scene.Sizes sizes, @ForAll long seed) {
        Stream.of(Recurrent.LstmLayer.class, Recurrent.GruLayer.class, Recurrent.ElmanLayer.class)
                .forEach(layer -> {
                    var scene = new Scene(sizes, new Random(seed));
                    OperatorScenes.makers().get(layer).accept(scene);
                    GradientCase fused = scene.finish(layer.getSimpleName() + ", " + sizes + ", seed " + seed);
                    Function decomposed = Decomposition.of(fused.function());
                    assertTrue(operators(decomposed).noneMatch(Recurrent.class::isInstance), decomposed::toString);
                    assertTrue(operators(decomposed).anyMatch(Scan.class::isInstance), decomposed::toString);
                    var same = new GradientCase(
                            fused.what(), decomposed, fused.loss(), fused.parameters(), fused.values());
                    Interpreter.Result a = fused.run(fused.gradient());
                    Interpreter.Result b = same.run(same.gradient());
                    assertEquals(a.outputs().keySet(), b.outputs().keySet());
                    a.outputs()
                            .forEach((name, value) -> assertClose(value, b.output(name), 1e-11, 1e-11, fused + name));
                });
    }

    /** Layers as models have them use the fused operators, forward and backward; others are decomposed. */
    @Property(tries = 50, edgeCases = EdgeCasesMode.NONE)
    void usualLayersAreFused(@ForAll long seed) {
        isFused(Recurrent.LstmLayer.class, Training.LstmBackward.class, seed);
        isFused(Recurrent.GruLayer.class, Training.GruBackward.class, seed);
        isFused(Recurrent.ElmanLayer.class, Training.ElmanBackward.class, seed);
    }

    private static void isFused(Class<? extends Recurrent> layer, Class<? extends Op> backward, long seed) {
        var scene = new Scene(new Scene.Sizes(2, 3, 3, 1), new Random(seed));
        OperatorScenes.makers().get(layer).accept(scene);
        GradientCase found = scene.finish(layer.getSimpleName() + ", seed " + seed);
        Node node = found.function().nodes().stream()
                .filter(n -> layer.isInstance(n.op()))
                .findFirst()
                .orElseThrow();
        boolean reached = node.inputs().stream().anyMatch(found.parameters()::contains);
        assertEquals(
                isUsual(node) && reached, operators(found.gradient()).anyMatch(backward::isInstance), found::toString);
    }

    private static boolean isUsual(Node layer) {
        return layer.op() instanceof Recurrent.LstmLayer(var activations, boolean _, boolean _)
                        && activations.equals(LstmActivations.STANDARD)
                        && layer.input("peepholes").isAbsent()
                        && layer.input("projection").isAbsent()
                || layer.op() instanceof Recurrent.GruLayer(var gate, var candidate, boolean _, boolean _, boolean _)
                        && gate.equals(Activation.SIGMOID)
                        && candidate.equals(Activation.TANH)
                || layer.op() instanceof Recurrent.ElmanLayer(var activation, boolean _, boolean _)
                        && List.of(Activation.TANH, Activation.SIGMOID, Activation.RELU, Activation.IDENTITY)
                                .contains(activation);
    }

    private static Stream<Op> operators(Function f) {
        return Stream.concat(f.bodies().stream(), Stream.of(f))
                .flatMap(g -> g.nodes().stream())
                .map(Node::op);
    }
}
