package dev.rondo.convert.keras;

import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import dev.rondo.format.Encoding;
import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.api.dataset.ContiguousDataset;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.datatype.OpaqueDataType;
import java.io.Closeable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The datasets and texts of an HDF5 file that lies in memory. Nothing but these bytes is read: a link, which could name
 * another file, is an error. Whatever the library makes of broken bytes becomes a {@link FormatException}.
 */
final class Hdf5File implements Closeable {
    private static final int MAX_NODES = 1 << 17;
    private static final int MAX_DEPTH = 32;
    private static final int MAX_RANK = 8;

    private final String file;
    private final long size;
    private final HdfFile hdf;
    private final Map<String, Group> groups = new LinkedHashMap<>();
    private final Map<String, SourceTensor> datasets = new LinkedHashMap<>();
    private final Set<Long> addresses = new HashSet<>();

    private Hdf5File(String file, ByteBuffer bytes) {
        this.file = file;
        this.size = bytes.remaining();
        this.hdf = guarded("HDF5 file", () -> HdfFile.fromByteBuffer(bytes));
        groups.put("", hdf);
        guarded("HDF5 file", () -> {
            walk(hdf, "", 0);
            return null;
        });
    }

    /** Reads the names of everything in a file; its values are read when they are asked for. */
    static Hdf5File of(String file, ByteBuffer bytes) {
        return new Hdf5File(file, bytes);
    }

    /** By path, without a leading slash. */
    Map<String, SourceTensor> datasets() {
        return datasets;
    }

    /** Paths of groups, the root's is empty. */
    Set<String> groups() {
        return groups.keySet();
    }

    /** The texts of an attribute of a group: one, or a list; empty when there is none of that name. */
    Optional<List<String>> texts(String group, String attribute) {
        Group node = groups.get(group);
        if (node == null) {
            return Optional.empty();
        }
        String subject = "attribute " + StrictJson.quote(attribute) + " of group " + StrictJson.quote("/" + group);
        return guarded(subject, () -> {
            Attribute found = node.getAttributes().get(attribute);
            if (found == null) {
                return Optional.empty();
            }
            if (found.getSize() == 0) {
                return Optional.of(List.of());
            }
            if (found.getSize() > size || found.getSizeInBytes() > size) {
                throw error(subject, "must lie within the file", found.getSizeInBytes() + " of " + size + " bytes");
            }
            return Optional.of(
                    switch (found.getData()) {
                        case String text -> List.of(text);
                        case String[] texts -> List.of(texts);
                        case null, default -> throw error(subject, "must be text", "another type");
                    });
        });
    }

    private void walk(Group group, String path, int depth) {
        if (depth > MAX_DEPTH || !addresses.add(group.getAddress())) {
            throw error(
                    "group " + StrictJson.quote("/" + path),
                    "is within " + MAX_DEPTH + " others and reached by one path",
                    depth > MAX_DEPTH ? "more" : "a second path");
        }
        for (Map.Entry<String, Node> entry : group.getChildren().entrySet()) {
            String name = path.isEmpty() ? entry.getKey() : path + "/" + entry.getKey();
            if (groups.size() + datasets.size() > MAX_NODES) {
                throw error("HDF5 file", "holds at most " + MAX_NODES + " groups and datasets", "more");
            }
            Node node = entry.getValue();
            if (node.isLink()) {
                throw error(StrictJson.quote("/" + name), "must not be a link", "a soft or external link");
            }
            switch (node) {
                case Group child -> {
                    groups.put(name, child);
                    walk(child, name, depth + 1);
                }
                case Dataset dataset -> datasets.put(name, tensor(name, dataset));
                default -> {
                    // A type that has a name of its own is no weight.
                }
            }
        }
    }

