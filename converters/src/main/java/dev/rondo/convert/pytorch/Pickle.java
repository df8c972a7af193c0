package dev.rondo.convert.pytorch;

import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.pytorch.PickleValue.Sequence;
import dev.rondo.error.FormatException;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An interpreter of the pickle opcodes that a checkpoint needs: tensors, dictionaries, lists, numbers and texts.
 * Nothing is run or looked up: a name that is not in the list of {@link PickleGlobal} ends the reading. Work is linear
 * in the bytes, memory bounded whatever they are. Reads one pickle.
 */
final class Pickle {
    /** Places for values, each some tens of bytes: no pickle takes more than about 200 MB. */
    private static final int MAX_VALUES = 1 << 21;

    private static final int TEXT_UNIT = 16;
    private static final String RUN =
            "nothing in the file was run; save the weights alone, torch.save(model.state_dict(), ...), or export the"
                    + " model to ONNX";

    private final PickleInput in;
    private final Reduction reduction;
    private final ArrayList<PickleValue> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Integer, PickleValue> memo = new HashMap<>();
    private int spent;

    /** @param storages of the checkpoint; the tensors' are added */
    Pickle(PickleInput in, Map<String, TorchStorage> storages) {
        this.in = in;
        this.reduction = new Reduction(in, storages);
    }

    /**
     * Reads up to and with the opcode that ends the pickle.
     *
     * @throws FormatException when it does not follow the rules, names what is not allowed, or is too large
     */
    PickleValue read() {
        if (in.u8() != 0x80) {
            throw in.error("must begin with its protocol, 2 to 5", "another byte", "save it with a current PyTorch");
        }
        protocol();
        while (true) {
            int opcode = in.u8();
            if (opcode == '.') {
                PickleValue value = pop();
                if (!stack.isEmpty() || !marks.isEmpty()) {
                    throw in.error("must end with one value", "more than one");
                }
                return value;
            }
            step(opcode);
        }
    }

    private void protocol() {
        int protocol = in.u8();
        if (protocol < 2 || protocol > 5) {
            throw in.error("must be of protocol 2 to 5", "protocol " + protocol, "save it with a current PyTorch");
        }
    }

    private void step(int opcode) {
        switch (opcode) {
            case 0x80 -> protocol();
            case 0x95 -> in.i64(); // FRAME: a hint for readers of streams
            case '(' -> mark();
            case '0' -> drop();
            case '1' -> sinceMark();
            case '2' -> push(peek());
            case 'h' -> push(recall(in.u8()));
            case 'j' -> push(recall(in.i32()));
            case 'q' -> remember(in.u8());
            case 'r' -> remember(in.i32());
            case 0x94 -> remember(memo.size());
            case 'c' -> push(global(in.line(), in.line()));
            case 0x93 -> {
                String name = popText();
                push(global(popText(), name));
            }
            case 'R', 0x81 -> {
                Sequence arguments = popTuple();
                PickleValue callee = pop();
                spend(4);
                arguments.items().forEach(argument -> spend(size(argument)));
                push(reduction.call(callee, arguments.items()));
            }
            case 'b' -> build();
            case 'Q' -> push(reduction.storage(popTuple().items()));
            default -> {
                if (!scalar(opcode) && !container(opcode)) {
                    throw in.error(
                            "consists of the opcodes of tensors, dictionaries, lists, numbers and texts",
                            String.format("opcode 0x%02X", opcode)
                                    + (opcode > ' ' && opcode < 0x7F ? " '" + (char) opcode + "'" : ""),
                            RUN);
                }
            }
        }
    }

