package dev.rondo.format;

import java.util.LinkedHashMap;
import java.util.Map;

/** The metadata section: count, then key and value of each entry. */
final class MetadataCodec {
    private static final int ENTRY_MIN_BYTES = 8;

    private MetadataCodec() {}

    static void write(Sink sink, Map<String, String> metadata) {
        sink.i32(metadata.size());
        metadata.forEach((key, value) -> {
            sink.text(key);
            sink.text(value);
        });
    }

    static Map<String, String> read(Cursor cursor) {
        Map<String, String> metadata = new LinkedHashMap<>();
        int count = cursor.count("metadata entry count", ENTRY_MIN_BYTES);
        for (int i = 0; i < count; i++) {
            cursor.element("metadata entry", i);
            String key = Names.name("metadata key", cursor.text("key"));
            Names.unused("metadata key", key, metadata.containsKey(key));
            metadata.put(key, cursor.text("value"));
            cursor.leave();
        }
        return Names.orderedCopy(metadata);
    }
}
