package dev.rondo.tests.gradient;

import dev.rondo.graph.Activation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Cells and layers with all optional inputs they may have. */
final class RecurrentScenes {
    private RecurrentScenes() {}

    static Map<Class<? extends Op>, Consumer<Scene>> makers() {
        var makers = new LinkedHashMap<Class<? extends Op>, Consumer<Scene>>();
        makers.put(Recurrent.ElmanCell.class, s -> add(s, new Recurrent.ElmanCell(any(s)), 1));
        makers.put(Recurrent.LstmCell.class, s -> add(s, new Recurrent.LstmCell(lstm(s)), 4));
        makers.put(Recurrent.GruCell.class, s -> add(s, new Recurrent.GruCell(gate(s), candidate(s), s.flip()), 3));
        makers.put(Recurrent.ElmanLayer.class, s -> add(s, new Recurrent.ElmanLayer(elman(s), s.flip(), s.flip()), 1));
        makers.put(Recurrent.LstmLayer.class, s -> add(s, new Recurrent.LstmLayer(lstm(s), s.flip(), s.flip()), 4));
        makers.put(
                Recurrent.GruLayer.class,
                s -> add(s, new Recurrent.GruLayer(gate(s), candidate(s), s.flip(), s.flip(), s.flip()), 3));
        return makers;
    }

    /** Any activation but those that jump: a state would carry the jump on. */
    private static Activation any(Scene s) {
        Activation activation = OperatorScenes.activation(s);
        return activation.kind() == Activation.Kind.THRESHOLDED_RELU ? Activation.RELU : activation;
    }

    private static Activation elman(Scene s) {
        return s.flip() ? s.one(Activation.TANH, Activation.SIGMOID, Activation.RELU, Activation.IDENTITY) : any(s);
    }

    private static Activation gate(Scene s) {
        return s.random.nextInt(4) > 0 ? Activation.SIGMOID : Activation.hardSigmoid(0.2f, 0.5f);
    }

    private static Activation candidate(Scene s) {
        return s.random.nextInt(4) > 0 ? Activation.TANH : any(s);
    }

    private static LstmActivations lstm(Scene s) {
        return s.random.nextInt(3) > 0
                ? LstmActivations.STANDARD
                : new LstmActivations(gate(s), gate(s), candidate(s), gate(s), candidate(s));
    }

    private static void add(Scene s, Op op, int gates) {
        int units = s.size();
        int inputs = s.size();
        boolean weighted = s.random.nextInt(4) > 0;
        boolean layer = op.slots().getLast().name().equals("lengths");
        boolean plain = op instanceof Recurrent.LstmLayer && s.random.nextInt(3) > 0;
        boolean projected = gates == 4 && !plain && s.flip();
        int outputs = projected ? s.size() : units;
        boolean resetAfter = op instanceof Recurrent.GruCell cell && cell.resetAfter()
                || op instanceof Recurrent.GruLayer gru && gru.resetAfter();
        Dim steps = s.random.nextInt(4) > 0 ? Dim.named("T") : Dim.of(s.size());
        int features = weighted ? inputs : gates * units;
        var in = new ArrayList<Value>();
        for (Op.Slot slot : op.slots()) {
            in.add(
                    switch (slot.name()) {
                        case "x" -> layer ? s.real("B", steps, features) : s.real("B", features);
                        case "h" -> begin(s, layer, outputs);
                        case "c" -> begin(s, layer, units);
                        case "weight_hidden" -> s.matrix(gates * units, outputs);
                        case "weight_input" -> weighted ? s.matrix(gates * units, inputs) : Value.ABSENT;
                        case "bias" -> s.flip() ? Value.ABSENT : s.matrix(gates * units);
                        case "hidden_bias" -> resetAfter && s.flip() ? s.matrix(units) : Value.ABSENT;
                        case "peepholes" -> plain || s.flip() ? Value.ABSENT : s.matrix(3, units);
                        case "projection" -> projected ? s.matrix(outputs, units) : Value.ABSENT;
                        case "lengths" -> s.lengths(Dim.named("B"), steps);
                        default -> throw new IllegalStateException("no values for " + slot);
                    });
        }
        s.result(s.f.addAll(op, List.of(), in));
    }

    private static Value begin(Scene s, boolean mayBeAbsent, int size) {
        return mayBeAbsent && s.flip() ? Value.ABSENT : s.matrix("B", size);
    }
}
