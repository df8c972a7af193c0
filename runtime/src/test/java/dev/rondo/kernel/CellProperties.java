package dev.rondo.kernel;

import dev.rondo.graph.Activation;
import dev.rondo.graph.LstmActivations;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Recurrent cells: plain and vector against their equations in double precision, with the error bound carried along. */
class CellProperties {

    private static final Kernels[] BOTH = {Kernels.plain(), Kernels.best()};

    @Provide
    Arbitrary<Integer> sizes() {
        return Arbitraries.of(0, 1, 2, 3, 4, 5, 8, 11, 15, 16, 17, 31, 32, 33, 40, 50);
    }

    @Provide
    Arbitrary<Activation> activations() {
        return Arbitraries.of(
                Activation.SIGMOID,
                Activation.TANH,
                Activation.RELU,
                Activation.hardSigmoid(0.2f, 0.5f),
                Activation.IDENTITY,
                Activation.SOFTSIGN,
                Activation.elu(1),
                Activation.scaledTanh(1.5f, 0.5f),
                Activation.SOFTPLUS,
                Activation.leakyRelu(0.01f),
                Activation.affine(0.5f, 0.25f));
    }

    @Provide
    Arbitrary<Values> gateValues() {
        return Arbitraries.of(Values.ORDINARY, Values.TINY, Values.SUBNORMAL, Values.SPECIAL, Values.WHOLE);
    }

    private static int padded(int groups, int size) {
        return (size + 15) / 16 * 16 * groups;
    }

    private static float gate(float[] gates, int groups, int gate, int j) {
        return gates[(j / 16 * groups + gate) * 16 + j % 16];
    }

    private static Approximate exact(float value) {
        return Approximate.exact(value);
    }

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void standardLstm(
            @ForAll long seed, @ForAll("sizes") int size, @ForAll("gateValues") Values kind, @ForAll boolean large) {
        lstm(seed, size, kind, large ? Values.LARGE : Values.ORDINARY, LstmActivations.STANDARD, false);
    }

    @Property(tries = 150, shrinking = ShrinkingMode.OFF)
    void saturatedLstm(@ForAll long seed, @ForAll("sizes") int size) {
        lstm(seed, size, Values.LARGE, Values.ORDINARY, LstmActivations.STANDARD, false);
    }

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void anyLstm(
            @ForAll long seed,
            @ForAll("sizes") int size,
            @ForAll("activations") Activation input,
            @ForAll("activations") Activation candidate,
            @ForAll("activations") Activation output,
            @ForAll("activations") Activation cell,
            @ForAll boolean peepholes) {
        lstm(
                seed,
                size,
                Values.ORDINARY,
                Values.ORDINARY,
                new LstmActivations(input, Activation.SIGMOID, candidate, output, cell),
                peepholes);
    }

    private static void lstm(
            long seed, int size, Values gateKind, Values stateKind, LstmActivations f, boolean withPeepholes) {
        Random random = new Random(seed);
        int batch = random.nextInt(4);
        float[][] gates = gateKind.rows(batch, padded(4, size), random);
        float[][] cPrev = stateKind.rows(batch, size, random);
        float[][] peepholes = Values.ORDINARY.rows(3, size, random);
        boolean aliased = random.nextBoolean();
        try (Memories memories = new Memories(seed)) {
            for (Kernels kernels : BOTH) {
                View cPrevView = memories.floats(cPrev, size);
                View c = aliased ? cPrevView : memories.view(batch, size, Float.BYTES);
                View h = memories.view(batch, size, Float.BYTES);
                View p = withPeepholes ? memories.floats(peepholes, size) : null;
                kernels.lstmCell(f, memories.floats(gates, padded(4, size)), cPrevView, p, h, c);
                for (int m = 0; m < batch; m++) {
                    for (int j = 0; j < size; j++) {
                        String what = ProductProperties.name(kernels) + " row " + m + " unit " + j;
                        Approximate previous = exact(cPrev[m][j]);
                        Approximate i = gateOf(gates[m], 0, j, withPeepholes, peepholes[0], previous)
                                .through(f.input());
                        Approximate forget = gateOf(gates[m], 1, j, withPeepholes, peepholes[1], previous)
                                .through(f.forget());
                        Approximate g = exact(gate(gates[m], 4, 2, j)).through(f.candidate());
                        Approximate cell = forget.times(previous).plus(i.times(g));
                        Approximate o = gateOf(gates[m], 3, j, withPeepholes, peepholes[2], cell)
                                .through(f.output());
                        cell.check(c.get(m, j), what + " c");
                        o.times(cell.through(f.cell())).check(h.get(m, j), what + " h");
                    }
                }
            }
            memories.checkSurroundings();
        }
    }