    private SourceTensor tensor(String name, Dataset dataset) {
        String subject = "dataset " + StrictJson.quote("/" + name);
        List<Long> shape = new ArrayList<>();
        for (long dim : dataset.isScalar() ? new long[0] : dataset.getDimensionsAsLong()) {
            shape.add(dim);
        }
        DataType type = dataset.getDataType();
        Number number = number(dataset, type);
        if (number == null) {
            return new SourceTensor(name, shape, type.getClass().getSimpleName(), Optional.empty(), (_, _, _, _) -> {
                throw error(
                        subject,
                        "must hold floating-point numbers",
                        type.getClass().getSimpleName());
            });
        }
        long elements = 1;
        for (long dim : shape) {
            // The product of what lies in a file cannot overflow: it is checked against the file at every step.
            if (dim < 0 || dim > size || shape.size() > MAX_RANK || elements * dim > size) {
                throw error(subject, "must lie within the file of " + size + " bytes", "shape " + shape);
            }
            elements *= dim;
        }
        if (elements == 0) {
            return new SourceTensor(name, shape, number.name(), Optional.of(number.kept), (_, _, _, _) -> {});
        }
        if (!(dataset instanceof ContiguousDataset contiguous)) {
            throw error(
                    subject,
                    "must be stored in one piece, as Keras does; write the file anew with h5repack -l CONTI",
                    String.valueOf(dataset.getDataLayout()));
        }
        ByteOrder order = type instanceof FloatingPoint floats ? floats.getByteOrder() : ByteOrder.LITTLE_ENDIAN;
        ByteBuffer values = contiguous.getBuffer().slice().order(order);
        if (values.remaining() != elements * number.bytes) {
            throw error(
                    subject,
                    "must hold " + elements + " numbers of " + number.bytes + " bytes",
                    values.remaining() + " bytes");
        }
        return new SourceTensor(
                name,
                shape,
                number.name(),
                Optional.of(number.kept),
                (first, to, at, count) -> read(subject, values, number, Math.toIntExact(first), to, at, count));
    }

    /** Kinds of floating-point numbers. */
    private enum Number {
        F16(2, Encoding.F16),
        BF16(2, Encoding.BF16),
        F32(4, Encoding.F32),
        F64(8, Encoding.F32);

        private final int bytes;
        private final Encoding kept;

        Number(int bytes, Encoding kept) {
            this.bytes = bytes;
            this.kept = kept;
        }
    }

    /** Which numbers a dataset holds; null when none that a weight could be. */
    private Number number(Dataset dataset, DataType type) {
        if (type instanceof FloatingPoint floats) {
            int exponent = floats.getExponentSize();
            int mantissa = floats.getMantissaSize();
            return switch (type.getSize()) {
                case 2 -> exponent == 5 && mantissa == 10 ? Number.F16 : null;
                case 4 -> exponent == 8 && mantissa == 23 ? Number.F32 : null;
                case 8 -> exponent == 11 && mantissa == 52 ? Number.F64 : null;
                default -> null;
            };
        }
        if (type instanceof OpaqueDataType && type.getSize() == 2) {
            // HDF5 has no bfloat16: Keras writes its bytes and says so in an attribute.
            Attribute dtype = dataset.getAttributes().get("dtype");
            return dtype != null && dtype.getSizeInBytes() <= 64 && "bfloat16".equals(dtype.getData())
                    ? Number.BF16
                    : null;
        }
        return null;
    }

    private void read(String subject, ByteBuffer values, Number number, int first, float[] to, int at, int count) {
        for (int i = 0; i < count; i++) {
            int place = (first + i) * number.bytes;
            to[at + i] = switch (number) {
                case F16 -> Float.float16ToFloat(values.getShort(place));
                case BF16 -> Float.intBitsToFloat(values.getShort(place) << 16);
                case F32 -> values.getFloat(place);
                case F64 -> {
                    double wide = values.getDouble(place);
                    if (Double.isFinite(wide) && Float.isInfinite((float) wide)) {
                        throw error(subject, "F64 must fit f32, whose largest number is " + Float.MAX_VALUE, "" + wide);
                    }
                    yield (float) wide;
                }
            };
        }
    }

    /** What the library throws depends on which bytes are wrong, and is anything at all. */
    private <T> T guarded(String subject, Supplier<T> read) {
        try {
            return read.get();
        } catch (FormatException known) {
            throw known;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError | ExceptionInInitializerError broken) {
            String got = Arrays.stream(String.valueOf(broken.getMessage()).split("\\R", 2))
                    .findFirst()
                    .orElse("");
            throw new FormatException(
                    file,
                    -1,
                    subject,
                    "must be a whole and valid HDF5 file",
                    broken.getClass().getSimpleName() + ": " + StrictJson.quote(got),
                    "the file is damaged or cut off; save or copy it again",
                    broken instanceof Exception cause ? cause : null);
        }
    }

    private FormatException error(String subject, String rule, String got) {
        return new FormatException(file, -1, subject, rule, got, "save the model again with Keras", null);
    }

    @Override
    public void close() {
        hdf.close();
    }
}
