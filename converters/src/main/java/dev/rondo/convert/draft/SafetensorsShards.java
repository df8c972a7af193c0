package dev.rondo.convert.draft;

import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.error.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A safetensors model in several files, with an index that says which tensor lies where. */
public final class SafetensorsShards {
    private static final int MAX_FILES = 1024;

    /** An index of 100,000 tensors has about 10 MB. */
    private static final long MAX_BYTES = 16 << 20;

    private SafetensorsShards() {}

    /**
     * Opens all files that an index names; they stay open with {@code files}. The index and the files must agree: each
     * tensor lies in the file that the index says, and in no other.
     *
     * @throws FormatException when they do not, or a file is named that does not lie beside the index
     */
    public static Map<String, SourceTensor> open(Path index, OpenFiles files) throws IOException {
        String name = String.valueOf(index.getFileName());
        if (Files.size(index) > MAX_BYTES) {
            throw error(name, "must have at most " + MAX_BYTES + " bytes", Files.size(index) + " bytes");
        }
        ConfigObject root = ConfigObject.read(index);
        root.has("metadata");
        Map<String, String> places = root.textMap("weight_map");
        root.done();
        var byFile = new LinkedHashMap<String, List<String>>();
        places.forEach((tensor, file) ->
                byFile.computeIfAbsent(file, _ -> new ArrayList<>()).add(tensor));
        if (byFile.isEmpty() || byFile.size() > MAX_FILES) {
            throw error(name, "must name 1 to " + MAX_FILES + " files", byFile.size() + " in weight_map");
        }
        var tensors = new LinkedHashMap<String, SourceTensor>();
        for (Map.Entry<String, List<String>> entry : byFile.entrySet()) {
            Path file = beside(index, name, entry.getKey());
            SafetensorsFile shard = files.add(SafetensorsFile.open(file));
            files.part(file);
            for (String tensor : entry.getValue()) {
                if (!shard.tensors().containsKey(tensor)) {
                    throw error(
                            name,
                            "every tensor must lie in the file that weight_map says",
                            StrictJson.quote(tensor) + ", which is not in " + StrictJson.quote(entry.getKey()));
                }
                tensors.put(tensor, SourceTensor.of(shard.tensors().get(tensor)));
            }
            for (String tensor : shard.tensors().keySet()) {
                if (!entry.getKey().equals(places.get(tensor))) {
                    throw error(
                            name,
                            "weight_map must name every tensor of its files, with its file",
                            StrictJson.quote(tensor) + " of " + StrictJson.quote(entry.getKey())
                                    + (places.containsKey(tensor)
                                            ? ", which it says lies in " + StrictJson.quote(places.get(tensor))
                                            : ""));
                }
            }
        }
        return tensors;
    }

    /**
     * A file in the folder of the index. What the name stands for may lie elsewhere only where the index itself does,
     * as in caches that keep all files of a model in a folder of their own.
     */
    private static Path beside(Path index, String name, String file) throws IOException {
        boolean plain = !file.isEmpty()
                && file.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ')
                && !file.equals(".")
                && !file.equals("..");
        if (!plain) {
            throw error(name, "names files in its own folder", StrictJson.quote(file));
        }
        Path path;
        try {
            path = index.resolveSibling(file);
        } catch (InvalidPathException wrong) {
            throw error(name, "names files in its own folder", StrictJson.quote(file));
        }
        if (!Files.isRegularFile(path)) {
            throw error(name, "names files beside it", StrictJson.quote(file) + ", which is not there");
        }
        Path folder = path.toRealPath().getParent();
        if (!folder.equals(index.toAbsolutePath().getParent().toRealPath())
                && !folder.equals(index.toRealPath().getParent())) {
            throw error(name, "names files in its own folder", StrictJson.quote(file) + ", a link to another");
        }
        return path;
    }

    private static FormatException error(String file, String rule, String got) {
        return new FormatException(
                file, -1, "index of a sharded model", rule, got, "download the whole model anew", null);
    }
}
