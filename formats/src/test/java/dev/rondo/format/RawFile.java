package dev.rondo.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * A whole file assembled by hand, so that a test can break one rule and keep all checksums right. The data section (id 6)
 * lies first, at byte {@link #DATA}, the others follow by id.
 */
final class RawFile {
    static final int METADATA = 1;
    static final int TEXTS = 2;
    static final int FUNCTIONS = 3;
    static final int TENSORS = 4;
    static final int REFERENCES = 5;
    static final int DATA_ID = 6;
    static final int NGRAMS = 7;
    /** Where the data section begins: header 64, table 6 * 32. */
    static final int DATA = 256;

    private final Map<Integer, byte[]> sections = new TreeMap<>();
    private final List<Consumer<ByteBuffer>> edits = new ArrayList<>();
    private final List<Consumer<ByteBuffer>> damages = new ArrayList<>();

    /** A small file that breaks no rule: function f(x) = Linear(x, w) with a state h. */
    static RawFile valid() {
        RawFile file = new RawFile();
        file.section(DATA_ID, data());
        file.section(METADATA, Raw.of().i32(1).text("task").text("test"));
        file.section(
                TEXTS,
                Raw.of()
                        .i32(1)
                        .raw(textHead("source", 1, 2, 0, -1, -1, -1))
                        .texts("?", "a")
                        .texts());
        file.section(
                FUNCTIONS,
                Raw.of()
                        .i32(1)
                        .raw(function(
                                "f", node("Linear", 1, "x", "@w").texts("y").i32(0))));
        file.section(TENSORS, Raw.of().i32(1).raw(tensor("w", DATA)));
        file.section(REFERENCES, Raw.of().i32(1).raw(caseHead("r", "f")).raw(values("x", "y")));
        return file;
    }

    /** w = 2 x 2 at 256, x = 1 x 2 at 320, y = 1 x 2 at 384. */
    static Raw data() {
        return Raw.of().f32(1, 2, 3, 4).zeros(48).f32(5, 6).zeros(56).f32(7, 8);
    }

    static Raw textHead(String name, int normalisation, int segmentation, int... special) {
        return Raw.of().text(name).u8(normalisation).u8(segmentation).i32(special);
    }

    /** A function with input x, state h (next y), one node and output y. */
    static Raw function(String name, Raw node) {
        return Raw.of()
                .text(name)
                .i32(1)
                .value("x", "B", "2")
                .i32(1)
                .value("h", "B", "2")
                .text("y")
                .i32(1)
                .raw(node)
                .texts("y");
    }

    /** The beginning of a node, up to its inputs. Outputs and attributes must follow. */
    static Raw node(String op, int version, String... inputs) {
        return Raw.of().text(op).i32(version).texts(inputs);
    }

    /** The index entry of an f32 matrix [2, 2] of rows. */
    static Raw tensor(String name, long offset) {
        return tensorHead(name, 1, 0, 2, 2)
                .i64(offset, 16)
                .i32(crc(Raw.of().f32(1, 2, 3, 4).bytes()));
    }

    static Raw tensorHead(String name, int encoding, int layout, int... shape) {
        return Raw.of().text(name).u8(encoding).u8(layout).i32(shape.length).i32(shape);
    }

    static Raw caseHead(String name, String function) {
        return Raw.of().text(name).text(function).u8(0).f64(1e-5, 1e-4);
    }

    /** One input at 320 and one output at 384, both f32 [1, 2]. */
    static Raw values(String input, String output) {
        return Raw.of()
                .i32(1)
                .raw(value(input, 1, 320, crc(Raw.of().f32(5, 6).bytes()), 1, 2))
                .i32(1)
                .raw(value(output, 1, 384, crc(Raw.of().f32(7, 8).bytes()), 1, 2));
    }

    static Raw value(String name, int type, long offset, int crc, int... shape) {
        int elements = 1;
        for (int dim : shape) {
            elements *= dim;
        }
        return Raw.of()
                .text(name)
                .u8(type)
                .i32(shape.length)
                .i32(shape)
                .i64(offset, 4L * elements)
                .i32(crc);
    }

    /** Replaces a section, or adds one with an id of its own. */
    RawFile section(int id, Raw content) {
        sections.put(id, content.bytes());
        return this;
    }

    RawFile without(int id) {
        sections.remove(id);
        return this;
    }

    /** Changes bytes before header and table get their CRC; the sections' CRCs are in the table already. */
    RawFile edit(Consumer<ByteBuffer> edit) {
        edits.add(edit);
        return this;
    }

    /** Changes bytes when all CRCs are in place. */
    RawFile damage(Consumer<ByteBuffer> damage) {
        damages.add(damage);
        return this;
    }

    /** Where the section begins. */
    int start(int id) {
        int position = tableEnd();
        for (int each : order()) {
            position = aligned(position);
            if (each == id) {
                return position;
            }
            position += sections.get(each).length;
        }
        throw new AssertionError("no section " + id);
    }

    /** Where the table entry of the section lies. */
    int entry(int id) {
        return 64 + 32 * order().indexOf(id);
    }

    byte[] bytes() {
        int length = tableEnd();
        for (int id : order()) {
            length = start(id) + sections.get(id).length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(new byte[] {'R', 'O', 'N', 'D', 'O', 13, 10, 26})
                .putInt(1)
                .putInt(sections.size())
                .putLong(length);
        for (int id : order()) {
            byte[] content = sections.get(id);
            int entry = entry(id);
            bytes.putInt(entry, id).putInt(entry + 4, id > NGRAMS ? 1 : 0);
            bytes.putLong(entry + 8, start(id))
                    .putLong(entry + 16, content.length)
                    .putInt(entry + 24, crc(content));
            bytes.put(start(id), content);
        }
        edits.forEach(edit -> edit.accept(bytes));
        seal(bytes);
        damages.forEach(damage -> damage.accept(bytes));
        return bytes.array();
    }

    /** Writes the CRC of header and section table, as many entries as the header says. */
    static void seal(ByteBuffer bytes) {
        long tableEnd = 64 + 32L * Integer.toUnsignedLong(bytes.getInt(12));
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, 60));
        crc.update(bytes.slice(64, (int) Math.min(tableEnd, bytes.capacity()) - 64));
        bytes.putInt(60, (int) crc.getValue());
    }

    static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private List<Integer> order() {
        List<Integer> ids = new ArrayList<>(sections.keySet());
        if (ids.remove((Integer) DATA_ID)) {
            ids.addFirst(DATA_ID);
        }
        return ids;
    }

    private int tableEnd() {
        return 64 + 32 * sections.size();
    }

    private static int aligned(int offset) {
        return (offset + 63) / 64 * 64;
    }
}
