package dev.rondo.format;

import static dev.rondo.format.RawFile.DATA;
import static dev.rondo.format.RawFile.METADATA;
import static dev.rondo.format.RawFile.REFERENCES;
import static dev.rondo.format.RawFile.TENSORS;
import static dev.rondo.format.RawFile.TEXTS;

import org.junit.jupiter.api.Test;

/** Every rule of metadata, text pipelines, tensor index and reference cases: a file that breaks it is refused by name. */
class IndexRulesTest {
    private static final int F32 = 1;
    private static final int I32 = 3;
    private static final int INT8 = 8;
    private static final int ROWS = 0;
    private static final int PANELS = 1;

    /** The section replaced must be refused; relative counts from the section's first byte. */
    private static void refuse(int section, Raw content, String subject, String rule, int relative) {
        RawFile file = RawFile.valid().section(section, content);
        Refusal.check(file.bytes(), subject, rule, file.start(section) + relative);
    }

    @Test
    void hugeCounts() {
        for (int count : new int[] {1_000_000, Integer.MAX_VALUE, Integer.MIN_VALUE, -1}) {
            refuse(METADATA, Raw.of().i32(count), "metadata entry count", "must fit the 0 bytes left", 0);
            refuse(TEXTS, Raw.of().i32(count), "text pipeline count", "must fit", 0);
            refuse(RawFile.FUNCTIONS, Raw.of().i32(count), "function count", "must fit", 0);
            refuse(TENSORS, Raw.of().i32(count), "tensor count", "must fit", 0);
            refuse(REFERENCES, Raw.of().i32(count), "reference case count", "must fit", 0);
            refuse(METADATA, Raw.of().i32(1, count, 0), "metadata entry 0, key", "must fit the 4 bytes left", 4);
            Raw vocabulary = Raw.of()
                    .i32(1)
                    .raw(RawFile.textHead("s", 0, 1, -1, -1, -1, -1))
                    .i32(count, 0);
            refuse(TEXTS, vocabulary, "text pipeline 's', token count", "must fit", 27);
        }
    }

    @Test
    void metadataKeys() {
        refuse(METADATA, Raw.of().i32(1).text("").text("v"), "metadata entry 0, metadata key", "must not be empty", 4);
        refuse(METADATA, Raw.of().i32(1).text("a\nb").text("v"), "metadata entry 0, metadata key", "printable", 4);
        refuse(
                METADATA,
                Raw.of().i32(1).text("k".repeat(513)).text("v"),
                "metadata entry 0, metadata key",
                "at most 512 bytes",
                4);
        refuse(
                METADATA,
                Raw.of().i32(1).text("é".repeat(257)).text("v"),
                "metadata entry 0, metadata key",
                "at most 512 bytes",
                4);
        refuse(
                METADATA,
                Raw.of().i32(2).text("k").text("v").text("k").text("w"),
                "metadata entry 1, metadata key",
                "must be unique",
                14);
    }