    /** Whether it was an opcode of a number, a text or the like. */
    private boolean scalar(int opcode) {
        switch (opcode) {
            case 'N' -> push(PickleValue.NONE);
            case 0x88 -> push(new PickleValue.Truth(true));
            case 0x89 -> push(new PickleValue.Truth(false));
            case 'K' -> push(new PickleValue.Whole(in.u8()));
            case 'M' -> push(new PickleValue.Whole(in.u16()));
            case 'J' -> push(new PickleValue.Whole(in.i32()));
            case 0x8A -> push(number(in.u8()));
            case 'G' -> {
                in.skip(8);
                push(new PickleValue.Plain("a number"));
            }
            case 'X' -> text(in.utf8(in.u32()));
            case 0x8C -> text(in.utf8(in.u8()));
            case 0x8D -> text(in.utf8(in.i64()));
            case 'T' -> text(in.latin1(in.u32()));
            case 'U' -> text(in.latin1(in.u8()));
            case 'B' -> bytes(in.u32());
            case 'C' -> bytes(in.u8());
            case 0x8E, 0x96 -> bytes(in.i64());
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Whether it was an opcode of a list, tuple, set or dictionary. */
    private boolean container(int opcode) {
        switch (opcode) {
            case ')' -> tuple(List.of());
            case 't' -> tuple(sinceMark());
            case 0x85 -> tuple(pop(1));
            case 0x86 -> tuple(pop(2));
            case 0x87 -> tuple(pop(3));
            case ']' -> sequence(Sequence.Kind.LIST, List.of());
            case 0x8F -> sequence(Sequence.Kind.SET, List.of());
            case 0x91 -> sequence(Sequence.Kind.SET, sinceMark());
            case 'a' -> append(pop(1), Sequence.Kind.LIST);
            case 'e' -> append(sinceMark(), Sequence.Kind.LIST);
            case 0x90 -> append(sinceMark(), Sequence.Kind.SET);
            case '}' -> {
                spend(4);
                push(new PickleValue.Dict());
            }
            case 's' -> setItems(pop(2));
            case 'u' -> setItems(sinceMark());
            default -> {
                return false;
            }
        }
        return true;
    }

    private void tuple(List<PickleValue> items) {
        sequence(Sequence.Kind.TUPLE, items);
    }

    private void sequence(Sequence.Kind kind, List<PickleValue> items) {
        spend(2 + items.size() / 8);
        push(new Sequence(kind, items));
    }

    private void append(List<PickleValue> items, Sequence.Kind kind) {
        if (!(peek() instanceof Sequence sequence) || !sequence.is(kind)) {
            throw in.error("adds to a list or set of its kind", peek().kind());
        }
        spend(1 + items.size() / 4);
        sequence.add(items);
    }

    private void setItems(List<PickleValue> items) {
        if (!(peek() instanceof PickleValue.Dict dict)) {
            throw in.error("sets items of a dictionary", peek().kind());
        }
        if (items.size() % 2 != 0) {
            throw in.error("sets pairs of key and value", items.size() + " values");
        }
        spend(items.size() / 2);
        for (int i = 0; i < items.size(); i += 2) {
            reduction.put(dict, items.get(i), items.get(i + 1));
        }
    }

    /**
     * The state of an ordered dictionary is a note of torch.nn about versions; that of other values is not kept either.
     */
    private void build() {
        PickleValue state = pop();
        if (!(peek() instanceof PickleValue.Dict || peek() instanceof PickleValue.Plain)) {
            throw in.error("sets the state of a dictionary or a plain value", peek().kind() + " from " + state.kind());
        }
    }

    private PickleValue number(int length) {
        spend(length / TEXT_UNIT);
        BigInteger number = in.number(length);
        return number.bitLength() < Long.SIZE ? new PickleValue.Whole(number.longValue()) : new PickleValue.Big(number);
    }

    private void text(String text) {
        spend(1 + text.length() / TEXT_UNIT);
        push(new PickleValue.Text(text));
    }

    private void bytes(long length) {
        in.skip(length);
        push(new PickleValue.Plain("bytes"));
    }

    private PickleValue global(String module, String name) {
        String full = module + "." + name;
        return PickleGlobal.of(module, name)
                .map(known -> new PickleValue.Global(known, full))
                .orElseThrow(() -> in.error(
                        "names only what tensors, dictionaries, lists, numbers and texts are made of",
                        StrictJson.quote(full),
                        RUN));
    }

    private void mark() {
        spend(1);
        marks.push(stack.size());
    }

    private List<PickleValue> sinceMark() {
        if (marks.isEmpty()) {
            throw in.error("a mark must stand before", "none");
        }
        return cut(marks.pop());
    }

    private void drop() {
        if (!marks.isEmpty() && marks.peek() == stack.size()) {
            marks.pop();
        } else {
            pop();
        }
    }

    private List<PickleValue> pop(int count) {
        if (count > stack.size() - (marks.isEmpty() ? 0 : marks.peek())) {
            throw in.error("takes values that were put before", "fewer than " + count);
        }
        return cut(stack.size() - count);
    }

    private List<PickleValue> cut(int from) {
        List<PickleValue> top = stack.subList(from, stack.size());
        var copy = List.copyOf(top);
        top.clear();
        return copy;
    }

    private PickleValue pop() {
        return pop(1).getFirst();
    }

    private PickleValue peek() {
        if (stack.size() == (marks.isEmpty() ? 0 : marks.peek())) {
            throw in.error("takes values that were put before", "none");
        }
        return stack.getLast();
    }

    private String popText() {
        PickleValue value = pop();
        if (!(value instanceof PickleValue.Text(String text))) {
            throw in.error("a name must be a text", value.kind());
        }
        return text;
    }

    private Sequence popTuple() {
        PickleValue value = pop();
        if (!(value instanceof Sequence tuple) || !tuple.is(Sequence.Kind.TUPLE)) {
            throw in.error("arguments must be a tuple", value.kind());
        }
        return tuple;
    }

    private void push(PickleValue value) {
        spend(1);
        stack.add(value);
    }

    private void remember(int key) {
        spend(1);
        memo.put(key, peek());
    }

    private PickleValue recall(int key) {
        PickleValue value = memo.get(key);
        if (value == null) {
            throw in.error("recalls only what it remembered", "place " + key);
        }
        return value;
    }

    /** What a call may copy. */
    private static int size(PickleValue argument) {
        return switch (argument) {
            case Sequence sequence -> 1 + sequence.items().size();
            case PickleValue.Dict dict -> 1 + dict.texts().size();
            case PickleValue _ -> 1;
        };
    }

    private void spend(int values) {
        spent += values;
        if (spent > MAX_VALUES) {
            throw in.error(
                    "must have room in " + MAX_VALUES + " places for values",
                    "more",
                    "save the weights alone, torch.save(model.state_dict(), ...)");
        }
    }
}
