package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.nio.ByteBuffer;

/**
 * The first 64 bytes of a file. Magic and version keep their place in every version to come.
 *
 * @param version      of the format
 * @param sectionCount entries in the section table, which follows the header
 * @param fileLength   bytes of the file
 * @param crc          CRC-32C of bytes 0..59 and the section table
 */
record Header(int version, int sectionCount, long fileLength, int crc) {
    /** The bytes R O N D O CR LF SUB: a transfer as text damages them. */
    static final long MAGIC = 0x1A0A0D_4F444E4F52L;

    static final int VERSION = 1;
    static final int BYTES = 64;
    static final int VERSION_OFFSET = 8;
    static final int COUNT_OFFSET = 12;
    static final int LENGTH_OFFSET = 16;
    static final int RESERVED_OFFSET = 24;
    static final int CRC_OFFSET = 60;

    /**
     * Checks everything but the CRC, which needs the section table.
     *
     * @param bytes the first 64, little endian
     */
    static Header read(String file, ByteBuffer bytes, long actualLength) {
        if (actualLength < BYTES) {
            throw new FormatException(
                    file,
                    0,
                    "file",
                    "must begin with a header of " + BYTES + " bytes",
                    actualLength + " bytes",
                    "the file is cut short or no .rondo file",
                    null);
        }
        long magic = bytes.getLong(0);
        if (magic != MAGIC) {
            throw new FormatException(
                    file,
                    0,
                    "file",
                    "must begin with 52 4F 4E 44 4F 0D 0A 1A (RONDO, CR, LF, SUB)",
                    String.format("%016X read as a little-endian number", magic),
                    "this is no .rondo file, or it was transferred as text",
                    null);
        }
        int version = bytes.getInt(VERSION_OFFSET);
        if (version != VERSION) {
            throw new FormatException(
                    file,
                    VERSION_OFFSET,
                    "format version",
                    "this reader knows version " + VERSION,
                    "version " + Integer.toUnsignedString(version),
                    "use a release of Rondo that reads that version",
                    null);
        }
        int count = bytes.getInt(COUNT_OFFSET);
        long length = bytes.getLong(LENGTH_OFFSET);
        if (length != actualLength) {
            throw new FormatException(
                    file,
                    LENGTH_OFFSET,
                    "file length",
                    "must be what the header says, " + length,
                    actualLength + " bytes",
                    "the file was cut, extended or only partly copied: get it again",
                    null);
        }
        if (count < 0 || count > (actualLength - BYTES) / SectionTable.ENTRY_BYTES) {
            throw new FormatException(
                    file,
                    COUNT_OFFSET,
                    "section count",
                    "the section table must fit the file",
                    Integer.toUnsignedString(count) + " sections in " + actualLength + " bytes",
                    "the header is damaged",
                    null);
        }
        for (int offset = RESERVED_OFFSET; offset < CRC_OFFSET; offset++) {
            if (bytes.get(offset) != 0) {
                throw new FormatException(
                        file,
                        offset,
                        "header",
                        "reserved bytes must be zero",
                        String.format("%02X", bytes.get(offset)),
                        "the header is damaged",
                        null);
            }
        }
        return new Header(version, count, length, bytes.getInt(CRC_OFFSET));
    }

    /** Writes the header; its CRC follows when the section table is known. */
    static void write(Sink sink, int sectionCount, long fileLength) {
        sink.i64(MAGIC);
        sink.i32(VERSION);
        sink.i32(sectionCount);
        sink.i64(fileLength);
        sink.zeros(BYTES - RESERVED_OFFSET);
    }

    /** Fills in the CRC when header and section table are complete. */
    static void patchCrc(Sink sink, int sectionCount) {
        Crc32c crc = new Crc32c();
        crc.update(sink.slice(0, CRC_OFFSET));
        crc.update(sink.slice(BYTES, sectionCount * SectionTable.ENTRY_BYTES));
        sink.patchI32(CRC_OFFSET, crc.value());
    }
}
