package dev.rondo.format;

/**
 * Where a range of the data section lies.
 *
 * @param offset in the file
 * @param length in bytes
 * @param crc    CRC-32C of the range
 */
record Placement(long offset, long length, int crc) {
    static final int BYTES = 8 + 8 + 4;

    void write(Sink sink) {
        sink.i64(offset);
        sink.i64(length);
        sink.i32(crc);
    }
}
