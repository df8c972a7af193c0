package dev.rondo.train.network;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of all data of a run, so that it is resumed with the same. */
final class Fingerprint {
    private final MessageDigest digest;

    Fingerprint() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible); // every JDK has SHA-256
        }
    }

    /** Adds a text. */
    void add(String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0xFF); // no byte of UTF-8
    }

    /** Adds numbers. */
    void add(float[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * numbers.length + Integer.BYTES);
        bytes.putInt(numbers.length);
        for (float number : numbers) {
            bytes.putFloat(number);
        }
        digest.update(bytes.array());
    }

    String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
