package dev.rondo.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.RondoException;
import dev.rondo.error.ShapeException;
import dev.rondo.error.StateException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules that the reader cannot reach, because it builds what it checked, and the form of messages. */
class RecordRulesTest {

    @Test
    void messages() {
        Exception cause = new Exception("cause");
        for (RondoException error : List.of(
                new FormatException("s", "r", "g", "h", cause),
                new ShapeException("s", "r", "g", "h", cause),
                new StateException("s", "r", "g", "h", cause),
                new InputException("s", "r", "g", "h", cause),
                new FormatException("s", "r", "g", "h"),
                new ShapeException("s", "r", "g", "h"),
                new StateException("s", "r", "g", "h"),
                new InputException("s", "r", "g", "h"))) {
            assertEquals("s: r; got g; h", error.getMessage());
            assertEquals(
                    List.of("s", "r", "g", "h"), List.of(error.subject(), error.rule(), error.got(), error.remedy()));
            assertTrue(error.getCause() == null || error.getCause() == cause);
        }
    }

    @Test
    void placeOfAFormatError() {
        FormatException bare = new FormatException("s", "r", "g", "h");
        assertEquals("", bare.file());
        assertEquals(-1, bare.offset());
        FormatException placed = bare.at("file", 7);
        assertEquals("s (file, byte 7): r; got g; h", placed.getMessage());
        assertEquals("s (file, byte 7): r; got g; h", placed.at("other", 9).getMessage());
        assertEquals("s (file): r; got g; h", bare.at("file", -1).getMessage());
        assertEquals("s (byte 7): r; got g; h", bare.at("", 7).getMessage());
        assertEquals(
                "outer, s (file, byte 7): r; got g; h", placed.within("outer").getMessage());
        assertEquals(bare.getStackTrace()[0], placed.getStackTrace()[0]);
    }

    @Test
    void longAndInvisibleTextIsShortenedInMessages() {
        assertEquals("'a\\u000A\\u202E'", Names.quote("a\n\u202e"));
        String quoted = Names.quote("x".repeat(1_000_000));
        assertEquals("'" + "x".repeat(80) + "...'", quoted);
    }

    @Test
    void namesOfTypes() {
        for (ElementType type : ElementType.values()) {
            assertEquals(type, ElementType.parse(type.text()));
            assertEquals(type, Encoding.of(type).elementType());
            assertEquals(type.byteSize(), Encoding.of(type).byteSize());
        }
        for (Encoding encoding : Encoding.values()) {
            assertEquals(encoding, Encoding.parse(encoding.text()));
        }
        assertThrows(FormatException.class, () -> ElementType.parse("f16"));
        assertThrows(FormatException.class, () -> Encoding.parse("F32"));
    }

    @Test
    void tensorMemory() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(80, 64);
            Layout rows = new Layout.Rows();
            Tensor tensor = new Tensor("w", Encoding.F32, rows, List.of(4), memory.asSlice(0, 16));
            assertTrue(tensor.data().isReadOnly());
            assertThrows(
                    FormatException.class,
                    () -> new Tensor("w", Encoding.F32, rows, List.of(4), memory.asSlice(0, 20)));
            assertThrows(
                    FormatException.class,
                    () -> new Tensor("w", Encoding.F32, rows, List.of(4), memory.asSlice(4, 16)));
            assertThrows(
                    FormatException.class,
                    () -> new Tensor("w", Encoding.F32, rows, List.of(4), MemorySegment.ofArray(new byte[16])));
            assertThrows(
                    FormatException.class, () -> new TensorData(ElementType.F32, List.of(4), memory.asSlice(0, 20)));
        }
    }

    @Test
    void shapesOfTensors() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(96, 64);
            Layout rows = new Layout.Rows();
            Tensor scalar = new Tensor("w", Encoding.F32, rows, List.of(), memory.asSlice(0, 4));
            assertEquals(List.of(1, 1, 1L), List.of(scalar.rows(), scalar.columns(), scalar.parameterCount()));
            Tensor vector = new Tensor("w", Encoding.F32, rows, List.of(5), memory.asSlice(0, 20));
            assertEquals(List.of(5, 1, 5L), List.of(vector.rows(), vector.columns(), vector.parameterCount()));
            Tensor cube = new Tensor("w", Encoding.F32, rows, List.of(2, 3, 4), memory);
            assertEquals(List.of(2, 12, 24L), List.of(cube.rows(), cube.columns(), cube.parameterCount()));
        }
    }

    @Test
    void plainValuesAreRead() {
        assertEquals(-2.5, TensorData.ofFloats(List.of(2), 1, -2.5f).value(1));
        assertEquals(1e300, TensorData.ofDoubles(List.of(), 1e300).value(0));
        assertEquals(-7, TensorData.ofInts(List.of(1), -7).value(0));
        assertEquals(1L << 40, TensorData.ofLongs(List.of(1, 1), 1L << 40).value(0));
        TensorData flags = TensorData.ofBooleans(List.of(2), true, false);
        assertEquals(List.of(1.0, 0.0, 2), List.of(flags.value(0), flags.value(1), flags.elementCount()));
        assertThrows(FormatException.class, () -> TensorData.ofInts(List.of(2), 1));
    }

    @Test
    void recordsKeepCopies() {
        var dims = new java.util.ArrayList<>(List.of("B"));
        ValueDef value = new ValueDef("x", ElementType.F32, dims);
        dims.add("T");
        assertEquals(List.of("B"), value.dims());
        assertThrows(UnsupportedOperationException.class, () -> value.dims().add("T"));
        assertFalse(value.equals(new ValueDef("x", ElementType.F32, dims)));
    }

    @Test
    void unpairedSurrogates() {
        assertThrows(FormatException.class, () -> new Attribute.Text("\udd1e"));
        assertThrows(FormatException.class, () -> new Attribute.Texts(List.of("\ud834x")));
        assertThrows(FormatException.class, () -> new ValueDef("\ud834", ElementType.F32, List.of()));
        assertEquals("\ud834\udd1e", new Attribute.Text("\ud834\udd1e").value());
    }
}
