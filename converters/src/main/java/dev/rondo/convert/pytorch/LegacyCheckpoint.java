package dev.rondo.convert.pytorch;

import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The format before PyTorch 1.6: pickles of a magic number, a protocol number, the machine, what was saved, and the
 * keys of its storages; then each storage's number of elements and its data.
 */
final class LegacyCheckpoint {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long PROTOCOL = 1001;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final String REMEDY = "the file is damaged; save it anew";

    private final String file;
    private final MemorySegment bytes;
    private final Map<String, TorchStorage> storages = new HashMap<>();
    private long at;

    private LegacyCheckpoint(String file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    static Checkpoint read(String file, MemorySegment bytes) {
        return new LegacyCheckpoint(file, bytes).read();
    }

    private Checkpoint read() {
        if (bytes.byteSize() == 0 || bytes.get(ValueLayout.JAVA_BYTE, 0) != (byte) 0x80) {
            throw error(
                    "must be a zip archive or begin with a pickle",
                    bytes.byteSize() + " other bytes",
                    "this is no file of torch.save, or one cut at its beginning");
        }
        if (!(pickle() instanceof PickleValue.Big(BigInteger magic)) || !magic.equals(MAGIC)) {
            throw error(
                    "must begin with the magic number of torch.save",
                    "another value",
                    "a plain pickle is not read; save the weights with torch.save(model.state_dict(), ...)");
        }
        if (!(pickle() instanceof PickleValue.Whole(long protocol)) || protocol != PROTOCOL) {
            throw error("must be of protocol " + PROTOCOL, "another value", "save it with a current PyTorch");
        }
        if (!(pickle() instanceof PickleValue.Dict machine)
                || !new PickleValue.Truth(true).equals(machine.texts().get("little_endian"))) {
            throw error("must come from a little-endian machine", "another one", "save it on a common machine");
        }
        PickleValue root = pickle();
        Map<String, MemorySegment> data = data(pickle());
        return new Checkpoint(
                file,
                root,
                storage -> {
                    MemorySegment found = data.get(storage.key());
                    if (found == null) {
                        throw error("must hold the data of every tensor", "no storage " + storage.quotedKey(), REMEDY);
                    }
                    return found;
                },
                false);
    }

    private PickleValue pickle() {
        var input = new PickleInput(file, at, bytes.asSlice(at));
        PickleValue value = new Pickle(input, storages).read();
        at += input.position();
        return value;
    }

    private Map<String, MemorySegment> data(PickleValue keys) {
        if (!(keys instanceof PickleValue.Sequence list) || !list.is(PickleValue.Sequence.Kind.LIST)) {
            throw error("lists the keys of its storages", keys.kind(), REMEDY);
        }
        var data = new LinkedHashMap<String, MemorySegment>();
        for (PickleValue item : list.items()) {
            if (!(item instanceof PickleValue.Text(String key)) || !storages.containsKey(key)) {
                throw error(
                        "lists the keys of its storages",
                        item instanceof PickleValue.Text(String other) ? StrictJson.quote(other) : item.kind(),
                        REMEDY);
            }
            TorchStorage storage = storages.get(key);
            long left = bytes.byteSize() - at - Long.BYTES;
            if (left < 0
                    || storage.bytes() > left
                    || bytes.get(I64, at) != storage.bytes() / storage.dtype().bytes()) {
                throw error(
                        "storage " + storage.quotedKey() + " must have as many elements as it is declared with, "
                                + storage.bytes() / storage.dtype().bytes() + ", and end within the file",
                        left < 0 ? "the end of the file" : bytes.get(I64, at) + " in " + left + " bytes",
                        REMEDY);
            }
            if (data.putIfAbsent(key, bytes.asSlice(at + Long.BYTES, storage.bytes())) != null) {
                throw error("holds each storage once", storage.quotedKey() + " twice", REMEDY);
            }
            at += Long.BYTES + storage.bytes();
        }
        if (at != bytes.byteSize()) {
            throw error("must end with its last storage", (bytes.byteSize() - at) + " bytes more", REMEDY);
        }
        return data;
    }

    private FormatException error(String rule, String got, String remedy) {
        return new FormatException(file, at, "PyTorch file", rule, got, remedy, null);
    }
}
