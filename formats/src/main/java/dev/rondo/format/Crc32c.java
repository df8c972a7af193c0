package dev.rondo.format;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C (Castagnoli, RFC 3720 appendix B.4) over memory of any length. */
final class Crc32c {
    /** A byte buffer cannot be longer than an int; this keeps chunks aligned. */
    static final long CHUNK = 1L << 30;

    private final CRC32C crc = new CRC32C();

    static int of(MemorySegment bytes) {
        Crc32c crc = new Crc32c();
        crc.update(bytes);
        return crc.value();
    }

    void update(MemorySegment bytes) {
        for (long done = 0; done < bytes.byteSize(); done += CHUNK) {
            crc.update(bytes.asSlice(done, Math.min(CHUNK, bytes.byteSize() - done))
                    .asByteBuffer());
        }
    }

    void update(ByteBuffer bytes) {
        crc.update(bytes);
    }

    int value() {
        return (int) crc.getValue();
    }
}
