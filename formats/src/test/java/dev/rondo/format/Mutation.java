package dev.rondo.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/** Makes a broken file out of a good one. The same seed gives the same file. */
final class Mutation {
    private static final int[] BYTES = {0, 1, 2, 0x20, 0x40, 0x7F, 0x80, 0xC0, 0xED, 0xF4, 0xFF};
    private static final long[] NUMBERS = {
        0,
        1,
        2,
        3,
        4,
        7,
        8,
        9,
        15,
        16,
        17,
        63,
        64,
        65,
        127,
        128,
        255,
        256,
        511,
        512,
        513,
        4095,
        4096,
        65535,
        65536,
        1 << 20,
        1 << 24,
        1 << 28,
        (1 << 28) + 1,
        1 << 29,
        1 << 30,
        Integer.MAX_VALUE - 8,
        Integer.MAX_VALUE,
        1L << 31,
        (1L << 32) - 1,
        1L << 32,
        1L << 40,
        1L << 62,
        Long.MAX_VALUE - 63,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1,
        -2,
        -63,
        -64,
        -65
    };

    private final SplittableRandom random;
    private final List<int[]> structure = new ArrayList<>();
    private byte[] bytes;

    private Mutation(byte[] good, long seed) {
        this.random = new SplittableRandom(seed);
        this.bytes = good.clone();
        for (int entry = 64; entry < 64 + buffer().getInt(12) * 32; entry += 32) {
            if (buffer().getInt(entry) != RawFile.DATA_ID) {
                structure.add(new int[] {buffer().getInt(entry + 8), buffer().getInt(entry + 16)});
            }
        }
    }

    static byte[] of(byte[] good, long seed) {
        return new Mutation(good, seed).mutant();
    }

    private byte[] mutant() {
        int changes = 1 + (random.nextInt(3) == 0 ? random.nextInt(4) : 0);
        for (int i = 0; i < changes && bytes.length > 0; i++) {
            change();
        }
        switch (random.nextInt(4)) {
            case 0 -> {} // checksums and length tell at once
            case 1 -> seal(false);
            default -> seal(true); // the deep checks are reached
        }
        return bytes;
    }

    private void change() {
        switch (random.nextInt(10)) {
            case 0 -> flipBits();
            case 1 -> bytes[at(1)] = (byte) BYTES[random.nextInt(BYTES.length)];
            case 2 -> put32(at(4), number());
            case 3 -> put64(at(8), number());
            case 4 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 5 -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(300));
            case 6 -> copyRange();
            case 7 -> insertOrDelete();
            case 8 -> attackSmallNumber();
            default -> attackTable();
        }
    }

    private void flipBits() {
        for (int i = 1 + random.nextInt(8); i > 0; i--) {
            bytes[at(1)] ^= (byte) (1 << random.nextInt(8));
        }
    }

    private void copyRange() {
        int length = 1 + random.nextInt(Math.min(64, bytes.length));
        System.arraycopy(bytes, at(length), bytes, at(length), length);
    }

    private void insertOrDelete() {
        int length = 1 + random.nextInt(Math.min(64, bytes.length));
        int from = at(length);
        byte[] changed;
        if (random.nextBoolean()) {
            changed = Arrays.copyOf(bytes, bytes.length + length);
            System.arraycopy(bytes, from, changed, from + length, bytes.length - from);
        } else {
            changed = Arrays.copyOf(bytes, bytes.length - length);
            System.arraycopy(bytes, from + length, changed, from, changed.length - from);
        }
        bytes = changed;
    }

    /** Counts, lengths, codes and ids are small numbers: finds one and changes it a little or much. */
    private void attackSmallNumber() {
        for (int tries = 0; tries < 200; tries++) {
            int at = at(4);
            int value = at + 4 <= bytes.length ? buffer().getInt(at) : -1;
            if (value >= 0 && value < 1000) {
                put32(at, random.nextBoolean() ? value + random.nextInt(-2, 3) : number());
                return;
            }
        }
    }

    /** Sets one field of header or section table. */
    private void attackTable() {
        if (random.nextInt(5) == 0) {
            put32(8 + 4 * random.nextInt(13), number());
            return;
        }
        int entry = 64 + 32 * random.nextInt(6);
        int field = 4 * random.nextInt(8);
        if (field == 8 || field == 16) {
            long old = entry + field + 8 <= bytes.length ? buffer().getLong(entry + field) : 0;
            put64(entry + field, random.nextBoolean() ? number() : old + 64 * random.nextInt(-4, 5));
        } else {
            put32(entry + field, number());
        }
    }

    /** Puts right every checksum that has a place, and the file's length if wanted. */
    private void seal(boolean length) {
        if (bytes.length < 64) {
            return;
        }
        ByteBuffer file = buffer();
        if (length) {
            file.putLong(16, bytes.length);
        }
        long sections = Math.min(Integer.toUnsignedLong(file.getInt(12)), (bytes.length - 64) / 32);
        for (int i = 0; i < sections; i++) {
            int entry = 64 + 32 * i;
            long offset = file.getLong(entry + 8);
            long size = file.getLong(entry + 16);
            if (offset >= 0 && size >= 0 && offset <= bytes.length && size <= bytes.length - offset) {
                CRC32C crc = new CRC32C();
                crc.update(bytes, (int) offset, (int) size);
                file.putInt(entry + 24, (int) crc.getValue());
            }
        }
        RawFile.seal(file);
    }

    private long number() {
        return NUMBERS[random.nextInt(NUMBERS.length)];
    }

    /** A place for that many bytes, or the beginning. Most places are where the structure was: the rest is numbers. */
    private int at(int length) {
        int[] range = structure.get(random.nextInt(structure.size()));
        if (random.nextInt(4) != 0 && range[1] >= length && range[0] + range[1] <= bytes.length) {
            return range[0] + random.nextInt(range[1] - length + 1);
        }
        return bytes.length <= length ? 0 : random.nextInt(bytes.length - length + 1);
    }

    private void put32(int at, long value) {
        if (at + 4 <= bytes.length) {
            buffer().putInt(at, (int) value);
        }
    }

    private void put64(int at, long value) {
        if (at + 8 <= bytes.length) {
            buffer().putLong(at, value);
        }
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