    @Test
    void malformedUtf8() {
        byte[][] malformed = {
            {(byte) 0x80},
            {(byte) 0xC3},
            {(byte) 0xC0, (byte) 0x80},
            {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
            {(byte) 0xF8, 1, 1, 1},
            {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
            {(byte) 0xFF}
        };
        for (byte[] bytes : malformed) {
            Raw content = Raw.of().i32(1).text("k").i32(bytes.length).raw(bytes);
            refuse(METADATA, content, "metadata entry 0, value", "must be valid UTF-8", 9);
        }
    }

    @Test
    void textPipelines() {
        String subject = "text pipeline 's'";
        refuse(TEXTS, text(9, 1, 0, "?", "a"), subject + ", normalisation", "must be a code of version 1", 9);
        refuse(TEXTS, text(0, 0, 0, "?", "a"), subject + ", segmentation", "must be a code of version 1", 10);
        refuse(TEXTS, text(0, 1, 2, "?", "a"), subject + ", special id unknown", "below the vocabulary's size", 4);
        refuse(TEXTS, text(0, 1, -2, "?", "a"), subject + ", special id unknown", "must be -1 or", 4);
        refuse(TEXTS, text(0, 1, 0, "?", "?"), subject + ", vocabulary", "same entry twice", 4);
        Raw twice = Raw.of().i32(2);
        for (int i = 0; i < 2; i++) {
            twice.raw(RawFile.textHead("s", 0, 1, -1, -1, -1, -1)).texts("a").texts();
        }
        refuse(TEXTS, twice, "text pipeline name", "must be unique", 4 + 5 + 2 + 16 + 9 + 4);
    }

    @Test
    void specialIdsAreCheckedEach() {
        String[] roles = {"unknown", "begin", "end", "padding"};
        for (int i = 0; i < 4; i++) {
            int[] special = {-1, -1, -1, -1};
            special[i] = 1;
            Raw content = Raw.of()
                    .i32(1)
                    .raw(RawFile.textHead("s", 0, 1, special))
                    .texts("a")
                    .texts();
            refuse(TEXTS, content, "text pipeline 's', special id " + roles[i], "must be -1 or below", 4);
        }
    }

    @Test
    void merges() {
        for (String merge : new String[] {"", "a", " a", "a ", "a b c", "a  b"}) {
            Raw content = Raw.of()
                    .i32(1)
                    .raw(RawFile.textHead("s", 0, 3, -1, -1, -1, -1))
                    .texts("a")
                    .texts(merge);
            refuse(TEXTS, content, "text pipeline 's', merge", "two parts with one space between", 4);
        }
        Raw words = Raw.of()
                .i32(1)
                .raw(RawFile.textHead("s", 0, 2, -1, -1, -1, -1))
                .texts("a")
                .texts("a b");
        refuse(TEXTS, words, "text pipeline 's'", "only byte pairs have merges", 4);
        Raw twice = Raw.of()
                .i32(1)
                .raw(RawFile.textHead("s", 0, 3, -1, -1, -1, -1))
                .texts("a")
                .texts("a b", "a b");
        refuse(TEXTS, twice, "text pipeline 's', merges", "same entry twice", 4);
    }

    @Test
    void tensorNames() {
        refuse(TENSORS, Raw.of().i32(1).raw(RawFile.tensor("", DATA)), "tensor name", "must not be empty", 4);
        refuse(TENSORS, Raw.of().i32(1).raw(RawFile.tensor("w\u0000", DATA)), "tensor name", "printable", 4);
        refuse(TENSORS, Raw.of().i32(1).raw(RawFile.tensor("w\u202E", DATA)), "tensor name", "printable", 4);
        Raw twice = Raw.of().i32(2).raw(RawFile.tensor("w", DATA)).raw(RawFile.tensor("w", 320));
        refuse(
                TENSORS,
                twice,
                "tensor name",
                "must be unique",
                4 + RawFile.tensor("w", DATA).size());
    }

    @Test
    void encodingAndLayoutCodes() {
        refuse(TENSORS, tensor(0, ROWS, 16, 2, 2), "tensor 'w', encoding", "must be a code of version 1", 9);
        refuse(TENSORS, tensor(9, ROWS, 16, 2, 2), "tensor 'w', encoding", "must be a code of version 1", 9);
        refuse(TENSORS, tensor(F32, 2, 16, 2, 2), "tensor 'w', layout", "must be a code of version 1", 10);
    }

    @Test
    void shapes() {
        refuse(TENSORS, tensor(F32, ROWS, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1), "tensor 'w'", "rank must be at most 8", 4);
        refuse(TENSORS, tensor(F32, ROWS, 16, -2, -2), "tensor 'w'", "must not be negative", 4);
        int[][] huge = {
            {1 << 30, 1 << 30},
            {65536, 65536},
            {Integer.MAX_VALUE, 1},
            {1, 1 << 16, 1 << 16},
            {0, Integer.MAX_VALUE, Integer.MAX_VALUE},
            {1 << 16, 1 << 16, 1 << 16, 1 << 16}
        };
        for (int[] shape : huge) {
            refuse(TENSORS, tensor(F32, ROWS, 16, shape), "tensor 'w'", "must have at most 2147483639 elements", 4);
        }
        Raw shape = Raw.of().i32(1).text("w").u8(F32).u8(ROWS).i32(-1);
        refuse(TENSORS, shape.zeros(60), "tensor 'w', dimension count", "must fit the 60 bytes left", 11);
    }

    @Test
    void panels() {
        refuse(TENSORS, panels(F32, 0, 2, 2), "tensor 'w', layout", "at least one group", 10);
        refuse(TENSORS, panels(F32, -1, 2, 2), "tensor 'w', layout", "at least one group", 10);
        refuse(TENSORS, panels(F32, 3, 2, 2), "tensor 'w'", "groups of panels must divide dimension 0", 4);
        refuse(TENSORS, panels(F32, 1, 4), "tensor 'w'", "panels hold f32, f16, bf16 or int8 of rank 2 or more", 4);
        for (int encoding = 2; encoding <= 5; encoding++) {
            refuse(TENSORS, panels(encoding, 1, 2, 2), "tensor 'w'", "panels hold f32, f16, bf16 or int8", 4);
        }
    }

    @Test
    void int8PanelsHaveSoManyColumnsThatTheirSumsFit() {
        refuse(TENSORS, panels(INT8, 1, 1, 500_001), "tensor 'w'", "int8 of at most 500,000 columns", 4);
    }

    @Test
    void lengthOfData() {
        int place = 4 + 5 + 2 + 4 + 8;
        refuse(TENSORS, tensor(F32, ROWS, 15, 2, 2), "tensor 'w'", "length must be 16 bytes", place + 8);
        refuse(TENSORS, tensor(F32, ROWS, -1, 2, 2), "tensor 'w'", "length must be 16 bytes", place + 8);
        refuse(TENSORS, tensor(INT8, ROWS, 4, 2, 2), "tensor 'w'", "length must be 72 bytes", place + 8);
        Raw panels = Raw.of()
                .i32(1)
                .text("w")
                .u8(F32)
                .u8(PANELS)
                .i32(1, 2, 2, 2)
                .i64(DATA, 16)
                .i32(0);
        refuse(TENSORS, panels, "tensor 'w'", "length must be 128 bytes", place + 12);
    }

    @Test
    void placeOfData() {
        int place = 4 + 5 + 2 + 4 + 8;
        refuse(TENSORS, Raw.of().i32(1).raw(RawFile.tensor("w", DATA + 4)), "tensor 'w'", "a multiple of 64", place);
        for (long offset : new long[] {0, 192, 448, 1 << 20, -64, Long.MIN_VALUE, Long.MAX_VALUE - 63}) {
            refuse(
                    TENSORS,
                    Raw.of().i32(1).raw(RawFile.tensor("w", offset)),
                    "tensor 'w'",
                    "must lie inside the data section, 256 to 392",
                    place);
        }
        Raw tail = Raw.of().i32(1).raw(RawFile.tensor("w", 384)); // 16 bytes where 8 are left
        refuse(TENSORS, tail, "tensor 'w'", "must lie inside the data section", place);
    }

    @Test
    void overlap() {
        Raw both = Raw.of().i32(2).raw(RawFile.tensor("v", DATA)).raw(RawFile.tensor("w", DATA));
        int second = 4 + RawFile.tensor("v", DATA).size() + 5 + 2 + 4 + 8;
        refuse(TENSORS, both, "tensor 'w'", "must not overlap tensor 'v'", second);
        RawFile file = RawFile.valid().section(TENSORS, Raw.of().i32(1).raw(RawFile.tensor("w", 320)));
        Refusal.check(
                file.bytes(),
                "reference case 'r', input 'x'",
                "must not overlap tensor 'w'",
                file.start(REFERENCES) + 4 + 5 + 5 + 1 + 16 + 4 + 5 + 1 + 4 + 8);
    }

    @Test
    void referenceCases() {
        refuse(REFERENCES, reference("", "f", "x", "y"), "reference case name", "must not be empty", 4);
        refuse(REFERENCES, reference("r", "g", "x", "y"), "reference case 'r'", "must call a function of the file", 4);
        refuse(
                REFERENCES,
                reference("r", "f", "y", "y"),
                "reference case 'r', input 'y'",
                "must be an input or a state of the function",
                4);
        refuse(
                REFERENCES,
                reference("r", "f", "x", "x"),
                "reference case 'r', output 'x'",
                "must be an output or a state of the function",
                4);
        Raw twice = Raw.of()
                .i32(2)
                .raw(RawFile.caseHead("r", "f"))
                .i32(0, 0)
                .raw(RawFile.caseHead("r", "f"))
                .i32(0, 0);
        refuse(REFERENCES, twice, "reference case name", "must be unique", 4 + 27 + 8);
        Raw flag = Raw.of().i32(1).text("r").text("f").u8(2).f64(0, 0).i32(0, 0);
        refuse(REFERENCES, flag, "reference case 'r', stepwise", "must be 0 or 1", 14);
    }

    @Test
    void tolerances() {
        for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            Raw atol = Raw.of().i32(1).text("r").text("f").u8(0).f64(bad, 0).i32(0, 0);
            refuse(REFERENCES, atol, "reference case 'r', atol", "must be a finite number, not negative", 4);
            Raw rtol = Raw.of().i32(1).text("r").text("f").u8(0).f64(0, bad).i32(0, 0);
            refuse(REFERENCES, rtol, "reference case 'r', rtol", "must be a finite number, not negative", 4);
        }
    }

    @Test
    void referenceValues() {
        String subject = "reference case 'r', input 'x'";
        refuse(
                REFERENCES,
                input(RawFile.value("x", 0, 320, 0, 1, 2)),
                subject + ", element type",
                "must be a code",
                40);
        refuse(REFERENCES, input(RawFile.value("x", I32, 320, 0, 1, 2)), subject, "must have the type of the value", 4);
        refuse(REFERENCES, input(RawFile.value("x", F32, 320, 0, 2)), subject, "must have the type of the value", 4);
        refuse(REFERENCES, input(RawFile.value("x", F32, 324, 0, 1, 2)), subject, "a multiple of 64", 53);
        refuse(REFERENCES, input(RawFile.value("x", F32, 448, 0, 1, 2)), subject, "inside the data section", 53);
        refuse(REFERENCES, input(RawFile.value("x", F32, 320, 0, 1, -2)), subject, "must not be negative", 35);
        Raw state = input(RawFile.value("h", F32, 320, 0, 2));
        refuse(REFERENCES, state, "reference case 'r', input 'h'", "must have the type of the value", 4);
        Raw twice = Raw.of()
                .i32(1)
                .raw(RawFile.caseHead("r", "f"))
                .i32(2)
                .raw(RawFile.value("x", F32, 320, 0, 1, 2))
                .raw(RawFile.value("x", F32, 320, 0, 1, 2))
                .i32(0);
        refuse(REFERENCES, twice, "reference case 'r', input name", "must be unique", 35 + 38);
    }

    @Test
    void stepwiseCases() {
        Raw head = Raw.of().i32(1).text("r").text("f").u8(1).f64(0, 0).i32(1);
        Raw noAxis =
                Raw.of().raw(head).raw(RawFile.value("x", F32, 320, 0, 1, 2)).i32(0);
        refuse(REFERENCES, noAxis, "reference case 'r', input 'x'", "with one leading axis for the steps", 4);
        Raw steps = Raw.of()
                .raw(head)
                .raw(RawFile.value("x", F32, 320, 0, 2, 1, 1))
                .i32(1)
                .raw(RawFile.value("y", F32, 384, 0, 1, 1, 2));
        refuse(
                REFERENCES,
                steps,
                "reference case 'r', output 'y'",
                "leading axis of all tensors of a stepwise case, 2",
                4);
        Raw scalar = Raw.of()
                .raw(head)
                .raw(RawFile.value("x", F32, 320, 0, 2, 1, 1))
                .i32(1)
                .raw(RawFile.value("y", F32, 384, 0));
        refuse(REFERENCES, scalar, "reference case 'r', output 'y'", "leading axis", 4);
    }

    private static Raw text(int normalisation, int segmentation, int unknown, String... vocabulary) {
        return Raw.of()
                .i32(1)
                .raw(RawFile.textHead("s", normalisation, segmentation, unknown, -1, -1, -1))
                .texts(vocabulary)
                .texts();
    }

    private static Raw tensor(int encoding, int layout, long length, int... shape) {
        return Raw.of()
                .i32(1)
                .raw(RawFile.tensorHead("w", encoding, layout, shape))
                .i64(DATA, length)
                .i32(0);
    }

    private static Raw panels(int encoding, int groups, int... shape) {
        return Raw.of()
                .i32(1)
                .text("w")
                .u8(encoding)
                .u8(PANELS)
                .i32(groups, shape.length)
                .i32(shape)
                .i64(DATA, 16)
                .i32(0);
    }

    private static Raw reference(String name, String function, String input, String output) {
        return Raw.of().i32(1).raw(RawFile.caseHead(name, function)).raw(RawFile.values(input, output));
    }

    private static Raw input(Raw value) {
        return Raw.of().i32(1).raw(RawFile.caseHead("r", "f")).i32(1).raw(value).i32(0);
    }
}
