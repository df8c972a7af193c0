package dev.rondo.convert.pytorch;

import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The format since PyTorch 1.6: an archive of one folder with a pickle and an entry for each storage. */
final class ZipCheckpoint implements Checkpoint.Data {
    private static final String PICKLE = "data.pkl";
    private static final int MAX_BYTE_ORDER = 16;

    private final String file;
    private final String folder;
    private final Map<String, ZipDirectory.Entry> entries;
    private final Set<String> checked = new HashSet<>();

    private ZipCheckpoint(String file, String folder, Map<String, ZipDirectory.Entry> entries) {
        this.file = file;
        this.folder = folder;
        this.entries = entries;
    }

    static Checkpoint read(String file, MemorySegment bytes) {
        Map<String, ZipDirectory.Entry> entries = ZipDirectory.read(file, bytes);
        var checkpoint = new ZipCheckpoint(file, folder(file, entries), entries);
        checkpoint.refuseScript();
        boolean swap = checkpoint.isBigEndian();
        ZipDirectory.Entry pickle = checkpoint.entry(PICKLE);
        long start = pickle.bytes().address() - bytes.address();
        var input = new PickleInput(file, start, pickle.bytes());
        PickleValue root = new Pickle(input, new HashMap<>()).read();
        if (input.position() != pickle.bytes().byteSize()) {
            throw input.error("must fill its entry", "bytes after its end");
        }
        return new Checkpoint(file, root, checkpoint, swap);
    }

    /** The folder that all entries lie in, with the slash. */
    private static String folder(String file, Map<String, ZipDirectory.Entry> entries) {
        String first = entries.isEmpty() ? "" : entries.keySet().iterator().next();
        String folder = first.substring(0, first.indexOf('/') + 1);
        for (String name : entries.keySet()) {
            if (folder.length() < 2 || folder.equals("../") || !name.startsWith(folder)) {
                throw new FormatException(
                        file,
                        -1,
                        "PyTorch archive",
                        "entries must lie in one folder",
                        StrictJson.quote(name),
                        "this is no archive of torch.save; if it holds one, unpack it first",
                        null);
            }
        }
        if (!entries.containsKey(folder + PICKLE)) {
            throw new FormatException(
                    file,
                    -1,
                    "PyTorch archive",
                    "must hold " + PICKLE,
                    entries.size() + " other entries",
                    "this is no archive of torch.save; save the state dict, or export the model to ONNX",
                    null);
        }
        return folder;
    }

    private void refuseScript() {
        for (String name : entries.keySet()) {
            if (isOfScript(name)) {
                throw script(file, name);
            }
        }
    }

    /** Whether an entry, with the folder before it, is of a TorchScript program. */
    static boolean isOfScript(String name) {
        String inner = name.substring(name.indexOf('/') + 1);
        return inner.equals("constants.pkl") || inner.startsWith("code/");
    }

    static FormatException script(String file, String name) {
        return new FormatException(
                file,
                -1,
                "PyTorch archive",
                "must hold a state dict",
                "a TorchScript program, entry " + StrictJson.quote(name),
                "export the model to ONNX, or save its state dict: torch.save(model.state_dict(), ...)",
                null);
    }

    private boolean isBigEndian() {
        if (!entries.containsKey(folder + "byteorder")) {
            return false; // PyTorch before 2.1 wrote little-endian files only
        }
        MemorySegment bytes = entry("byteorder").bytes();
        String order = bytes.byteSize() > MAX_BYTE_ORDER
                ? bytes.byteSize() + " bytes"
                : new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        return switch (order) {
            case "little" -> false;
            case "big" -> true;
            default ->
                throw new FormatException(
                        file,
                        -1,
                        "PyTorch archive",
                        "entry byteorder must be little or big",
                        StrictJson.quote(order),
                        "the file is damaged; save it anew",
                        null);
        };
    }

    @Override
    public MemorySegment of(TorchStorage storage) {
        return entry("data/" + storage.key()).bytes();
    }

    private ZipDirectory.Entry entry(String name) {
        ZipDirectory.Entry entry = entries.get(folder + name);
        if (entry == null) {
            throw new FormatException(
                    file,
                    -1,
                    "PyTorch archive",
                    "must hold the data of every tensor",
                    "no entry " + StrictJson.quote(folder + name),
                    "the file is damaged; save it anew",
                    null);
        }
        if (checked.add(name)) {
            ZipDirectory.checkCrc(file, entry);
        }
        return entry;
    }
}
