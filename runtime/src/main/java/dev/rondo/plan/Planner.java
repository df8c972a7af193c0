package dev.rondo.plan;

import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.Node;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.State;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.kernel.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Makes the plan of a function: what is constant is computed once, embeddings are folded into the input weights of the
 * recurrent operator they feed, reshapes share memory, and buffers whose lifetimes do not overlap share one block.
 */
public final class Planner {
    /** A folded embedding may have this many elements: 4 MiB, which a step still finds in cache. */
    private static final long MAX_FOLDED = 1 << 20;

    private final Function function;
    private final Sizes sizes;
    private final Arena arena;
    private final Map<String, Operand> operands;
    private final Binder binder;
    private final Binder constantBinder;
    private final Executor parallel;
    private final Map<String, Node> producers = new HashMap<>();
    private final Map<String, Integer> uses = new HashMap<>();
    private final Set<String> constant = new HashSet<>();

    /** What is the same at every step of a scan; empty in a plan that is no body. */
    private final Set<String> still = new HashSet<>();

    private final Map<Node, Node> folded = new IdentityHashMap<>();
    private final Map<Node, List<Node>> chains = new IdentityHashMap<>();
    private final Map<Node, Node> partners = new IdentityHashMap<>();
    private final Set<Node> absorbed = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<String, Value> roots = new HashMap<>();
    private final Set<String> states = new HashSet<>();
    private final Map<String, Operand> copies = new HashMap<>();

    private Planner(
            Function function,
            Constants constants,
            Sizes sizes,
            Kernels kernels,
            ExtensionSteps extensions,
            Arena arena,
            Map<String, Operand> given,
            Executor parallel) {
        this.function = function;
        this.parallel = parallel;
        this.sizes = sizes;
        this.arena = arena;
        this.operands = new HashMap<>(given);
        this.binder = new Binder(constants, sizes, kernels, extensions, arena, operands);
        // Computed once, in a young JVM, and the same for every session: plain kernels.
        this.constantBinder = new Binder(constants, sizes, Kernels.plain(), extensions, arena, operands);
    }

    /** Plans a function that runs on one thread. */
    public static Plan plan(
            Function function,
            Constants constants,
            Sizes sizes,
            Kernels kernels,
            ExtensionSteps extensions,
            Arena arena,
            Map<String, Operand> given) {
        return plan(function, constants, sizes, kernels, extensions, arena, given, null);
    }

    /**
     * Plans a function.
     *
     * @param extensions binds the operators that no file holds
     * @param arena owns the buffers
     * @param given where states live, and inputs if the caller has a place for them; other inputs get one
     * @param parallel runs the second of two recurrent layers that read one sequence beside the first; null for one thread
     */
    public static Plan plan(
            Function function,
            Constants constants,
            Sizes sizes,
            Kernels kernels,
            ExtensionSteps extensions,
            Arena arena,
            Map<String, Operand> given,
            Executor parallel) {
        return new Planner(function, constants, sizes, kernels, extensions, arena, given, parallel).plan();
    }

