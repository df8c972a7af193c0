package dev.rondo.tests;

import dev.rondo.Model;
import dev.rondo.graph.Function;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import java.util.List;
import java.util.Map;

/** Something that runs functions: the tests of what functions mean are the same for all of them. */
public interface Engine {

    /** The name in test reports. */
    String name();

    /**
     * Calls a function once.
     *
     * @param inputs one value per input of the function
     * @param states values of states; a state that is not given is zero
     * @param weights by tensor name
     */
    Interpreter.Result run(
            Function function, Map<String, NdArray> inputs, Map<String, NdArray> states, Map<String, NdArray> weights);

    /** How far a result that is exact on paper may be off, relative to numbers around 1. */
    double tolerance();

    /** A call of a function without state. */
    default Interpreter.Result run(Function function, Map<String, NdArray> inputs, Map<String, NdArray> weights) {
        return run(function, inputs, Map.of(), weights);
    }

    /** All engines. */
    static List<Engine> all() {
        return List.of(
                new OfInterpreter(),
                new RuntimeEngine(Model.Kernel.PLAIN, false, false, false),
                new RuntimeEngine(Model.Kernel.PLAIN, true, true, true),
                new RuntimeEngine(Model.Kernel.BEST, false, true, false),
                new RuntimeEngine(Model.Kernel.BEST, true, false, true));
    }

    /** The double-precision oracle. */
    record OfInterpreter() implements Engine {
        @Override
        public String name() {
            return "interpreter";
        }

        @Override
        public double tolerance() {
            return 1e-12;
        }

        @Override
        public Interpreter.Result run(
                Function function,
                Map<String, NdArray> inputs,
                Map<String, NdArray> states,
                Map<String, NdArray> weights) {
            return Interpreter.run(function, inputs, states, weights);
        }

        @Override
        public String toString() {
            return name();
        }
    }
}
