package dev.rondo.format;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The section that holds the bytes of tensors and reference vectors: hands out ranges and checks them. */
final class DataSection {
    private final String file;
    private final MemorySegment all;
    private final SectionTable.Entry section;
    private final List<SectionTable.Entry> claims = new ArrayList<>();

    DataSection(String file, MemorySegment all, SectionTable.Entry section) {
        this.file = file;
        this.all = all;
        this.section = section;
    }

    /**
     * Reads offset, length and CRC of a range, checks them, and returns the range's bytes.
     *
     * @param expected the length that type and shape demand
     */
    MemorySegment claim(Cursor cursor, String subject, long expected) {
        long at = cursor.position();
        long offset = cursor.i64("offset");
        long length = cursor.i64("length");
        int crc = cursor.i32("CRC");
        if (length != expected) {
            throw cursor.error(
                    at + 8,
                    subject,
                    "length must be " + expected + " bytes, as type, layout and shape say",
                    Long.toString(length),
                    "the index is damaged");
        }
        if (offset % Shapes.ALIGNMENT != 0) {
            throw cursor.error(
                    at,
                    subject,
                    "offset must be a multiple of " + Shapes.ALIGNMENT,
                    Long.toString(offset),
                    "the index is damaged");
        }
        // Compared without adding: offset + length may overflow.
        if (offset < section.offset() || offset > section.end() || length > section.end() - offset) {
            throw cursor.error(
                    at,
                    subject,
                    "must lie inside the data section, " + section.offset() + " to " + section.end(),
                    "offset " + offset + ", length " + length,
                    "the index is damaged");
        }
        claims.add(new SectionTable.Entry(subject, at, offset, length, crc));
        return plain(all.asSlice(offset, length));
    }

    /**
     * The same memory as a segment of the class that arenas allocate. A mapped segment has a class of its own, and a loop
     * that reads weights of one class and values of the other checks both at every load: an f32 step took 1.6 times as
     * long. A view of a buffer has the common class, the same address and the same lifetime. It counts ints, and up to
     * 2 GiB of bytes; what does not fit stays as it is.
     */
    private static MemorySegment plain(MemorySegment segment) {
        boolean fits = segment.byteSize() % Integer.BYTES == 0 && segment.byteSize() <= Integer.MAX_VALUE;
        return segment.isMapped() && fits
                ? MemorySegment.ofBuffer(segment.asByteBuffer().asIntBuffer())
                : segment;
    }

    /** Checks that no two ranges share a byte. */
    void checkDisjoint() {
        List<SectionTable.Entry> filled = new ArrayList<>();
        for (SectionTable.Entry claim : claims) {
            if (claim.length() > 0) {
                filled.add(claim);
            }
        }
        SectionTable.checkDisjoint(file, filled, 0, "the index is damaged");
    }

    /** Checks the CRC of each range, so that damage is reported by tensor, then that of the whole section. */
    void checkCrcs() {
        for (SectionTable.Entry claim : claims) {
            SectionTable.checkCrc(file, claim.subject(), claim.offset(), claim.crc(), Crc32c.of(claim.of(all)));
        }
        SectionTable.checkCrc(file, section.subject(), section.at(), section.crc(), Crc32c.of(section.of(all)));
    }
}
