package dev.rondo.convert.keras;

import dev.rondo.convert.draft.OpenFiles;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * What a {@code .keras} file holds: an archive of three entries. Their sizes are bounded before anything is allocated.
 *
 * @param config   {@code config.json}
 * @param metadata {@code metadata.json}
 * @param weights  {@code model.weights.h5}, outside the heap
 */
record KerasArchive(String config, String metadata, ByteBuffer weights) {
    private static final String CONFIG = "config.json";
    private static final String METADATA = "metadata.json";
    private static final String WEIGHTS = "model.weights.h5";
    private static final Set<String> ENTRIES = Set.of(CONFIG, METADATA, WEIGHTS);

    /** Keras stores weights as they are; packed anew they shrink little, so that a bomb is told by its ratio. */
    private static final int MAX_RATIO = 64;

    private static final int SLACK = 16 << 20;
    private static final int CHUNK = 1 << 16;

    static KerasArchive read(Path path, OpenFiles files) throws IOException {
        String file = String.valueOf(path.getFileName());
        try (ZipFile zip = new ZipFile(path.toFile())) {
            var entries = new LinkedHashMap<String, ZipEntry>();
            for (ZipEntry entry : zip.stream().toList()) {
                if (!ENTRIES.contains(entry.getName())) {
                    throw error(
                            file,
                            "entry " + StrictJson.quote(entry.getName()),
                            "entries are " + CONFIG + ", " + METADATA + " and " + WEIGHTS,
                            "another one",
                            "vocabularies, custom objects and sharded weights are not converted");
                }
                if (entries.put(entry.getName(), entry) != null) {
                    throw error(file, "entry " + entry.getName(), "is there once", "twice", "save the model again");
                }
            }
            String config = text(zip, file, entries, CONFIG);
            String metadata = text(zip, file, entries, METADATA);
            ZipEntry weights = entry(file, entries, WEIGHTS);
            Arena arena = Arena.ofShared();
            files.add(arena::close);
            return new KerasArchive(config, metadata, unpack(zip, file, weights, arena, Files.size(path)));
        } catch (java.util.zip.ZipException | IllegalArgumentException broken) {
            throw new FormatException(
                    file,
                    -1,
                    "Keras archive",
                    "must be a zip file",
                    StrictJson.quote(String.valueOf(broken.getMessage())),
                    "the file is damaged or cut off; save or copy it again",
                    broken);
        }
    }

    /** A whole file, mapped. */
    static ByteBuffer map(Path path, OpenFiles files) throws IOException {
        String file = String.valueOf(path.getFileName());
        checkSize(file, "HDF5 file", Files.size(path));
        Arena arena = Arena.ofShared();
        files.add(arena::close);
        try (FileChannel channel = FileChannel.open(path)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena)
                    .asByteBuffer();
        }
    }

    private static ByteBuffer unpack(ZipFile zip, String file, ZipEntry entry, Arena arena, long fileSize)
            throws IOException {
        long size = entry.getSize();
        checkSize(file, "entry " + WEIGHTS, size);
        long limit = Math.min(fileSize, Math.max(0, entry.getCompressedSize())) * MAX_RATIO + SLACK;
        if (size < 0 || size > limit) {
            throw error(
                    file,
                    "entry " + WEIGHTS,
                    "shrinks to no less than 1/" + MAX_RATIO,
                    size + " bytes from " + entry.getCompressedSize(),
                    "the file is damaged or malicious");
        }
        MemorySegment memory = arena.allocate(Math.max(1, size), 8).asSlice(0, size);
        byte[] chunk = new byte[CHUNK];
        long done = 0;
        try (InputStream in = zip.getInputStream(entry)) {
            for (int read; (read = in.read(chunk)) > 0; done += read) {
                if (done + read > size) {
                    break;
                }
                MemorySegment.copy(chunk, 0, memory, ValueLayout.JAVA_BYTE, done, read);
            }
        }
        if (done != size) {
            throw error(file, "entry " + WEIGHTS, "has " + size + " bytes", "another number", "the file is damaged");
        }
        return memory.asByteBuffer();
    }

    private static String text(ZipFile zip, String file, Map<String, ZipEntry> entries, String name)
            throws IOException {
        try (InputStream in = zip.getInputStream(entry(file, entries, name))) {
            byte[] bytes = in.readNBytes(JsonText.MAX_BYTES + 1);
            if (bytes.length > JsonText.MAX_BYTES) {
                throw error(
                        file,
                        "entry " + name,
                        "has at most " + JsonText.MAX_BYTES + " bytes",
                        "more",
                        "is it a model?");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static ZipEntry entry(String file, Map<String, ZipEntry> entries, String name) {
        ZipEntry entry = entries.get(name);
        if (entry == null) {
            throw error(file, "Keras archive", "holds " + name, "entries " + entries.keySet(), "save the model again");
        }
        return entry;
    }

    private static void checkSize(String file, String subject, long size) {
        if (size > Integer.MAX_VALUE) {
            throw error(
                    file,
                    subject,
                    "has at most 2 GiB",
                    size + " bytes",
                    "save the weights as safetensors and describe the architecture");
        }
    }

    private static FormatException error(String file, String subject, String rule, String got, String remedy) {
        return new FormatException(file, -1, subject, rule, got, remedy, null);
    }
}
