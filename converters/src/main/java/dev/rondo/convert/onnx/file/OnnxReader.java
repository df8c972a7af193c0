package dev.rondo.convert.onnx.file;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.rondo.convert.draft.OpenFiles;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads ONNX files. The protocol buffers are walked field by field; the numbers of tensors stay where they are, in the
 * mapped file, so heap use depends on the graph only, and that is bounded.
 */
public final class OnnxReader {
    /** Protocol buffers are at most this long. */
    private static final long MAX_FILE = Integer.MAX_VALUE;

    private static final int MAX_DEPTH = 16;
    private static final int MAX_TEXT = 1 << 16;
    /** Messages, texts and numbers of attributes in one file: a real model has some ten thousand. */
    private static final int MAX_ITEMS = 1 << 21;

    private final String file;
    private final CodedInputStream in;
    private final TensorReader tensors;
    private int items;
    private int depth;

    private OnnxReader(String file, CodedInputStream in, TensorReader tensors) {
        this.file = file;
        this.in = in;
        this.tensors = tensors;
    }

    /**
     * Reads a model.
     *
     * @param files what keeps the file and its external data open
     * @throws FormatException when the file breaks a rule of the format
     * @throws InputException  when there is no such file
     * @throws IOException     when it cannot be read
     */
    public static OnnxModel read(Path path, OpenFiles files) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new InputException("ONNX file", "must be an existing file", path.toString(), "check the path");
        }
        String name = String.valueOf(path.getFileName());
        MemorySegment bytes = map(name, path, files);
        try (InputStream stream = Files.newInputStream(path)) {
            CodedInputStream in = CodedInputStream.newInstance(stream, 1 << 16);
            var reader = new OnnxReader(name, in, new TensorReader(name, path, bytes, files));
            try {
                return reader.model();
            } catch (InvalidProtocolBufferException damaged) {
                throw new FormatException(
                        name,
                        in.getTotalBytesRead(),
                        "ONNX model",
                        "must be a sound protocol buffer",
                        String.valueOf(damaged.getMessage()),
                        "the file is damaged or no ONNX model; export it again",
                        damaged);
            } catch (FormatException wrong) {
                throw wrong.at(name, in.getTotalBytesRead());
            }
        }
    }

    static MemorySegment map(String name, Path path, OpenFiles files) throws IOException {
        Arena arena = Arena.ofShared();
        files.add(arena::close);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            if (channel.size() > MAX_FILE) {
                throw new FormatException(
                        name,
                        -1,
                        "file",
                        "must have at most " + MAX_FILE + " bytes",
                        "" + channel.size(),
                        "split the external data into several files",
                        null);
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        }
    }

    /** One field of a message. */
    @FunctionalInterface
    interface Field {
        void read(int number, int wire) throws IOException;
    }

    private OnnxModel model() throws IOException {
        var opsets = new LinkedHashMap<String, Long>();
        var producer = new ArrayList<String>();
        var functions = new ArrayList<String>();
        var graphs = new ArrayList<OnnxGraph>();
        fields((field, wire) -> {
            switch (field) {
                case 2, 3 -> producer.add(text(wire));
                case 7 -> graphs.add(message(wire, this::graph));
                case 8 -> message(wire, () -> opset(opsets));
                case 25 -> functions.add(message(wire, this::functionName));
                default -> skip(field, wire);
            }
        });
        if (graphs.size() != 1) {
            throw new FormatException(
                    "ONNX model", "has one graph", graphs.size() + "", "the file is damaged or no ONNX model");
        }
        if (opsets.isEmpty()) {
            throw new FormatException(
                    "ONNX model", "says which operator set it uses", "none", "the file is damaged or no ONNX model");
        }
        return new OnnxModel(file, String.join(" ", producer), opsets, graphs.getFirst(), functions);
    }

    private Void opset(Map<String, Long> opsets) throws IOException {
        var domain = new String[] {""};
        var version = new long[] {0};
        fields((field, wire) -> {
            switch (field) {
                case 1 -> domain[0] = text(wire);
                case 2 -> version[0] = number(wire);
                default -> skip(field, wire);
            }
        });
        opsets.put(domain[0].equals("ai.onnx") ? "" : domain[0], version[0]);
        return null;
    }

    private String functionName() throws IOException {
        var name = new String[] {""};
        fields((field, wire) -> {
            if (field == 1) {
                name[0] = text(wire);
            } else {
                skip(field, wire);
            }
        });
        return name[0];
    }

    OnnxGraph graph() throws IOException {
        var name = new String[] {""};
        var nodes = new ArrayList<OnnxNode>();
        var initializers = new ArrayList<OnnxTensor>();
        var inputs = new ArrayList<OnnxValueInfo>();
        var outputs = new ArrayList<OnnxValueInfo>();
        fields((field, wire) -> {
            switch (field) {
                case 1 -> nodes.add(message(wire, () -> node(nodes.size())));
                case 2 -> name[0] = text(wire);
                case 5 -> initializers.add(message(wire, () -> tensors.read(this)));
                case 11 -> inputs.add(message(wire, this::valueInfo));
                case 12 -> outputs.add(message(wire, this::valueInfo));
                case 15 ->
                    throw new FormatException(
                            "ONNX graph", "its tensors are dense", "a sparse initializer", "export dense weights");
                default -> skip(field, wire);
            }
        });
        return new OnnxGraph(name[0], nodes, initializers, inputs, outputs);
    }

    private OnnxNode node(int index) throws IOException {
        var inputs = new ArrayList<String>();
        var outputs = new ArrayList<String>();
        var texts = new String[] {"", "", ""};
        var attributes = new LinkedHashMap<String, OnnxAttribute>();
        fields((field, wire) -> {
            switch (field) {
                case 1 -> inputs.add(text(wire));
                case 2 -> outputs.add(text(wire));
                case 3 -> texts[0] = text(wire);
                case 4 -> texts[1] = text(wire);
                case 5 -> {
                    Map.Entry<String, OnnxAttribute> attribute =
                            message(wire, () -> new AttributeReader(this, tensors).read());
                    if (attributes.put(attribute.getKey(), attribute.getValue()) != null) {
                        throw new FormatException(
                                "node '" + texts[0] + "'",
                                "names an attribute once",
                                "'" + attribute.getKey() + "' twice",
                                "the file is damaged; export it again");
                    }
                }
                case 7 -> texts[2] = text(wire);
                default -> skip(field, wire);
            }
        });
        String domain = texts[2].equals("ai.onnx") ? "" : texts[2];
        return new OnnxNode(texts[0], texts[1], domain, inputs, outputs, attributes, index);
    }

    private OnnxValueInfo valueInfo() throws IOException {
        var name = new String[] {""};
        var element = new long[1];
        var shapes = new ArrayList<List<OnnxValueInfo.Dimension>>();
        fields((field, wire) -> {
            switch (field) {
                case 1 -> name[0] = text(wire);
                case 2 -> message(wire, () -> type(element, shapes));
                default -> skip(field, wire);
            }
        });
        return new OnnxValueInfo(
                name[0], element[0], shapes.isEmpty() ? Optional.empty() : Optional.of(shapes.getLast()));
    }

    private Void type(long[] element, List<List<OnnxValueInfo.Dimension>> shapes) throws IOException {
        fields((field, wire) -> {
            if (field == 1) {
                message(wire, () -> {
                    fields((inner, innerWire) -> {
                        switch (inner) {
                            case 1 -> element[0] = number(innerWire);
                            case 2 -> shapes.add(message(innerWire, this::shape));
                            default -> skip(inner, innerWire);
                        }
                    });
                    return null;
                });
            } else {
                skip(field, wire);
            }
        });
        return null;
    }

    private List<OnnxValueInfo.Dimension> shape() throws IOException {
        var dims = new ArrayList<OnnxValueInfo.Dimension>();
        fields((field, wire) -> {
            if (field == 1) {
                dims.add(message(wire, this::dimension));
            } else {
                skip(field, wire);
            }
        });
        return dims;
    }

    private OnnxValueInfo.Dimension dimension() throws IOException {
        var size = new long[] {-1};
        var name = new String[] {""};
        fields((field, wire) -> {
            switch (field) {
                case 1 -> size[0] = number(wire);
                case 2 -> name[0] = text(wire);
                default -> skip(field, wire);
            }
        });
        return new OnnxValueInfo.Dimension(size[0], name[0]);
    }

    // What all messages are made of.

    /** Reads a message that something inside a message is. */
    @FunctionalInterface
    interface Body<T> {
        T read() throws IOException;
    }

    <T> T message(int wire, Body<T> body) throws IOException {
        require(wire, WireFormat.WIRETYPE_LENGTH_DELIMITED, "a message");
        count(1);
        if (++depth > MAX_DEPTH * 6) {
            throw new FormatException(
                    "ONNX model", "graphs lie in nodes at most " + MAX_DEPTH + " deep", "more", "flatten the model");
        }
        int limit = in.pushLimit(in.readRawVarint32());
        T value = body.read();
        if (!in.isAtEnd()) {
            throw new FormatException("message", "is read to its end", "bytes are left", "the file is damaged");
        }
        in.popLimit(limit);
        depth--;
        return value;
    }

    void fields(Field reader) throws IOException {
        while (true) {
            int tag = in.readTag();
            if (tag == 0) {
                return;
            }
            reader.read(WireFormat.getTagFieldNumber(tag), WireFormat.getTagWireType(tag));
        }
    }

    String text(int wire) throws IOException {
        require(wire, WireFormat.WIRETYPE_LENGTH_DELIMITED, "text");
        int length = in.readRawVarint32();
        if (length < 0 || length > MAX_TEXT) {
            throw new FormatException(
                    "text", "has at most " + MAX_TEXT + " bytes", Integer.toUnsignedString(length), "shorten it");
        }
        count(1 + length / 64);
        byte[] bytes = in.readRawBytes(length);
        return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }

    long number(int wire) throws IOException {
        require(wire, WireFormat.WIRETYPE_VARINT, "a number");
        return in.readRawVarint64();
    }

    float real(int wire) throws IOException {
        require(wire, WireFormat.WIRETYPE_FIXED32, "a float");
        return Float.intBitsToFloat(in.readRawLittleEndian32());
    }

    /** Numbers one by one, or several in one field. */
    void numbers(int wire, List<Long> to) throws IOException {
        if (wire == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            int limit = in.pushLimit(in.readRawVarint32());
            while (!in.isAtEnd()) {
                count(1);
                to.add(in.readRawVarint64());
            }
            in.popLimit(limit);
        } else {
            count(1);
            to.add(number(wire));
        }
    }

    void reals(int wire, List<Float> to) throws IOException {
        if (wire == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            int limit = in.pushLimit(in.readRawVarint32());
            while (!in.isAtEnd()) {
                count(1);
                to.add(Float.intBitsToFloat(in.readRawLittleEndian32()));
            }
            in.popLimit(limit);
        } else {
            count(1);
            to.add(real(wire));
        }
    }

    /** Where the bytes of a field lie in the file; they are not read. {@code size} is that of a single element. */
    TensorReader.Place place(int wire) throws IOException {
        int size = switch (wire) {
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> in.readRawVarint32();
            case WireFormat.WIRETYPE_FIXED32 -> Integer.BYTES;
            case WireFormat.WIRETYPE_FIXED64 -> Long.BYTES;
            default -> -1;
        };
        long start = in.getTotalBytesRead();
        if (wire == WireFormat.WIRETYPE_VARINT) {
            in.readRawVarint64();
            size = (int) (in.getTotalBytesRead() - start);
        } else if (size < 0) {
            throw new FormatException("field", "holds data", "wire type " + wire, "the file is damaged");
        } else {
            in.skipRawBytes(size);
        }
        count(1);
        return new TensorReader.Place(start, size);
    }

    void skip(int field, int wire) throws IOException {
        if (wire == WireFormat.WIRETYPE_START_GROUP || wire == WireFormat.WIRETYPE_END_GROUP) {
            throw new FormatException("field " + field, "is no group", "wire type " + wire, "the file is damaged");
        }
        in.skipField(tag(field, wire));
    }

    private static int tag(int field, int wire) {
        return field << 3 | wire;
    }

    private void count(int more) {
        items += more;
        if (items > MAX_ITEMS) {
            throw new FormatException(
                    "ONNX model",
                    "has at most " + MAX_ITEMS + " parts (messages, texts, numbers of attributes)",
                    "more",
                    "store large constants as initializers");
        }
    }

    private static void require(int wire, int wanted, String what) {
        if (wire != wanted) {
            throw new FormatException("field", "holds " + what, "wire type " + wire, "the file is damaged");
        }
    }
}
