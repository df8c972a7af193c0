package dev.rondo.convert.draft;

import dev.rondo.error.FormatException;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.TensorData;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Function;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Collects the weights of functions while they are built; then decides from their use how each is stored: matrices of
 * gates in panels, gate by gate, other matrices in panels of one, what is gathered or computed with in rows. For one
 * conversion.
 */
public final class DraftWeights {
    private record Weight(
            String name, List<String> sources, List<Integer> shape, Encoding kept, Supplier<float[]> values) {}

    private final Map<String, Weight> floats = new LinkedHashMap<>();
    private final Map<String, StoredTensor.Plain> plain = new LinkedHashMap<>();

    /** How a function uses a weight. */
    private record Use(Op op, String slot) {
        /** The layout that the kernel of this use takes in place; rows for most. */
        Layout layout() {
            return switch (op) {
                case Contraction.Linear() when slot.equals("weight") -> new Layout.Panels(1);
                case Recurrent _ when slot.equals("projection") -> new Layout.Panels(1);
                case Recurrent cell
                when slot.equals("weight_input") || slot.equals("weight_hidden") -> new Layout.Panels(gates(cell));
                default -> new Layout.Rows();
            };
        }

        /** Whether the weight may be stored with fewer bits here. */
        boolean isMatrix() {
            return !(layout() instanceof Layout.Rows)
                    || isLookUp()
                    || op instanceof Contraction && !slot.equals("bias");
        }

        boolean isLookUp() {
            return op instanceof Structure.Gather && slot.equals("table");
        }

        private static int gates(Recurrent cell) {
            return switch (cell) {
                case Recurrent.ElmanCell _, Recurrent.ElmanLayer _ -> 1;
                case Recurrent.LstmCell _, Recurrent.LstmLayer _ -> 4;
                case Recurrent.GruCell _, Recurrent.GruLayer _ -> 3;
            };
        }
    }

    /** None yet. */
    public DraftWeights() {}

    /**
     * Adds a weight of f32 values.
     *
     * @param name    in the file
     * @param sources names in the source, for the report
     * @param kept    the encoding that keeps its values
     * @param values  all of them, row-major, in an array that nobody else holds; asked for once, when it is written
     * @throws FormatException when there is one of that name
     */
    public void floats(
            String name, List<String> sources, List<Integer> shape, Encoding kept, Supplier<float[]> values) {
        requireNew(name);
        floats.put(name, new Weight(name, List.copyOf(sources), List.copyOf(shape), kept, values));
    }

    /**
     * Adds a constant of any type, which is stored as it is.
     *
     * @throws FormatException when there is one of that name
     */
    public void plain(String name, List<String> sources, TensorData values) {
        requireNew(name);
        plain.put(name, new StoredTensor.Plain(name, sources, values));
    }

    /** The weights that functions use, in the order in which they were added; others are dropped. */
    public List<StoredTensor> store(List<Function> functions, EncodingChoice choice) {
        Map<String, Set<Use>> uses = uses(functions);
        var stored = new ArrayList<StoredTensor>();
        var matrices = new ArrayList<String>();
        for (Weight weight : floats.values()) {
            Set<Use> of = uses.get(weight.name());
            if (of == null) {
                continue;
            }
            // A table that a product reads too lies as the product wants it: a look-up reads one row of it, a product
            // all.
            List<Layout> layouts = of.stream()
                    .filter(use -> of.size() == 1 || !use.isLookUp())
                    .map(Use::layout)
                    .distinct()
                    .toList();
            // One that only leaves a function as it is has no use, and keeps its values.
            boolean matrix =
                    weight.shape().size() >= 2 && !of.isEmpty() && of.stream().allMatch(Use::isMatrix);
            Layout layout = layouts.size() == 1 && weight.shape().size() >= 2 ? layouts.getFirst() : new Layout.Rows();
            if (matrix) {
                matrices.add(weight.name());
            }
            stored.add(new StoredTensor.Floats(
                    weight.name(),
                    weight.sources(),
                    weight.shape(),
                    matrix ? choice.of(weight.name(), weight.kept()) : Encoding.F32,
                    layout,
                    weight.values()));
        }
        plain.values().stream().filter(p -> uses.containsKey(p.name())).forEach(stored::add);
        choice.check(matrices);
        return stored;
    }

    private static Map<String, Set<Use>> uses(List<Function> functions) {
        var uses = new LinkedHashMap<String, Set<Use>>();
        var all = new LinkedHashSet<Function>();
        functions.forEach(f -> all.addAll(f.bodies()));
        all.addAll(functions);
        for (Function function : all) {
            for (Node node : function.nodes()) {
                addUses(uses, node);
            }
            // A weight may also leave a function as it is.
            function.weights().forEach(w -> uses.computeIfAbsent(w.tensorName(), _ -> new LinkedHashSet<>()));
        }
        return uses;
    }

    private static void addUses(Map<String, Set<Use>> uses, Node node) {
        List<Op.Slot> slots = node.op().slots();
        for (int i = 0; i < node.inputs().size(); i++) {
            Value input = node.inputs().get(i);
            if (input.isWeight()) {
                String slot = slots.get(Math.min(i, slots.size() - 1)).name();
                uses.computeIfAbsent(input.tensorName(), _ -> new LinkedHashSet<>())
                        .add(new Use(node.op(), slot));
            }
        }
    }

    private void requireNew(String name) {
        if (floats.containsKey(name) || plain.containsKey(name)) {
            throw new FormatException(
                    "tensor '" + name + "'", "is stored once", "a second one of that name", "rename one of the layers");
        }
    }
}
