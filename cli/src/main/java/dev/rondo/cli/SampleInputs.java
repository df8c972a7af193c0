package dev.rondo.cli;

import dev.rondo.Call;
import dev.rondo.Port;
import dev.rondo.Session;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Made-up inputs that a function accepts: lengths at their largest, indices 0, 1, 2 and so on within the smallest table
 * they are looked up in, other whole numbers 0, truth values true, floating-point numbers between -1 and 1.
 */
final class SampleInputs {
    private final Session session;
    private final List<Long> lengths = new ArrayList<>();
    private final List<Long> tables = new ArrayList<>();

    private final Set<Use> seen = new HashSet<>();

    /** A value of a function under some names; many paths may lead to it, and it is looked at once. */
    private record Use(Function function, Value value, Map<String, Dim> names) {}

    private SampleInputs(Session session) {
        this.session = session;
    }

    /** Fills the inputs of a call at the session's current sizes. The same values each time. */
    static void fill(Call call, Session session) {
        var random = new SplittableRandom(1);
        Function function = call.function();
        for (Value input : function.inputs()) {
            var uses = new SampleInputs(session);
            uses.look(function, input, Map.of());
            Port port = call.input(input.name());
            for (int i = 0; i < port.size(); i++) {
                switch (port.element()) {
                    case F32, F64 -> port.set(i, random.nextDouble(-1, 1));
                    case BOOL -> port.set(i, 1L);
                    case I32, I64 -> port.set(i, uses.whole(i));
                }
            }
        }
    }

    private long whole(int i) {
        if (!lengths.isEmpty()) {
            return lengths.stream().mapToLong(Long::longValue).min().orElseThrow();
        }
        return i % Math.max(1, tables.stream().mapToLong(Long::longValue).min().orElse(1));
    }

    /**
     * Collects what a value is used for, also by the bodies of scans and after it has been moved, cut or converted.
     *
     * @param names what dimension names of a body mean in the function that the session runs
     */
    private void look(Function function, Value value, Map<String, Dim> names) {
        if (!seen.add(new Use(function, value, names))) {
            return;
        }
        for (Node node : function.nodes()) {
            for (int i = 0; i < node.inputs().size(); i++) {
                if (node.inputs().get(i).equals(value)) {
                    look(function, node, i, names);
                }
            }
        }
    }

    private void look(Function function, Node node, int slot, Map<String, Dim> names) {
        List<Value> inputs = node.inputs();
        switch (node.op()) {
            case Scan scan -> look(scan, inputs, slot, names);
            case Structure.Gather _
            when slot == 1 -> tables.add(size(inputs.getFirst().type().dim(0), names));
            case Structure.Pick _
            when slot == 1 -> tables.add(size(inputs.getFirst().type().dim(-1), names));
            case Structure.LengthMask(Dim size) -> lengths.add(size(size, names));
            case Structure _, Elementwise _ -> node.outputs().forEach(same -> look(function, same, names));
            case Op op -> {
                if (op.slots().get(slot).name().equals("lengths")) {
                    lengths.add(size(inputs.getFirst().type().dim(1), names));
                }
            }
        }
    }

    private void look(Scan scan, List<Value> inputs, int slot, Map<String, Dim> names) {
        if (slot == inputs.size() - 1) {
            lengths.add(size(steps(scan, inputs), names));
        } else if (slot < scan.body().inputs().size()) {
            var inner = new HashMap<String, Dim>();
            scan.bindings(inputs).forEach((name, dim) -> inner.put(name, dim.substitute(names)));
            look(scan.body(), scan.body().inputs().get(slot), inner);
        }
    }

    private static Dim steps(Scan scan, List<Value> inputs) {
        for (int i = 0; i < scan.body().inputs().size(); i++) {
            if (scan.isSequence(i)) {
                ValueType step = scan.body().inputs().get(i).type();
                return inputs.get(i).type().dim(Scan.timeAxis(step));
            }
        }
        throw new AssertionError("a scan without a sequence: " + scan);
    }

    private long size(Dim dim, Map<String, Dim> names) {
        return dim.substitute(names).evaluate(session::size);
    }
}
