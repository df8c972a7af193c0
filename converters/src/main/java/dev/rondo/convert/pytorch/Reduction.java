package dev.rondo.convert.pytorch;

import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.pytorch.PickleValue.Dict;
import dev.rondo.convert.pytorch.PickleValue.Sequence;
import dev.rondo.error.FormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the calls in a pickle mean: the only ones there are, each by its arguments. Creates storages, once each. */
final class Reduction {
    private static final int MAX_KEY = 256;

    private final PickleInput in;
    private final Map<String, TorchStorage> storages;

    Reduction(PickleInput in, Map<String, TorchStorage> storages) {
        this.in = in;
        this.storages = storages;
    }

    PickleValue call(PickleValue callee, List<PickleValue> arguments) {
        if (callee instanceof PickleValue.Global(PickleGlobal.Known known, String name)) {
            return switch (known) {
                case ORDERED_DICT, COUNTER -> dict(name, arguments);
                case SET -> new Sequence(Sequence.Kind.SET, sequence(name, arguments, 1));
                case SIZE -> new Sequence(Sequence.Kind.TUPLE, sequence(name, arguments, 1));
                case TENSOR_V1, TENSOR_V2 -> tensor(name, arguments, known == PickleGlobal.Known.TENSOR_V2);
                case TENSOR_V3 -> typedTensor(name, arguments);
                case PARAMETER -> parameter(name, arguments, 3);
                case PARAMETER_WITH_STATE -> parameter(name, arguments, 4);
                case PLAIN -> new PickleValue.Plain("a value of " + name);
                case UNTYPED_STORAGE -> throw in.error("calls what makes a value", name);
            };
        }
        throw in.error("calls what makes a value", callee.kind());
    }

    /** Adds an item; one key twice is an error, since one of the two would be lost. */
    void put(Dict dict, PickleValue key, PickleValue value) {
        if (!dict.put(key, value)) {
            throw in.error(
                    "a dictionary must not hold the same key twice",
                    key instanceof PickleValue.Text(String text) ? StrictJson.quote(text) : key.kind());
        }
    }

    private Dict dict(String name, List<PickleValue> arguments) {
        var dict = new Dict();
        if (arguments.isEmpty()) {
            return dict;
        }
        if (arguments.size() == 1 && arguments.getFirst() instanceof Dict other) {
            other.texts().forEach((key, value) -> put(dict, new PickleValue.Text(key), value));
            return dict;
        }
        for (PickleValue item : sequence(name, arguments, 1)) {
            if (!(item instanceof Sequence pair) || pair.items().size() != 2) {
                throw in.error(name + " takes pairs of key and value", item.kind());
            }
            put(dict, pair.items().getFirst(), pair.items().getLast());
        }
        return dict;
    }

    /** Storage, offset, sizes and strides; then, except of the first version, two values about gradients and notes. */
    private PickleValue tensor(String name, List<PickleValue> arguments, boolean second) {
        requireCount(name, arguments, second ? 6 : 4, second ? 7 : 4);
        requireNoNotes(name, arguments, 6);
        TorchStorage storage = storageOf(name, arguments.getFirst());
        return view(name, storage, storage.dtype(), arguments);
    }

    /** The same of a storage without elements; these follow. */
    private PickleValue typedTensor(String name, List<PickleValue> arguments) {
        requireCount(name, arguments, 7, 8);
        requireNoNotes(name, arguments, 7);
        if (arguments.get(6) instanceof PickleValue.Global(PickleGlobal.ElementType(TorchDtype dtype), var _)) {
            return view(name, storageOf(name, arguments.getFirst()), dtype, arguments);
        }
        throw in.error(name + " takes an element type", arguments.get(6).kind());
    }

    private PickleValue view(String name, TorchStorage storage, TorchDtype dtype, List<PickleValue> arguments) {
        long offset = whole(name, arguments.get(1));
        List<Long> shape = wholes(name, arguments.get(2));
        List<Long> strides = wholes(name, arguments.get(3));
        try {
            return new PickleValue.Tensor(new TorchTensor(storage, dtype, offset, shape, strides));
        } catch (FormatException wrong) {
            throw in.located(wrong);
        }
    }

