package dev.rondo.train.gradient;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Extension;
import dev.rondo.graph.Function;
import dev.rondo.graph.Node;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.train.gradient.BackwardBody.Ends;
import dev.rondo.train.gradient.BackwardBody.Given;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which nodes a backward body keeps: not what nothing reads, and not what is dear to compute, which the scan that went forward
 * has saved.
 *
 * @param forward names of what the forward body computes
 * @param still   names of what is the same at every step
 * @param outputs of the body
 * @param inputs  of the body; what is saved becomes one
 * @param saved   what the forward scan saves; what is read of it is added
 */
record BackwardCut(
        Ends ends,
        Set<String> forward,
        Set<String> still,
        List<Value> outputs,
        Map<String, Given> inputs,
        Set<Value> saved) {
    /** The body without the rest. */
    Function of(Function all) {
        var read = new HashSet<String>();
        outputs.forEach(v -> read.add(v.name()));
        all.states().forEach(s -> read.add(s.next().name()));
        var live = new ArrayList<Node>();
        for (Node node : all.nodes().reversed()) {
            if (node.outputs().stream().noneMatch(v -> read.contains(v.name()))) {
                continue;
            }
            boolean known = ends != Ends.MASK
                    && forward.contains(node.outputs().getFirst().name())
                    && isDear(node)
                    && !still.contains(node.outputs().getFirst().name());
            if (known) {
                for (Value output : node.outputs()) {
                    if (read.contains(output.name())) {
                        saved.add(output);
                        inputs.put(output.name(), new Given(new Source.Saved(output), true));
                    }
                }
            } else {
                node.inputs().forEach(v -> read.add(v.name()));
                live.addFirst(node);
            }
        }
        var kept = new ArrayList<Value>();
        for (Value input : all.inputs()) {
            if (read.contains(input.name())) {
                kept.add(input);
                if (inputs.get(input.name()).source() instanceof Source.Saved(Value value)) {
                    saved.add(value);
                }
            }
        }
        saved.stream()
                .filter(v -> inputs.containsKey(v.name()) && !kept.contains(v) && read.contains(v.name()))
                .forEach(kept::add);
        keepSizes(all, live, kept);
        return new Function(all.name(), kept, all.states(), live, outputs);
    }

    /** Keeps what says how many steps there are, and what the sizes are. */
    private void keepSizes(Function all, List<Node> live, List<Value> kept) {
        var wanted = new HashSet<String>();
        all.states().forEach(s -> addNames(s.value(), wanted));
        live.forEach(n -> n.outputs().forEach(v -> addNames(v, wanted)));
        var known = new HashSet<String>();
        for (Value input : kept) {
            for (Dim dim : input.type().dims()) {
                if (dim.names().size() == 1 && dim.equals(Dim.named(dim.names().getFirst()))) {
                    known.add(dim.names().getFirst());
                }
            }
        }
        boolean steps = kept.stream().anyMatch(v -> inputs.get(v.name()).sequence());
        if (!steps || !known.containsAll(wanted)) {
            for (Value input : all.inputs()) {
                if (!kept.contains(input)) {
                    kept.add(input);
                    if (inputs.get(input.name()).source() instanceof Source.Saved(Value value)) {
                        saved.add(value);
                    }
                }
            }
        }
    }

    private static void addNames(Value value, Set<String> names) {
        value.type().dims().forEach(d -> names.addAll(d.names()));
    }

    /** Whether computing a node again costs more than keeping what it gave. */
    private static boolean isDear(Node node) {
        if (node.outputs().stream().anyMatch(v -> v.type().rank() == ValueType.MAX_RANK)) {
            return false;
        }
        return switch (node.op()) {
            case Contraction _, Recurrent _, Scan _ -> true;
            case Training.LstmTrace _, Training.GruTrace _ -> true;
            case Aggregation.Attention _, Aggregation.Softmax _ -> true;
            case Aggregation _, Elementwise _, Structure _, Extension _ -> false;
        };
    }
}