    private Plan plan() {
        var inputs = new LinkedHashMap<String, Operand>();
        for (Value input : function.inputs()) {
            if (!operands.containsKey(input.name())) {
                operands.put(input.name(), Operand.allocate(input, arena, sizes));
            }
            inputs.put(input.name(), operands.get(input.name()));
        }
        analyse();
        layOut();
        var steps = new ArrayList<Step>();
        var moving = new ArrayList<Step>();
        for (Node node : function.nodes()) {
            if (hasNoStep(node)) {
                continue;
            }
            boolean once = constant.contains(node.outputs().getFirst().name());
            Binder target = once ? constantBinder : binder;
            if (chains.containsKey(node)) {
                target.bindChain(chains.get(node));
            } else if (folded.containsKey(node)) {
                target.bindFolded((Recurrent) node.op(), node, folded.get(node));
            } else {
                target.bind(node);
            }
            List<Step> bound = target.take();
            if (partners.containsKey(node)) {
                binder.bind(partners.get(node));
                bound = List.of(new ParallelStep(bound.getFirst(), binder.take().getFirst(), parallel));
            }
            if (once) {
                runOnce(bound);
            } else {
                steps.addAll(bound);
                if (!still.contains(node.outputs().getFirst().name())) {
                    moving.addAll(bound);
                }
            }
        }
        int computed = steps.size();
        var outputs = new LinkedHashMap<String, Operand>();
        for (Value output : function.outputs()) {
            // A state's memory changes when the state is replaced, an input's when the caller fills in the next one.
            Value root = root(output);
            boolean changes = isState(root) || function.input(root.name()).isPresent();
            outputs.put(output.name(), changes ? copied(output, steps) : binder.operand(output));
        }
        var updates = new ArrayList<Plan.StateUpdate>();
        for (State state : function.states()) {
            if (state.isReplaced()) {
                Operand next = isState(root(state.next())) ? copied(state.next(), steps) : binder.operand(state.next());
                updates.add(new Plan.StateUpdate(operands.get(state.value().name()), next));
            }
        }
        moving.addAll(steps.subList(computed, steps.size()));
        var all = new ArrayList<>(operands.values());
        all.addAll(copies.values());
        return new Plan(inputs, outputs, updates, all, steps, moving);
    }

    private static void runOnce(List<Step> steps) {
        for (Step step : steps) {
            step.resize();
        }
        for (Step step : steps) {
            step.run();
        }
    }

    private Operand copied(Value value, List<Step> steps) {
        Operand copy = copies.get(value.name());
        if (copy == null) {
            copy = Operand.allocate(value, arena, sizes);
            copies.put(value.name(), copy);
            steps.add(StructureSteps.copy(binder.operand(value), copy));
        }
        return copy;
    }

    /** Finds producers, numbers of uses, constants and embeddings to fold. */
    private void analyse() {
        for (State state : function.states()) {
            states.add(state.value().name());
        }
        for (Map.Entry<String, Operand> given : operands.entrySet()) {
            if (given.getValue().isStill()) {
                still.add(given.getKey());
            }
        }
        boolean body = !still.isEmpty();
        for (Node node : function.nodes()) {
            for (Value output : node.outputs()) {
                producers.put(output.name(), node);
            }
            if (isAlias(node)) {
                roots.put(node.outputs().getFirst().name(), root(node.inputs().getFirst()));
            }
            for (Value input : node.inputs()) {
                countUse(input);
            }
            if (isConstant(node)) {
                for (Value output : node.outputs()) {
                    constant.add(output.name());
                }
            } else if (body && isStill(node)) {
                for (Value output : node.outputs()) {
                    still.add(output.name());
                }
            }
        }
        for (Value output : function.outputs()) {
            countUse(output);
        }
        for (State state : function.states()) {
            countUse(state.next());
        }
        findFolded();
        findChains();
        if (parallel != null) {
            findPartners();
        }
    }

    /** Finds embeddings that nothing but recurrent operators read, one or the directions of a layer, and that all can fold. */
    private void findFolded() {
        Map<Node, Node> candidates = new IdentityHashMap<>();
        Map<Node, Integer> readers = new IdentityHashMap<>();
        for (Node node : function.nodes()) {
            if (node.op() instanceof Recurrent && node.input("weight_input").isWeight()) {
                Node gather = producers.get(node.input("x").name());
                if (gather != null && foldable(gather, node)) {
                    candidates.put(node, gather);
                    readers.put(gather, readers.getOrDefault(gather, 0) + 1);
                }
            }
        }
        for (Map.Entry<Node, Node> candidate : candidates.entrySet()) {
            Node gather = candidate.getValue();
            int count = readers.get(gather);
            // Two directions that can run side by side gain more from that.
            if (count == uses.get(gather.outputs().getFirst().name()) && (count == 1 || parallel == null)) {
                folded.put(candidate.getKey(), gather);
                absorbed.add(gather);
            }
        }
    }

    private void countUse(Value value) {
        uses.put(value.name(), uses.getOrDefault(value.name(), 0) + 1);
    }

