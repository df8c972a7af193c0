package dev.rondo.tests.random;

import static dev.rondo.tests.random.Pool.EPS;
import static dev.rondo.tests.random.Pool.ROWS;
import static dev.rondo.tests.random.Pool.f32;

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

/** Adds recurrent cells and layers with all that they may have, on weights of the file, computed, or fed. */
final class RecurrentMakers {
    private RecurrentMakers() {}

    static Map<Class<? extends Op>, Consumer<Pool>> makers() {
        var makers = new LinkedHashMap<Class<? extends Op>, Consumer<Pool>>();
        makers.put(Recurrent.ElmanCell.class, p -> add(p, new Recurrent.ElmanCell(Catalogue.activation(p)), 1, false));
        makers.put(
                Recurrent.ElmanLayer.class,
                p -> add(p, new Recurrent.ElmanLayer(Catalogue.activation(p), p.flip(), p.flip()), 1, true));
        makers.put(Recurrent.LstmCell.class, p -> add(p, new Recurrent.LstmCell(lstm(p)), 4, false));
        makers.put(
                Recurrent.LstmLayer.class, p -> add(p, new Recurrent.LstmLayer(lstm(p), p.flip(), p.flip()), 4, true));
        makers.put(
                Recurrent.GruCell.class,
                p -> add(p, new Recurrent.GruCell(gate(p), Catalogue.activation(p), p.flip()), 3, false));
        makers.put(
                Recurrent.GruLayer.class,
                p -> add(
                        p,
                        new Recurrent.GruLayer(gate(p), Catalogue.activation(p), p.flip(), p.flip(), p.flip()),
                        3,
                        true));
        return makers;
    }

    private static Activation gate(Pool p) {
        return p.flip() ? Activation.SIGMOID : Activation.hardSigmoid(0.2f, 0.5f);
    }

    private static LstmActivations lstm(Pool p) {
        return p.flip()
                ? LstmActivations.STANDARD
                : new LstmActivations(gate(p), gate(p), Catalogue.activation(p), gate(p), Catalogue.activation(p));
    }

    private static void add(Pool p, Op op, int gates, boolean layer) {
        int units = p.size();
        int inputs = p.size();
        boolean weighted = p.random.nextInt(4) > 0;
        var dims = new ArrayList<Dim>(List.of(ROWS));
        if (layer) {
            dims.add(p.isBody() || p.flip() ? Dim.of(p.between(1, 5)) : Pool.STEPS);
        }
        dims.add(Dim.of(weighted ? inputs : gates * units));
        Value x = p.random.nextInt(3) == 0 && weighted ? embedded(p, dims) : p.real(f32(dims), 3, 1e-6);
        boolean resetAfter = op instanceof Recurrent.GruCell cell && cell.resetAfter()
                || op instanceof Recurrent.GruLayer gru && gru.resetAfter();
        boolean projected = gates == 4 && p.random.nextInt(3) == 0;
        int outputs = projected ? p.size() : units;
        var in = new ArrayList<Value>();
        for (Op.Slot slot : op.slots()) {
            in.add(
                    switch (slot.name()) {
                        case "x" -> x;
                        case "h" -> initial(p, outputs, layer);
                        case "c" -> initial(p, units, layer);
                        case "weight_hidden" -> p.matrix(gates * units, outputs);
                        case "weight_input" -> weighted ? p.matrix(gates * units, inputs) : Value.ABSENT;
                        case "bias" -> p.vector(gates * units);
                        case "hidden_bias" -> resetAfter ? p.vector(units) : Value.ABSENT;
                        case "peepholes" -> p.flip() ? Value.ABSENT : p.real(f32(3, units), 1, 1e-6);
                        case "projection" -> projected ? p.matrix(outputs, units) : Value.ABSENT;
                        case "lengths" -> p.flip() ? Value.ABSENT : p.lengths(ROWS, dims.get(1));
                        default -> throw new IllegalStateException("no values for " + slot);
                    });
        }
        double magnitude = 0;
        double error = 0;
        for (Value value : in) {
            magnitude += p.magnitude(value) > 100 ? 0 : p.magnitude(value);
            error += p.error(value);
        }
        int steps = layer ? 6 : 1;
        // A cell's activation may double, and its steps add up; the weights' rows have sums of magnitude 1.
        double most = steps * (2 * magnitude + 2);
        double off = 10 * steps * (error + 40 * EPS * (1 + most));
        List<Value> results = p.f.addAll(op, List.of(), in);
        results.forEach(v -> p.put(v, most, off));
    }

    /** Rows of a table that nothing else uses: the planner folds it into the input weights. */
    private static Value embedded(Pool p, List<Dim> dims) {
        int rows = p.size();
        Value table = p.matrix(rows, (int) dims.getLast().fixed());
        return p.add(
                new dev.rondo.graph.Structure.Gather(),
                p.magnitude(table),
                p.error(table),
                table,
                p.index(dims.subList(0, dims.size() - 1), rows));
    }

    private static Value initial(Pool p, int size, boolean layer) {
        return layer && p.flip() ? Value.ABSENT : p.real(f32("B", size), 2, 1e-6);
    }
}