    private PickleValue parameter(String name, List<PickleValue> arguments, int count) {
        requireCount(name, arguments, count, count);
        if (!(arguments.getFirst() instanceof PickleValue.Tensor)) {
            throw in.error(name + " takes a tensor", arguments.getFirst().kind());
        }
        return arguments.getFirst();
    }

    /** A conjugated or negated view says so here: its elements are not those of the storage. */
    private void requireNoNotes(String name, List<PickleValue> arguments, int at) {
        if (arguments.size() > at
                && !arguments.get(at).equals(PickleValue.NONE)
                && !(arguments.get(at) instanceof Dict notes && notes.texts().isEmpty() && !notes.hasOtherKeys())) {
            throw in.error(
                    name + " takes no notes about conjugation or sign",
                    arguments.get(at).kind(),
                    "call resolve_conj().resolve_neg() before saving");
        }
    }

    /**
     * The storage that a persistent id names: {@code ('storage', type, key, location, elements)}, in old files with a
     * view of it at the end.
     */
    PickleValue storage(List<PickleValue> id) {
        if (id.size() < 5 || id.size() > 6 || !isText(id.getFirst(), "storage")) {
            throw in.error(
                    "a persistent id is that of a storage",
                    id.isEmpty() ? "an empty tuple" : "a tuple of " + id.size() + " with " + first(id),
                    "save the weights alone, torch.save(model.state_dict(), ...)");
        }
        if (id.size() == 6 && !id.get(5).equals(PickleValue.NONE)) {
            throw in.error("a storage is no view of another", id.get(5).kind(), "save it with a current PyTorch");
        }
        TorchDtype dtype = switch (id.get(1)) {
            case PickleValue.Global(PickleGlobal.StorageType(TorchDtype type), var _) -> type;
            case PickleValue.Global(PickleGlobal.Known known, var _)
            when known == PickleGlobal.Known.UNTYPED_STORAGE -> TorchDtype.UINT8;
            case PickleValue other -> throw in.error("a storage has a storage type", other.kind());
        };
        if (!(id.get(2) instanceof PickleValue.Text(String key)) || key.isEmpty() || key.length() > MAX_KEY) {
            throw in.error("a storage has a key", id.get(2).kind());
        }
        long elements = whole("a storage", id.get(4));
        if (elements < 0 || elements > Long.MAX_VALUE / dtype.bytes()) {
            throw in.error("a storage has at most 2^63-1 bytes", elements + " elements of " + dtype.text());
        }
        var storage = new TorchStorage(key, dtype, elements * dtype.bytes());
        TorchStorage known = storages.putIfAbsent(key, storage);
        if (known != null && !known.equals(storage)) {
            throw in.error("a storage has one type and length", "storage " + storage.quotedKey() + " with two");
        }
        return new PickleValue.Storage(known == null ? storage : known);
    }

    private static boolean isText(PickleValue value, String wanted) {
        return value instanceof PickleValue.Text(String text) && text.equals(wanted);
    }

    private static String first(List<PickleValue> id) {
        return id.getFirst() instanceof PickleValue.Text(String text)
                ? StrictJson.quote(text)
                : id.getFirst().kind();
    }

    private TorchStorage storageOf(String name, PickleValue value) {
        if (value instanceof PickleValue.Storage(TorchStorage storage)) {
            return storage;
        }
        throw in.error(name + " takes a storage", value.kind());
    }

    private List<PickleValue> sequence(String name, List<PickleValue> arguments, int count) {
        requireCount(name, arguments, count, count);
        if (arguments.getFirst() instanceof Sequence sequence) {
            return sequence.items();
        }
        throw in.error(name + " takes a list or tuple", arguments.getFirst().kind());
    }

    private List<Long> wholes(String name, PickleValue value) {
        var numbers = new ArrayList<Long>();
        for (PickleValue item : sequence(name, List.of(value), 1)) {
            numbers.add(whole(name, item));
        }
        return numbers;
    }

    private long whole(String name, PickleValue value) {
        if (value instanceof PickleValue.Whole(long number)) {
            return number;
        }
        throw in.error(name + " takes whole numbers", value.kind());
    }

    private void requireCount(String name, List<PickleValue> arguments, int least, int most) {
        if (arguments.size() < least || arguments.size() > most) {
            throw in.error(
                    name + " takes " + least + (most > least ? " to " + most : "") + " arguments",
                    Integer.toString(arguments.size()));
        }
    }
}
