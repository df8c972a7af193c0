package dev.rondo.format;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tensor index: count, then name, encoding, layout, shape and place of each tensor. */
final class TensorCodec {
    private static final int TENSOR_MIN_BYTES = 4 + 1 + 1 + 4 + Placement.BYTES;
    private static final int ROWS = 0;
    private static final int PANELS = 1;

    private TensorCodec() {}

    /** The layout is one byte, for panels followed by the groups. */
    static void write(
            Sink sink, String name, Encoding encoding, Layout layout, List<Integer> shape, Placement placement) {
        sink.text(name);
        sink.u8(encoding.code());
        switch (layout) {
            case Layout.Rows() -> sink.u8(ROWS);
            case Layout.Panels(int groups) -> {
                sink.u8(PANELS);
                sink.i32(groups);
            }
        }
        sink.list(shape, sink::i32);
        placement.write(sink);
    }

    static Map<String, Tensor> read(Cursor cursor, DataSection data) {
        int count = cursor.count("tensor count", TENSOR_MIN_BYTES);
        Map<String, Tensor> tensors = LinkedHashMap.newLinkedHashMap(count);
        for (int i = 0; i < count; i++) {
            cursor.at(cursor.position());
            Tensor tensor = readTensor(cursor, data, tensors);
            tensors.put(tensor.name(), tensor);
            cursor.leave();
        }
        return Names.orderedCopy(tensors);
    }

    /** A shape: count, then the dimensions. */
    static List<Integer> readShape(Cursor cursor) {
        int count = cursor.count("dimension count", 4);
        List<Integer> shape = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            shape.add(cursor.i32("dimension"));
        }
        return shape;
    }

    private static Tensor readTensor(Cursor cursor, DataSection data, Map<String, Tensor> before) {
        String name = Names.name("tensor name", cursor.text("tensor name"));
        Names.unused("tensor name", name, before.containsKey(name));
        String subject = "tensor " + Names.quote(name);
        cursor.within(subject);
        Encoding encoding = encoding(cursor);
        Layout layout = layout(cursor);
        List<Integer> shape = readShape(cursor);
        cursor.leave();
        MemorySegment bytes = data.claim(cursor, subject, Shapes.byteSize(subject, encoding, layout, shape));
        return new Tensor(name, encoding, layout, shape, bytes);
    }

    private static Encoding encoding(Cursor cursor) {
        long at = cursor.position();
        int code = cursor.u8("encoding");
        for (Encoding encoding : Encoding.values()) {
            if (encoding.code() == code) {
                return encoding;
            }
        }
        throw cursor.unknownCode(at, "encoding", code);
    }

    private static Layout layout(Cursor cursor) {
        long at = cursor.position();
        int code = cursor.u8("layout");
        return switch (code) {
            case ROWS -> new Layout.Rows();
            case PANELS -> {
                cursor.at(at);
                Layout panels = new Layout.Panels(cursor.i32("groups"));
                cursor.leave();
                yield panels;
            }
            default -> throw cursor.unknownCode(at, "layout", code);
        };
    }
}
