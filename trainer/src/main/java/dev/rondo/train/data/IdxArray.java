package dev.rondo.train.data;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.AtomicFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An array of unsigned bytes as MNIST's IDX files hold them: two zero bytes, the type 8, the number of dimensions, each
 * dimension as a big-endian int, then the elements row by row. Images are [count,height,width], labels [count]. Immutable,
 * as long as nobody writes into the array that it was given.
 */
public final class IdxArray {
    private static final int UNSIGNED_BYTES = 8;
    private static final int MAX_DIMENSIONS = 8;
    private static final int CHUNK = 1 << 20;

    private final List<Integer> shape;
    private final byte[] elements;

    /**
     * An array.
     *
     * @param elements row by row, as many as the shape says; not copied
     * @throws InputException when they are not
     */
    public IdxArray(List<Integer> shape, byte[] elements) {
        this.shape = List.copyOf(shape);
        this.elements = elements;
        long count = 1;
        for (int dim : shape) {
            count = dim < 0 ? -1 : count * dim;
            if (count < 0 || count > Integer.MAX_VALUE) {
                break;
            }
        }
        if (shape.isEmpty() || shape.size() > MAX_DIMENSIONS || count != elements.length) {
            throw new InputException(
                    "array",
                    "has 1 to 8 dimensions and as many elements as they say",
                    elements.length + " elements of " + shape,
                    "pass all of them");
        }
    }

    public List<Integer> shape() {
        return shape;
    }

    /** The first dimension: how many images or labels. */
    public int count() {
        return shape.getFirst();
    }

    /** Elements of one of the first dimension: pixels of an image, 1 of labels. */
    public int width() {
        return count() == 0 ? 0 : elements.length / count();
    }

    /** Element k of item i, 0 to 255. */
    public int at(int i, int k) {
        return elements[i * width() + k] & 0xFF;
    }

    /** Item i as numbers from 0 to 1. */
    public float[] scaled(int i) {
        float[] numbers = new float[width()];
        for (int k = 0; k < numbers.length; k++) {
            numbers[k] = at(i, k) / 255f;
        }
        return numbers;
    }

    /**
     * Reads a file.
     *
     * @throws FormatException when it is damaged, of another type, or larger than 2^30 elements
     * @throws IOException     when it cannot be read
     */
    public static IdxArray read(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw wrong(path, 0, "is a file", "a folder");
        }
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
            int magic = in.readInt();
            int rank = magic & 0xFF;
            if (magic >>> 8 != UNSIGNED_BYTES || rank < 1 || rank > MAX_DIMENSIONS) {
                throw wrong(
                        path,
                        0,
                        "begins with 00 00 08 and 1 to 8 dimensions",
                        String.format("%08x%s", magic, magic >>> 16 == 0x1F8B ? ", a gzip file: unpack it" : ""));
            }
            var shape = new ArrayList<Integer>();
            long count = 1;
            for (int k = 0; k < rank; k++) {
                int dim = in.readInt();
                count = dim < 0 ? -1 : count * dim;
                if (count < 0 || count > 1 << 30) {
                    throw wrong(path, 4L + 4 * k, "has 2^30 elements at most", "dimension " + dim + " after " + shape);
                }
                shape.add(dim);
            }
            byte[] elements = elements(in, (int) count);
            long end = 4L + 4 * rank + elements.length;
            if (elements.length < count || in.read() >= 0) {
                throw wrong(
                        path,
                        end,
                        "has as many elements as its dimensions say, " + count,
                        elements.length < count ? "" + elements.length : "more");
            }
            return new IdxArray(shape, elements);
        } catch (EOFException end) {
            throw wrong(path, 0, "begins with its dimensions", "the end of the file");
        }
    }

    /** In pieces, since a file may be shorter than it says. */
    private static byte[] elements(DataInputStream in, int count) throws IOException {
        byte[] elements = new byte[Math.min(count, CHUNK)];
        int length = 0;
        while (length < count) {
            if (length == elements.length) {
                elements = Arrays.copyOf(elements, (int) Math.min(count, 2L * length));
            }
            int read = in.readNBytes(elements, length, elements.length - length);
            length += read;
            if (length < elements.length) {
                return Arrays.copyOf(elements, length);
            }
        }
        return elements;
    }

    private static FormatException wrong(Path path, long offset, String rule, String got) {
        return new FormatException(
                path.toString(), offset, "IDX file", rule, got, "take a file as MNIST's, unpacked", null);
    }

    /**
     * Writes a file, whole or not at all.
     *
     * @throws IOException when it cannot be written
     */
    public void write(Path path) throws IOException {
        AtomicFile.write(path, fresh -> {
            try (var out = Files.newByteChannel(fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                ByteBuffer header = ByteBuffer.allocate(4 + 4 * shape.size());
                header.putInt(UNSIGNED_BYTES << 8 | shape.size());
                shape.forEach(header::putInt);
                for (ByteBuffer part : List.of(header.flip(), ByteBuffer.wrap(elements))) {
                    while (part.hasRemaining()) {
                        out.write(part);
                    }
                }
            }
            return true;
        });
    }
}
