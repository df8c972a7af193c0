package dev.rondo.graph;

import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The types of a node's inputs while its shape rule runs, with the checks that shape rules share. */
public final class InputTypes {
    private final Op op;
    private final String subject;
    private final List<Value> inputs;

    InputTypes(Op op, String subject, List<Value> inputs) {
        this.op = op;
        this.subject = subject;
        this.inputs = inputs;
        checkSlots();
    }

    /**
     * The types of a node's outputs.
     *
     * @param subject begins the message of an error
     * @throws ShapeException when the inputs do not fit the operator
     */
    static List<ValueType> infer(Op op, String subject, List<Value> inputs) {
        var in = new InputTypes(op, subject, inputs);
        try {
            return op.infer(in);
        } catch (ArithmeticException tooLarge) {
            throw in.error("dimensions fit 64 bits and few terms", tooLarge.getMessage());
        } catch (ShapeException wrong) {
            boolean placed = wrong.subject().startsWith(subject);
            throw placed
                    ? wrong
                    : new ShapeException(
                            in.place() + ", " + wrong.subject(), wrong.rule(), wrong.got(), wrong.remedy());
        }
    }

    private void checkSlots() {
        List<Op.Slot> slots = op.slots();
        boolean repeated = !slots.isEmpty() && slots.getLast().presence() == Op.Presence.REPEATED;
        if (repeated ? inputs.size() < slots.size() : inputs.size() != slots.size()) {
            var names = new ArrayList<String>();
            for (Op.Slot slot : slots) {
                names.add(slot.name());
            }
            throw error("takes inputs " + names, inputs.size() + " inputs");
        }
        for (int i = 0; i < inputs.size(); i++) {
            Op.Slot slot = slots.get(Math.min(i, slots.size() - 1));
            if (inputs.get(i).isAbsent() && slot.presence() != Op.Presence.OPTIONAL) {
                throw error("input '" + slot.name() + "' is required", "nothing");
            }
        }
    }

    public int count() {
        return inputs.size();
    }

    public boolean has(int i) {
        return !inputs.get(i).isAbsent();
    }

    /** The type of input i, which must be present. */
    public ValueType type(int i) {
        return inputs.get(i).type();
    }

    private String place() {
        return subject + " " + op.name();
    }

    private String slotName(int i) {
        return op.slots().get(Math.min(i, op.slots().size() - 1)).name();
    }

    /** Requires element type and dimensions; a null dimension matches any. Returns the type. */
    public ValueType require(int i, ElementType element, Dim... dims) {
        ValueType type = type(i);
        boolean fits = type.element() == element && type.rank() == dims.length;
        for (int d = 0; fits && d < dims.length; d++) {
            fits = dims[d] == null || dims[d].equals(type.dim(d));
        }
        if (!fits) {
            var wanted = new ArrayList<String>();
            for (Dim dim : dims) {
                wanted.add(dim == null ? "?" : dim.toString());
            }
            throw mismatch(i, element.text() + "[" + String.join(",", wanted) + "]");
        }
        return type;
    }

    /** Requires an element type only. */
    public ValueType requireElement(int i, ElementType... elements) {
        ValueType type = type(i);
        if (!Arrays.asList(elements).contains(type.element())) {
            throw mismatch(i, "an element type of " + Arrays.asList(elements));
        }
        return type;
    }

    /** Requires f32 with at least the given number of dimensions. */
    public ValueType requireFloats(int i, int minimalRank) {
        ValueType type = requireElement(i, ElementType.F32);
        if (type.rank() < minimalRank) {
            throw mismatch(i, "f32 of rank " + minimalRank + " or more");
        }
        return type;
    }

    /** Resolves a possibly negative axis of input i. */
    public int axis(int i, int axis) {
        int rank = type(i).rank();
        int resolved = axis < 0 ? axis + rank : axis;
        if (resolved < 0 || resolved >= rank) {
            throw error("axis within the rank of '" + slotName(i) + "'", "axis " + axis + " of " + type(i));
        }
        return resolved;
    }

    /** The shape that inputs i and j broadcast to: dimensions align at the end, 1 stretches. */
    public List<Dim> broadcast(List<Dim> a, List<Dim> b) {
        int rank = Math.max(a.size(), b.size());
        var out = new ArrayList<Dim>();
        for (int d = 0; d < rank; d++) {
            Dim da = d < rank - a.size() ? Dim.ONE : a.get(d - rank + a.size());
            Dim db = d < rank - b.size() ? Dim.ONE : b.get(d - rank + b.size());
            if (!da.equals(db) && !da.is(1) && !db.is(1)) {
                throw error("shapes broadcast (equal or 1, aligned at the end)", a + " and " + b);
            }
            out.add(da.is(1) ? db : da);
        }
        return out;
    }

    /** An error that says which input has the wrong type. */
    public ShapeException mismatch(int i, String wanted) {
        return error("input '" + slotName(i) + "' is " + wanted, inputs.get(i).toString());
    }

    /** An error about this node. */
    public ShapeException error(String rule, String got) {
        return new ShapeException(place(), rule, got, "check the function that built this node");
    }
}
