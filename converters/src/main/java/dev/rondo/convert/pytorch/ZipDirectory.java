package dev.rondo.convert.pytorch;

import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The entries of a zip archive of which none is compressed, as PyTorch writes them: each a slice of the mapped file,
 * read where it lies. Nothing is extracted; names are keys and never paths.
 */
final class ZipDirectory {
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int END_SIZE = 22;
    private static final int END64_SIZE = 56;
    private static final int LOCATOR_SIZE = 20;
    private static final int ENTRY_SIZE = 46;
    private static final int LOCAL_SIZE = 30;
    private static final long MAX_ENTRIES = 1 << 17;
    private static final int MAX_NAME = 256;
    private static final long U32 = 0xFFFF_FFFFL;
    private static final String CUT = "the file is cut or damaged; copy it again";

    /**
     * An entry.
     *
     * @param header offset of its header in the file
     * @param crc    of its bytes; 0 when its writer left it out
     */
    record Entry(String name, long header, long crc, MemorySegment bytes) {}

    private final String file;
    private final MemorySegment bytes;
    private long at;
    private long directory;

    private ZipDirectory(String file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /**
     * The entries by name.
     *
     * @throws FormatException when the archive is damaged, an entry is compressed, or a name is there twice
     */
    static Map<String, Entry> read(String file, MemorySegment bytes) {
        return new ZipDirectory(file, bytes).entries();
    }

    private Map<String, Entry> entries() {
        long count = findDirectory();
        var entries = new LinkedHashMap<String, Entry>();
        for (long i = 0; i < count; i++) {
            Entry entry = entry();
            if (entries.putIfAbsent(entry.name(), entry) != null) {
                throw error(at, "names each entry once", StrictJson.quote(entry.name()) + " twice");
            }
        }
        List<Entry> ordered = new ArrayList<>(entries.values());
        ordered.sort(Comparator.comparingLong(Entry::header));
        long end = 0;
        for (Entry entry : ordered) {
            if (entry.header() < end) {
                throw error(entry.header(), "entries must not overlap", StrictJson.quote(entry.name()));
            }
            end = entry.bytes().address() - bytes.address() + entry.bytes().byteSize();
        }
        return entries;
    }

    /** Goes to the first entry of the directory; returns how many there are. */
    private long findDirectory() {
        long end = endRecord();
        long count = u16(end + 10);
        long size = u32(end + 12);
        long offset = u32(end + 16);
        long limit = end;
        if (count == 0xFFFF || size == U32 || offset == U32) {
            long locator = end - LOCATOR_SIZE;
            if (locator < 0 || u32(locator) != 0x07064B50L) {
                throw error(end, "a large archive has a locator of its directory", "none");
            }
            long large = i64(locator + 8);
            if (large < 0 || large > locator - END64_SIZE || u32(large) != 0x06064B50L) {
                throw error(locator, "the locator must point to the end of the directory", "byte " + large);
            }
            count = i64(large + 32);
            size = i64(large + 40);
            offset = i64(large + 48);
            limit = large;
        }
        if (size < 0 || offset < 0 || offset > limit || size > limit - offset) {
            throw error(end, "the directory must lie before its end", size + " bytes from byte " + offset);
        }
        if (count < 0 || count > MAX_ENTRIES || count > size / ENTRY_SIZE) {
            throw error(
                    end,
                    "has at most " + MAX_ENTRIES + " entries, as many as its directory holds",
                    count + " in " + size + " bytes");
        }
        at = offset;
        directory = offset;
        return count;
    }

    private long endRecord() {
        long last = bytes.byteSize() - END_SIZE;
        for (long end = last; end >= 0 && end >= last - 0xFFFF; end--) {
            if (u32(end) == 0x06054B50L && u16(end + 20) == last - end) {
                return end;
            }
        }
        throw error(-1, "must end with its directory", bytes.byteSize() + " bytes without one");
    }

    private Entry entry() {
        long entry = at;
        require(entry, ENTRY_SIZE, bytes.byteSize());
        if (u32(entry) != 0x02014B50L) {
            throw error(entry, "an entry begins with its signature", String.format("0x%08X", u32(entry)));
        }
        int nameLength = u16(entry + 28);
        int extraLength = u16(entry + 30);
        if (nameLength > MAX_NAME) {
            throw error(entry, "a name has at most " + MAX_NAME + " bytes", Integer.toString(nameLength));
        }
        long extra = entry + ENTRY_SIZE + nameLength;
        at = extra;
        require(entry, (long) ENTRY_SIZE + nameLength + extraLength + u16(entry + 32), bytes.byteSize());
        at = extra + extraLength + u16(entry + 32);
        String name = name(entry + ENTRY_SIZE, nameLength);
        if ((u16(entry + 8) & 1) != 0 || u16(entry + 10) != 0) {
            if (ZipCheckpoint.isOfScript(name)) {
                throw ZipCheckpoint.script(file, name); // Which alone compresses its code.
            }
            throw error(
                    entry,
                    "entries must be stored as they are",
                    "entry " + StrictJson.quote(name) + ", compressed or encrypted",
                    "torch.save compresses nothing; save it anew");
        }
        long packed = u32(entry + 20);
        long size = u32(entry + 24);
        long header = u32(entry + 42);
        for (long field = extra; field + 4 <= extra + extraLength; ) {
            int length = u16(field + 2);
            if (length > extra + extraLength - field - 4) {
                throw error(field, "an extra field ends within its entry", length + " bytes");
            }
            if (u16(field) == 1) {
                long value = field + 4;
                long[] large = {size, packed, header};
                for (int i = 0; i < large.length; i++) {
                    if (large[i] == U32 && value + 8 <= field + 4 + length) {
                        large[i] = i64(value);
                        value += 8;
                    }
                }
                size = large[0];
                packed = large[1];
                header = large[2];
            }
            field += 4L + length;
        }
        return new Entry(name, header, u32(entry + 16), data(entry, name, header, size, packed));
    }

    private MemorySegment data(long entry, String name, long header, long size, long packed) {
        if (size != packed) {
            throw error(
                    entry,
                    "entries must be stored as they are",
                    "entry " + StrictJson.quote(name) + ", " + packed + " bytes of " + size);
        }
        require(header, LOCAL_SIZE, directory);
        if (u32(header) != 0x04034B50L || u16(header + 26) != u16(entry + 28)) {
            throw error(header, "entry " + StrictJson.quote(name) + " must begin with its header", "other bytes");
        }
        long data = header + LOCAL_SIZE + u16(header + 26) + u16(header + 28);
        if (size < 0 || data > directory || size > directory - data) {
            throw error(
                    entry,
                    "entry " + StrictJson.quote(name) + " must end before the directory",
                    Long.toUnsignedString(size) + " bytes from byte " + data + " in a file of " + bytes.byteSize());
        }
        if (!name(header + LOCAL_SIZE, u16(header + 26)).equals(name)) {
            throw error(header, "an entry has one name", StrictJson.quote(name) + " and another in its header");
        }
        return bytes.asSlice(data, size);
    }

    /** @throws FormatException when the bytes of an entry are not those that were written */
    static void checkCrc(String file, Entry entry) {
        if (entry.crc() == 0) {
            return; // torch.serialization.set_crc32_options(False) writes none
        }
        var crc = new CRC32();
        for (long done = 0; done < entry.bytes().byteSize(); done += 1 << 24) {
            long length = Math.min(1 << 24, entry.bytes().byteSize() - done);
            crc.update(entry.bytes().asSlice(done, length).asByteBuffer());
        }
        if (crc.getValue() != entry.crc()) {
            throw new FormatException(
                    file,
                    entry.header(),
                    "zip entry " + StrictJson.quote(entry.name()),
                    "must have the CRC-32 in its header",
                    String.format("0x%08X instead of 0x%08X", crc.getValue(), entry.crc()),
                    CUT,
                    null);
        }
    }

    private void require(long from, long length, long end) {
        if (from < 0 || from > end || length > end - from) {
            throw error(from, "an entry must lie within the file", "byte " + from + " of " + end);
        }
    }

    private String name(long from, int length) {
        return new String(bytes.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    private int u16(long offset) {
        return bytes.get(I16, offset) & 0xFFFF;
    }

    private long u32(long offset) {
        return bytes.get(I32, offset) & U32;
    }

    private long i64(long offset) {
        return bytes.get(I64, offset);
    }

    private FormatException error(long offset, String rule, String got) {
        return error(offset, rule, got, CUT);
    }

    private FormatException error(long offset, String rule, String got, String remedy) {
        return new FormatException(file, offset, "zip archive", rule, got, remedy, null);
    }
}