    /** Whether a node computes the same at each call, of inputs that are known when those before it are. */
    private boolean isConstant(Node node) {
        for (Value output : node.outputs()) {
            if (!isFixed(output.type())) {
                return false;
            }
        }
        for (Value input : node.inputs()) {
            if (!input.isAbsent() && !input.isWeight() && !constant.contains(input.name())) {
                return false;
            }
        }
        return !(node.op() instanceof Structure.Size(Dim dim, var _)) || dim.isFixed();
    }

    private boolean isStill(Node node) {
        for (Value input : node.inputs()) {
            String name = input.name();
            if (!input.isAbsent() && !input.isWeight() && !constant.contains(name) && !still.contains(name)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isFixed(ValueType type) {
        for (Dim dim : type.dims()) {
            if (!dim.isFixed()) {
                return false;
            }
        }
        return true;
    }

    /** Finds layers that read one sequence and do not need each other; the second runs with the first. */
    private void findPartners() {
        List<Node> nodes = function.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            Node first = nodes.get(i);
            for (int j = i + 1; j < nodes.size() && isFreeLayer(first); j++) {
                Node second = nodes.get(j);
                if (isFreeLayer(second)
                        && root(second.input("x")).equals(root(first.input("x")))
                        && isKnown(second, nodes.subList(0, i))) {
                    partners.put(first, second);
                    absorbed.add(second);
                }
            }
        }
    }

    private boolean isFreeLayer(Node node) {
        return node.op() instanceof Recurrent
                && node.input("x").type().rank() == 3
                && !constant.contains(node.outputs().getFirst().name())
                // What stands still does not run again, and would take its partner along.
                && !still.contains(node.outputs().getFirst().name())
                && !folded.containsKey(node)
                && !partners.containsKey(node)
                && !absorbed.contains(node);
    }

    /** Whether all inputs of a node are there after these nodes have run. */
    private boolean isKnown(Node node, List<Node> before) {
        for (Value input : node.inputs()) {
            Node producer = producers.get(root(input).name());
            if (producer != null && !before.contains(producer)) {
                return false;
            }
        }
        return true;
    }

    /** Finds elementwise operators of one shape that only feed each other; each chain under its last node. */
    private void findChains() {
        Map<String, Node> consumers = new HashMap<>();
        for (Node node : function.nodes()) {
            for (Value input : node.inputs()) {
                consumers.put(input.name(), node);
            }
        }
        Set<Node> taken = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node first : function.nodes()) {
            if (taken.contains(first) || !chainable(first)) {
                continue;
            }
            var chain = new ArrayList<>(List.of(first));
            while (true) {
                Value running = chain.getLast().outputs().getFirst();
                Node next = consumers.get(running.name());
                boolean onlyUse = next != null && uses.get(running.name()) == 1;
                // Where two chains meet, the first one takes the node, and the other ends there.
                if (!onlyUse
                        || taken.contains(next)
                        || !chainable(next)
                        || !next.outputs().getFirst().type().equals(running.type())) {
                    break;
                }
                chain.add(next);
            }
            taken.addAll(chain);
            if (chain.size() > 1) {
                chains.put(chain.getLast(), chain);
                absorbed.addAll(chain.subList(0, chain.size() - 1));
            }
        }
    }

    private boolean chainable(Node node) {
        String output = node.outputs().getFirst().name();
        return ChainStep.fits(node) && !constant.contains(output) && !still.contains(output);
    }

    /** Whether a node is part of another one's step, or only another name for memory. */
    private boolean hasNoStep(Node node) {
        return absorbed.contains(node) || isAlias(node);
    }

    private boolean foldable(Node gather, Node node) {
        Value table = gather.inputs().getFirst();
        Value bias = node.input("bias");
        return gather.op() instanceof Structure.Gather
                && table.isWeight()
                && table.type().rank() == 2
                && table.type().element() == dev.rondo.format.ElementType.F32
                && (bias.isAbsent() || bias.isWeight())
                && table.type().dim(0).fixed()
                                * node.input("weight_input").type().dim(0).fixed()
                        <= MAX_FOLDED;
    }

    /** Whether a node only gives its input's memory another shape. */
    private boolean isAlias(Node node) {
        return node.op() instanceof Structure.Reshape;
    }

    /** The value whose memory this one is. */
    private Value root(Value value) {
        return roots.getOrDefault(value.name(), value);
    }

    private boolean isState(Value value) {
        return states.contains(value.name());
    }

    /** A buffer's place in the block, and the nodes between which it is in use. */
    private record Lease(Value value, int from, int to, long bytes) {}

    private record Placed(Lease lease, long offset) {
        long end() {
            return offset + lease.bytes;
        }

        boolean meets(Lease other) {
            return lease.from <= other.to && other.from <= lease.to;
        }
    }

    /** Gives every value computed by a node its memory: the first place that no value alive at the same time holds. */
    private void layOut() {
        // In the order of their offsets, so that one walk finds the first gap.
        var placed = new ArrayList<Placed>();
        long size = 0;
        for (Lease lease : leases()) {
            long at = 0;
            for (int i = 0; i < placed.size(); i++) {
                Placed other = placed.get(i);
                if (other.offset >= at + lease.bytes) {
                    break;
                }
                if (other.end() > at && other.meets(lease)) {
                    at = other.end();
                }
            }
            int index = 0;
            while (index < placed.size() && placed.get(index).offset <= at) {
                index++;
            }
            placed.add(index, new Placed(lease, at));
            size = Math.max(size, at + lease.bytes);
        }
        MemorySegment block = Operand.memory(arena, "values of function " + function.name(), size);
        for (Placed place : placed) {
            MemorySegment segment = block.asSlice(place.offset, place.lease.bytes, Operand.ALIGNMENT);
            operands.put(place.lease.value.name(), operand(place.lease.value, segment));
        }
        for (Node node : function.nodes()) {
            if (isAlias(node)) {
                Value value = node.outputs().getFirst();
                MemorySegment segment = binder.operand(root(value)).segment;
                operands.put(value.name(), operand(value, segment));
            }
        }
    }

    private Operand operand(Value value, MemorySegment segment) {
        return new Operand(value, segment, sizes, still.contains(value.name()));
    }

    /** What a node's step computes, with that of the node that runs beside it. */
    private static List<Value> outputs(Node node, Node partner) {
        var all = new ArrayList<>(node.outputs());
        if (partner != null) {
            all.addAll(partner.outputs());
        }
        return all;
    }

    private List<Lease> leases() {
        Map<String, Integer> lastUse = new HashMap<>();
        List<Node> nodes = function.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            for (Value input : nodes.get(i).inputs()) {
                lastUse.put(root(input).name(), i);
            }
            for (Node link : chains.getOrDefault(nodes.get(i), List.of())) {
                for (Value input : link.inputs()) {
                    lastUse.put(root(input).name(), i);
                }
            }
            Node gather = folded.get(nodes.get(i));
            if (gather != null) {
                lastUse.put(root(gather.inputs().get(1)).name(), i);
            }
        }
        for (Value output : function.outputs()) {
            lastUse.put(root(output).name(), Integer.MAX_VALUE);
        }
        for (State state : function.states()) {
            lastUse.put(root(state.next()).name(), Integer.MAX_VALUE);
        }
        var leases = new ArrayList<Lease>();
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            if (hasNoStep(node)) {
                continue;
            }
            Node partner = partners.get(node);
            for (Value value : outputs(node, partner)) {
                boolean lasting = constant.contains(value.name()) || still.contains(value.name());
                int to = lasting ? Integer.MAX_VALUE : lastUse.getOrDefault(value.name(), i);
                long bytes = Operand.bytes(value, sizes);
                long aligned = Math.max(1, (bytes + Operand.ALIGNMENT - 1) / Operand.ALIGNMENT) * Operand.ALIGNMENT;
                leases.add(new Lease(value, lasting ? -1 : i, to, aligned));
            }
        }
        return leases;
    }
}