    private static Approximate gateOf(
            float[] gates, int gate, int j, boolean withPeepholes, float[] peephole, Approximate cell) {
        Approximate a = exact(gate(gates, 4, gate, j));
        return withPeepholes ? a.plus(exact(peephole[j]).times(cell)) : a;
    }

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void standardGru(@ForAll long seed, @ForAll("sizes") int size, @ForAll("gateValues") Values kind) {
        gru(seed, size, kind, GruGates.STANDARD);
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void anyGru(
            @ForAll long seed,
            @ForAll("sizes") int size,
            @ForAll("activations") Activation reset,
            @ForAll("activations") Activation update,
            @ForAll("activations") Activation candidate) {
        gru(seed, size, Values.ORDINARY, new GruGates(reset, update, candidate));
    }

    private static void gru(long seed, int size, Values kind, GruGates f) {
        Random random = new Random(seed);
        int batch = random.nextInt(4);
        int cols = padded(3, size);
        // Infinity minus infinity would make a reset gate NaN: only one of the two may be special.
        float[][] x = kind.rows(batch, cols, random);
        float[][] u = (kind == Values.SPECIAL ? Values.ORDINARY : kind).rows(batch, cols, random);
        float[][] hPrev = Values.ORDINARY.rows(batch, size, random);
        try (Memories memories = new Memories(seed)) {
            for (Kernels kernels : BOTH) {
                View hPrevView = memories.floats(hPrev, size);
                View h = random.nextBoolean() ? hPrevView : memories.view(batch, size, Float.BYTES);
                kernels.gruCell(f, memories.floats(x, cols), memories.floats(u, cols), hPrevView, h);
                for (int m = 0; m < batch; m++) {
                    for (int j = 0; j < size; j++) {
                        Approximate r = sum(x[m], u[m], 0, j).through(f.reset());
                        Approximate z = sum(x[m], u[m], 1, j).through(f.update());
                        Approximate n = exact(gate(x[m], 3, 2, j)).plus(r.times(exact(gate(u[m], 3, 2, j))));
                        combined(z, n.through(f.candidate()), hPrev[m][j])
                                .check(h.get(m, j), ProductProperties.name(kernels) + " row " + m + " unit " + j);
                    }
                }
            }
            memories.checkSurroundings();
        }
    }

    private static Approximate sum(float[] x, float[] u, int gate, int j) {
        return exact(gate(x, 3, gate, j)).plus(exact(gate(u, 3, gate, j)));
    }

    private static Approximate combined(Approximate z, Approximate n, float hPrev) {
        return z.times(exact(hPrev)).plus(exact(1).minus(z).times(n));
    }

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void gruInTwoHalves(
            @ForAll long seed,
            @ForAll("sizes") int size,
            @ForAll("gateValues") Values kind,
            @ForAll("activations") Activation any,
            @ForAll boolean standard) {
        GruGates f = standard ? GruGates.STANDARD : new GruGates(any, Activation.SIGMOID, any);
        Random random = new Random(seed);
        int batch = random.nextInt(4);
        int cols = padded(3, size);
        float[][] gates = kind.rows(batch, cols, random);
        float[][] hPrev = Values.ORDINARY.rows(batch, size, random);
        try (Memories memories = new Memories(seed)) {
            for (Kernels kernels : BOTH) {
                View gatesView = memories.floats(gates, cols);
                View hPrevView = memories.floats(hPrev, size);
                View rh = memories.view(batch, size, Float.BYTES);
                kernels.gruReset(f, gatesView, hPrevView, rh);
                View h = random.nextBoolean() ? hPrevView : memories.view(batch, size, Float.BYTES);
                kernels.gruUpdate(f, gatesView, hPrevView, h);
                for (int m = 0; m < batch; m++) {
                    for (int j = 0; j < size; j++) {
                        String what = ProductProperties.name(kernels) + " row " + m + " unit " + j;
                        Approximate r = exact(gate(gates[m], 3, 0, j)).through(f.reset());
                        r.times(exact(hPrev[m][j])).check(rh.get(m, j), what + " reset");
                        Approximate z = exact(gate(gates[m], 3, 1, j)).through(f.update());
                        Approximate n = exact(gate(gates[m], 3, 2, j)).through(f.candidate());
                        combined(z, n, hPrev[m][j]).check(h.get(m, j), what);
                    }
                }
            }
            memories.checkSurroundings();
        }
    }
}
