package dev.rondo.tests.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.MaskedRecurrentNodes;
import dev.rondo.architecture.RecurrentNodes;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A recurrent layer with a mask on its state: with a mask of ones the layer itself, and by hand with others. */
class MaskedRecurrenceTest {
    private static final List<Cell> CELLS =
            List.of(new Cell.Elman(Activation.TANH), new Cell.Lstm(), new Cell.Gru(true), new Cell.Gru(false));
    private static final int INPUTS = 2;
    private static final int UNITS = 3;

    private static Function function(Cell cell, boolean masked, boolean reverse) {
        FunctionBuilder f = Function.builder("layer");
        RecurrentParameters layer = RecurrentParameters.of("layer", cell, INPUTS, UNITS);
        Value x = f.input("x", ElementType.F32, "B", "T", INPUTS);
        Value lengths = f.input("lengths", ElementType.I32, "B");
        var nodes = new RecurrentNodes(f, cell, layer, 0);
        Value y;
        if (masked) {
            Value mask = f.input("mask", ElementType.F32, "B", UNITS);
            y = MaskedRecurrentNodes.sequence(nodes, mask, x, lengths, reverse, false);
        } else {
            y = nodes.sequence(List.of(), x, Value.ABSENT, Value.ABSENT, lengths, false, reverse)
                    .getFirst();
        }
        f.output(f.add("y", new Structure.Reshape(y.type().dims()), y));
        return f.build();
    }

    private static Map<String, NdArray> weights(Function function, Random random) {
        var weights = new HashMap<String, NdArray>();
        for (Value weight : function.weights()) {
            Integer[] shape =
                    weight.type().dims().stream().map(d -> (int) d.fixed()).toArray(Integer[]::new);
            weights.put(weight.tensorName(), NdArray.random(random, 1, shape));
        }
        return weights;
    }

    @Test
    void withAMaskOfOnesItIsTheLayer() {
        for (Cell cell : CELLS) {
            for (boolean reverse : List.of(false, true)) {
                var random = new Random(5);
                Function plain = function(cell, false, reverse);
                Map<String, NdArray> weights = weights(plain, random);
                var inputs = new HashMap<String, NdArray>();
                inputs.put("x", NdArray.random(random, 1, 3, 4, INPUTS));
                inputs.put("lengths", NdArray.ints(4, 2, 3));
                double[] expected = Interpreter.run(plain, inputs, Map.of(), weights)
                        .output("y")
                        .values();
                inputs.put("mask", NdArray.tabulate(ElementType.F32, List.of(3, UNITS), _ -> 1));
                double[] found = Interpreter.run(function(cell, true, reverse), inputs, Map.of(), weights)
                        .output("y")
                        .values();
                for (int i = 0; i < expected.length; i++) {
                    assertEquals(expected[i], found[i], 1e-12, cell + " at " + i);
                }
            }
        }
    }

    /** h' = z ⊙ h + (1 − z) ⊙ n: with all of the state masked, what is kept of it is still kept. */
    @Test
    void aGruKeepsWhatItsGatesDoNotSee() {
        for (boolean resetAfter : List.of(true, false)) {
            var random = new Random(7);
            Function masked = function(new Cell.Gru(resetAfter), true, false);
            Map<String, NdArray> weights = weights(function(new Cell.Gru(resetAfter), false, false), random);
            NdArray x = NdArray.random(random, 1, 1, 3, INPUTS);
            double[] y = Interpreter.run(
                            masked,
                            Map.of(
                                    "x", x,
                                    "lengths", NdArray.ints(3),
                                    "mask", NdArray.tabulate(ElementType.F32, List.of(1, UNITS), _ -> 0)),
                            Map.of(),
                            weights)
                    .output("y")
                    .values();
            double[] w = weights.get("layer.weight_input").values();
            double[] b = weights.get("layer.bias").values();
            for (int unit = 0; unit < UNITS; unit++) {
                double h = 0;
                for (int t = 0; t < 3; t++) {
                    double[] a = new double[3];
                    for (int gate = 0; gate < 3; gate++) {
                        int row = gate * UNITS + unit;
                        a[gate] = b[row];
                        for (int i = 0; i < INPUTS; i++) {
                            a[gate] += w[row * INPUTS + i] * x.values()[t * INPUTS + i];
                        }
                    }
                    double r = 1 / (1 + Math.exp(-a[0]));
                    double z = 1 / (1 + Math.exp(-a[1]));
                    double d = resetAfter ? weights.get("layer.hidden_bias").values()[unit] : 0;
                    h = z * h + (1 - z) * Math.tanh(a[2] + r * d);
                    assertEquals(h, y[t * UNITS + unit], 1e-9, "step " + t);
                }
            }
        }
    }
}
