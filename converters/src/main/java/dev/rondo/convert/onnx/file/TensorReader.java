package dev.rondo.convert.onnx.file;

import dev.rondo.convert.draft.OpenFiles;
import dev.rondo.error.FormatException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads tensors: type and shape at once, and where their numbers lie. */
final class TensorReader {
    /** Bytes of the file. */
    record Place(long start, long size) {}

    private static final int MAX_RANK = 8;
    private static final int MAX_PIECES = 1 << 16;

    private final String file;
    private final Path path;
    private final MemorySegment bytes;
    private final OpenFiles files;
    private final Map<String, MemorySegment> external = new HashMap<>();

    TensorReader(String file, Path path, MemorySegment bytes, OpenFiles files) {
        this.file = file;
        this.path = path;
        this.bytes = bytes;
        this.files = files;
    }

    /** The fields of a tensor as they come. */
    private static final class Fields {
        String name = "";
        long type;
        final List<Long> dims = new ArrayList<>();
        final Map<Integer, List<Place>> data = new HashMap<>();
        final Map<String, String> location = new HashMap<>();
        boolean outside;
    }

    OnnxTensor read(OnnxReader in) throws IOException {
        var fields = new Fields();
        in.fields((field, wire) -> {
            switch (field) {
                case 1 -> in.numbers(wire, fields.dims);
                case 2 -> fields.type = in.number(wire);
                case 3 -> throw new FormatException("tensor", "is whole", "a segment of one", "export it again");
                case 4, 5, 6, 7, 9, 10, 11 -> {
                    List<Place> pieces = fields.data.computeIfAbsent(field, _ -> new ArrayList<>());
                    pieces.add(in.place(wire));
                    if (pieces.size() > MAX_PIECES) {
                        throw new FormatException(
                                "tensor", "has packed data", "more than " + MAX_PIECES + " pieces", "export it again");
                    }
                }
                case 8 -> fields.name = in.text(wire);
                case 13 -> in.message(wire, () -> entry(in, fields.location));
                case 14 -> fields.outside = in.number(wire) == 1;
                default -> in.skip(field, wire);
            }
        });
        return tensor(fields);
    }

    private static Void entry(OnnxReader in, Map<String, String> to) throws IOException {
        var pair = new String[] {"", ""};
        in.fields((field, wire) -> {
            switch (field) {
                case 1 -> pair[0] = in.text(wire);
                case 2 -> pair[1] = in.text(wire);
                default -> in.skip(field, wire);
            }
        });
        to.put(pair[0], pair[1]);
        return null;
    }

    private OnnxTensor tensor(Fields fields) throws IOException {
        String subject = "tensor '" + fields.name + "'";
        OnnxType type = OnnxType.of(fields.type)
                .filter(t -> t.element().isPresent() || t == OnnxType.STRING)
                .orElseThrow(() -> new FormatException(
                        subject,
                        "holds float, float16, bfloat16, double, integers of 8 to 64 bits, or bool",
                        "element type number " + fields.type,
                        "quantised and complex weights are not read; export the model in one of these types"));
        if (fields.dims.size() > MAX_RANK) {
            throw new FormatException(
                    subject, "has at most " + MAX_RANK + " dimensions", "" + fields.dims.size(), "reshape it");
        }
        long elements = 1;
        var shape = new ArrayList<Integer>();
        for (long dim : fields.dims) {
            if (dim < 0 || dim > Integer.MAX_VALUE) {
                throw shape(subject, fields.dims);
            }
            shape.add((int) dim);
            elements *= dim;
            if (elements > Integer.MAX_VALUE) {
                throw shape(subject, fields.dims);
            }
        }
        return type == OnnxType.STRING
                ? new OnnxTensor(fields.name, type, shape, (int) elements, false, List.of())
                : numbers(fields, subject, type, shape, (int) elements);
    }

    private OnnxTensor numbers(Fields fields, String subject, OnnxType type, List<Integer> shape, int elements)
            throws IOException {
        int typed = switch (type) {
            case FLOAT -> 4;
            case DOUBLE -> 10;
            case INT64 -> 7;
            case UINT32, UINT64 -> 11;
            default -> 5;
        };
        boolean packed = typed == 5 || typed == 7 || typed == 11;
        var pieces = new ArrayList<MemorySegment>();
        boolean raw = fields.outside || fields.data.containsKey(9);
        if (fields.data.size() + (fields.outside ? 1 : 0) > 1) {
            throw new FormatException(
                    subject, "has its data in one place", "several fields with data", "export it again");
        }
        if (fields.outside) {
            pieces.add(external(subject, fields.location));
        } else {
            for (Place place : fields.data.getOrDefault(raw ? 9 : typed, List.of())) {
                pieces.add(bytes.asSlice(place.start(), place.size()));
            }
        }
        long size = pieces.stream().mapToLong(MemorySegment::byteSize).sum();
        long wanted = (long) elements * type.byteSize();
        // A varint has at least one byte: no shape can ask for more numbers than the file has bytes.
        if (raw || !packed ? size != wanted : size < elements) {
            throw new FormatException(
                    file,
                    -1,
                    subject,
                    "its data must have " + elements + " elements of " + type + ", as shape " + shape + " says",
                    size + " bytes",
                    "the file is damaged; export it again",
                    null);
        }
        return new OnnxTensor(fields.name, type, shape, elements, packed && !raw, pieces);
    }

    /** Data of another file: a plain name in the model's own folder, and nothing else. */
    private MemorySegment external(String subject, Map<String, String> location) throws IOException {
        String name = location.getOrDefault("location", "");
        MemorySegment whole = external.get(name);
        if (whole == null) {
            Path data = inFolder(subject, name);
            whole = OnnxReader.map(name, data, files);
            files.part(data);
            external.put(name, whole);
        }
        long offset = number(subject, location.getOrDefault("offset", "0"));
        long length = number(subject, location.getOrDefault("length", "" + (whole.byteSize() - offset)));
        if (offset > whole.byteSize() || length > whole.byteSize() - offset) {
            throw new FormatException(
                    subject,
                    "its external data lies within the file " + name + " of " + whole.byteSize() + " bytes",
                    length + " bytes from " + offset,
                    "the file is damaged; copy it again");
        }
        return whole.asSlice(offset, length);
    }

    private Path inFolder(String subject, String name) throws IOException {
        Path folder = path.toRealPath().getParent();
        boolean plain = !name.isEmpty() && name.indexOf('/') < 0 && name.indexOf('\\') < 0 && !name.startsWith(".");
        try {
            Path data = plain ? folder.resolve(name) : null;
            if (data != null && Files.isRegularFile(data)) {
                Path real = data.toRealPath();
                if (folder.equals(real.getParent())) {
                    return real;
                }
            } else if (data != null) {
                throw new FormatException(
                        subject,
                        "its external data is a file beside the model",
                        "'" + name + "', which is missing",
                        "put it into the model's folder");
            }
        } catch (InvalidPathException notAName) {
            // Said below, as of every other name that is none.
            plain = false;
        }
        throw new FormatException(
                subject,
                "its external data is named by a plain file name, and lies in the model's folder",
                "'" + name + "'; it was not opened",
                "save the model with its data beside it");
    }

    private static long number(String subject, String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw new FormatException(
                    subject, "offset and length of external data are numbers", "'" + text + "'", "export it again");
        }
        return Long.parseLong(text);
    }

    private static FormatException shape(String subject, List<Long> dims) {
        return new FormatException(
                subject,
                "has at most " + Integer.MAX_VALUE + " elements, no dimension negative",
                "shape " + dims,
                "split the tensor");
    }
}
