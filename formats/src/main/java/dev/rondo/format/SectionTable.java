package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The section table: what lies where, each with a CRC-32C. An entry is id, flags, offset, length, CRC and a reserved zero. */
final class SectionTable {
    static final int ENTRY_BYTES = 32;
    /** Set on a section that a reader which does not know it may skip. */
    static final int OPTIONAL = 1;

    /**
     * A section, or a range of the data section that belongs to one tensor. In the order of the file.
     *
     * @param subject for messages
     * @param at      byte offset of the entry of a table or an index that says so
     * @param offset  in the file
     * @param length  in bytes
     * @param crc     CRC-32C of these bytes
     */
    record Entry(String subject, long at, long offset, long length, int crc) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            // What is empty may lie where something else begins.
            return offset == other.offset
                    ? Boolean.compare(length > 0, other.length > 0)
                    : Long.compare(offset, other.offset);
        }

        MemorySegment of(MemorySegment all) {
            return all.asSlice(offset, length);
        }

        long end() {
            return offset + length;
        }
    }

    private final String file;
    private final MemorySegment all;
    private final Map<Section, Entry> known = new EnumMap<>(Section.class);
    private final List<Entry> entries = new ArrayList<>();

    private SectionTable(String file, MemorySegment all) {
        this.file = file;
        this.all = all;
    }

    /** Checks the table, its CRC, and the place of every section. The CRCs of the sections come later. */
    static SectionTable read(String file, MemorySegment all, Header header) {
        long end = Header.BYTES + (long) header.sectionCount() * ENTRY_BYTES;
        Crc32c crc = new Crc32c();
        crc.update(all.asSlice(0, Header.CRC_OFFSET));
        crc.update(all.asSlice(Header.BYTES, end - Header.BYTES));
        checkCrc(file, "header and section table", Header.CRC_OFFSET, header.crc(), crc.value());
        SectionTable table = new SectionTable(file, all);
        Map<Integer, Long> seen = new HashMap<>();
        for (long at = Header.BYTES; at < end; at += ENTRY_BYTES) {
            table.readEntry(at, end, seen);
        }
        for (Section section : Section.values()) {
            if (!section.mayBeAbsent() && !table.known.containsKey(section)) {
                throw new FormatException(
                        file,
                        Header.BYTES,
                        section.subject(),
                        "must be in the section table",
                        "none with id " + section.id(),
                        "the writer of this file is broken",
                        null);
            }
        }
        checkDisjoint(file, table.entries, 8, "the section table is damaged");
        return table;
    }

    /** Null for one that is absent. */
    Entry entry(Section section) {
        return known.get(section);
    }

    /** Fills in the entry with that index in a front whose table was left blank. */
    static void patch(Sink sink, int index, Section section, long offset, long length, int crc) {
        int at = Header.BYTES + index * ENTRY_BYTES;
        sink.patchI32(at, section.id());
        sink.patchI64(at + 8, offset);
        sink.patchI64(at + 16, length);
        sink.patchI32(at + 24, crc);
    }

    /** Checks the CRC of every section but the data. */
    void checkCrcs() {
        for (Entry entry : entries) {
            if (entry != entry(Section.DATA)) {
                checkCrc(file, entry.subject(), entry.at(), entry.crc(), Crc32c.of(entry.of(all)));
            }
        }
    }

    static void checkCrc(String file, String subject, long at, int expected, int actual) {
        if (expected != actual) {
            throw new FormatException(
                    file,
                    at,
                    subject,
                    String.format("CRC-32C must be %08X", expected),
                    String.format("%08X", actual),
                    "the file was damaged after it was written: get it again",
                    null);
        }
    }

    private void readEntry(long at, long tableEnd, Map<Integer, Long> seen) {
        ByteBuffer bytes = all.asSlice(at, ENTRY_BYTES).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        int id = bytes.getInt();
        int flags = bytes.getInt();
        long offset = bytes.getLong();
        long length = bytes.getLong();
        int crc = bytes.getInt();
        int reserved = bytes.getInt();
        Section section = Section.of(id);
        String subject = section == null ? "section with id " + Integer.toUnsignedString(id) : section.subject();
        if (seen.putIfAbsent(id, at) != null) {
            throw error(
                    at,
                    subject,
                    "must occur once",
                    "a second entry, the first at byte " + seen.get(id),
                    "the writer of this file is broken");
        }
        if (section == null && (flags & OPTIONAL) == 0) {
            throw error(
                    at,
                    subject,
                    "a required section must be known to the reader",
                    "id " + Integer.toUnsignedString(id),
                    "use a newer release of Rondo");
        }
        if (flags != (section == null ? OPTIONAL : 0) || reserved != 0) {
            throw error(
                    at + 4,
                    subject,
                    "flags must be 1 for an optional section, else 0, and the reserved field 0",
                    "flags " + Integer.toHexString(flags) + ", reserved " + Integer.toHexString(reserved),
                    "the section table is damaged");
        }
        if (offset % Shapes.ALIGNMENT != 0) {
            throw error(
                    at + 8,
                    subject,
                    "offset must be a multiple of " + Shapes.ALIGNMENT,
                    Long.toString(offset),
                    "the section table is damaged");
        }
        // Compared without adding: offset + length may overflow.
        if (offset < tableEnd || length < 0 || offset > all.byteSize() || length > all.byteSize() - offset) {
            throw error(
                    at + 8,
                    subject,
                    "must lie between the section table's end, " + tableEnd + ", and the file's end, " + all.byteSize(),
                    "offset " + offset + ", length " + length,
                    "the section table is damaged");
        }
        Entry entry = new Entry(subject, at, offset, length, crc);
        entries.add(entry);
        if (section != null) {
            known.put(section, entry);
        }
    }

    /** Sorts entries and checks that no two of them share a byte. An error lies that far behind the entry's first byte. */
    static void checkDisjoint(String file, List<Entry> entries, int place, String remedy) {
        Collections.sort(entries);
        for (int i = 1; i < entries.size(); i++) {
            Entry before = entries.get(i - 1);
            Entry entry = entries.get(i);
            if (before.end() > entry.offset()) {
                throw new FormatException(
                        file,
                        entry.at() + place,
                        entry.subject(),
                        "must not overlap " + before.subject(),
                        "offset " + entry.offset() + " before byte " + before.end(),
                        remedy,
                        null);
            }
        }
    }

    private FormatException error(long at, String subject, String rule, String got, String remedy) {
        return new FormatException(file, at, subject, rule, got, remedy, null);
    }
}
