package dev.rondo.convert.safetensors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads and checks the JSON header, token by token. */
final class HeaderReader {
    /** A tensor as the header describes it; offsets count from the first byte of the data. */
    record Entry(String name, Dtype dtype, List<Long> shape, long begin, long end) {}

    private static final String METADATA = "__metadata__";
    private static final String REWRITE = "the file is damaged or its writer is wrong; write it anew";
    private static final int DEPTH = 3;
    private static final int MAX_STRING = 1 << 24;
    private static final int MAX_RANK = 64;

    /**
     * Characters of names and metadata at most, {@link #ENTRY} more for each: so memory is bounded well below the
     * header.
     */
    private static final int MAX_TEXTS = 1 << 25;

    private static final int ENTRY = 128;

    private final String file;
    private final JsonParser parser;
    private final long dataSize;
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private int texts;

    private HeaderReader(String file, JsonParser parser, long dataSize) {
        this.file = file;
        this.parser = parser;
        this.dataSize = dataSize;
    }

    /** In the order of the data. */
    List<Entry> entries() {
        return entries;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    /**
     * Reads and checks a header.
     *
     * @param header   its bytes, spaces at the end included
     * @param dataSize bytes after the header
     */
    static HeaderReader read(String file, MemorySegment header, long dataSize) {
        MemorySegment json = withoutPadding(file, header);
        ByteBuffer bytes = json.asByteBuffer();
        checkUtf8(file, bytes.duplicate());
        var factory = StrictJson.factory(DEPTH, MAX_STRING);
        try (JsonParser parser = factory.createParser(new ByteBufferBackedInputStream(bytes))) {
            var reader = new HeaderReader(file, parser, dataSize);
            reader.readAll();
            return reader;
        } catch (JsonProcessingException wrong) {
            throw StrictJson.error(file, Long.BYTES, "safetensors header", wrong);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible); // a buffer in memory cannot fail to be read
        }
    }

    /** The JSON begins at once and only spaces may follow it. */
    private static MemorySegment withoutPadding(String file, MemorySegment header) {
        byte first = header.byteSize() == 0 ? 0 : header.get(ValueLayout.JAVA_BYTE, 0);
        if (first != '{') {
            throw new FormatException(
                    file,
                    Long.BYTES,
                    "safetensors header",
                    "must begin with '{'",
                    header.byteSize() == 0 ? "no header" : String.format("byte 0x%02X", first),
                    "not a safetensors file",
                    null);
        }
        long end = header.byteSize();
        while (header.get(ValueLayout.JAVA_BYTE, end - 1) == ' ') {
            end--;
        }
        byte last = header.get(ValueLayout.JAVA_BYTE, end - 1);
        if (last != '}') {
            throw new FormatException(
                    file,
                    Long.BYTES + end - 1,
                    "safetensors header",
                    "must end with '}', only spaces may follow",
                    String.format("byte 0x%02X", last),
                    "the file is cut or not a safetensors file",
                    null);
        }
        return header.asSlice(0, end);
    }

    private static void checkUtf8(String file, ByteBuffer bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer chars = CharBuffer.allocate(8192);
        CoderResult result;
        do {
            chars.clear();
            result = decoder.decode(bytes, chars, true);
        } while (result.isOverflow());
        if (result.isError()) {
            throw new FormatException(
                    file,
                    Long.BYTES + bytes.position(),
                    "safetensors header",
                    "must be valid UTF-8",
                    String.format("byte 0x%02X", bytes.get(bytes.position())),
                    REWRITE,
                    null);
        }
    }

    private void readAll() throws IOException {
        expect(parser.nextToken(), JsonToken.START_OBJECT, "safetensors header", "must be an object");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = text(parser.currentName(), "key");
            spend(name);
            if (name.equals(METADATA)) {
                readMetadata();
            } else {
                readEntry(name);
            }
        }
        if (parser.nextToken() != null) {
            throw error("safetensors header", "only spaces may follow the object", parser.getText(), REWRITE);
        }
        checkCover();
    }

    private void spend(String text) {
        texts += ENTRY + text.length(); // fits: no text is longer than MAX_STRING
        if (texts > MAX_TEXTS) {
            throw error(
                    "safetensors header",
                    "must have at most " + MAX_TEXTS + " characters of names and metadata, each name counting " + ENTRY
                            + " more",
                    "more at " + StrictJson.quote(text),
                    "split the model into several files");
        }
    }

    private void readMetadata() throws IOException {
        expect(parser.nextToken(), JsonToken.START_OBJECT, METADATA, "must be an object of texts");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = text(parser.currentName(), "metadata key");
            spend(key);
            expect(
                    parser.nextToken(),
                    JsonToken.VALUE_STRING,
                    METADATA + ", key " + StrictJson.quote(key),
                    "must be a text");
            String value = text(parser.getText(), "metadata value");
            spend(value);
            metadata.put(key, value);
        }
    }

    private void readEntry(String name) throws IOException {
        String subject = subject(name);
        Dtype dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        expect(parser.nextToken(), JsonToken.START_OBJECT, subject, "must be an object");
        long place = Long.BYTES + StrictJson.offset(parser);
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            switch (key) {
                case "dtype" -> dtype = dtype(subject);
                case "shape" -> shape = numbers(subject, key, MAX_RANK);
                case "data_offsets" -> offsets = numbers(subject, key, 2);
                default ->
                    throw error(
                            subject,
                            "may hold dtype, shape and data_offsets only",
                            "key " + StrictJson.quote(key),
                            "written by a newer version of the format?");
            }
        }
        if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
            throw new FormatException(
                    file,
                    place,
                    subject,
                    "must hold dtype, shape and two data_offsets",
                    "dtype " + dtype + ", shape " + shape + ", data_offsets " + offsets,
                    REWRITE,
                    null);
        }
        checkEntry(new Entry(name, dtype, shape, offsets.get(0), offsets.get(1)), place);
    }

    private void checkEntry(Entry e, long place) {
        if (e.begin() > e.end() || e.end() > dataSize) {
            throw entry(
                    e,
                    place,
                    "data_offsets must lie within the " + dataSize + " bytes of data, begin before end",
                    "[" + e.begin() + ", " + e.end() + "]",
                    "the file is cut, or its header belongs to another one");
        }
        long bits;
        try {
            bits = e.dtype().bits();
            for (long dim : e.shape()) {
                bits = Math.multiplyExact(bits, dim);
            }
        } catch (ArithmeticException overflow) {
            throw entry(e, place, "the size of a shape must fit 63 bits", describe(e), REWRITE);
        }
        if (bits % 8 != 0) {
            throw entry(e, place, "a tensor must fill whole bytes", describe(e) + ", " + bits + " bits", REWRITE);
        }
        if (bits / 8 != e.end() - e.begin()) {
            throw entry(
                    e,
                    place,
                    "dtype and shape must give the length of its data",
                    describe(e) + " need " + bits / 8 + " bytes, data_offsets [" + e.begin() + ", " + e.end()
                            + "] hold " + (e.end() - e.begin()),
                    REWRITE);
        }
        entries.add(e);
    }

    /** Every byte of the data belongs to exactly one tensor. */
    private void checkCover() {
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long covered = 0;
        for (Entry e : entries) {
            if (e.begin() != covered) {
                throw entry(
                        e,
                        Long.BYTES,
                        e.begin() < covered
                                ? "data of two tensors must not overlap"
                                : "data must follow the tensor before it without a hole",
                        "data_offsets [" + e.begin() + ", " + e.end() + "] after byte " + covered,
                        REWRITE);
            }
            covered = e.end();
        }
        if (covered != dataSize) {
            throw new FormatException(
                    file,
                    -1,
                    "safetensors data",
                    "the tensors must cover the file to its end",
                    "tensors end at byte " + covered + " of " + dataSize + " of data",
                    "the header is cut, or something was appended",
                    null);
        }
    }

    private Dtype dtype(String subject) throws IOException {
        expect(parser.nextToken(), JsonToken.VALUE_STRING, subject + ", dtype", "must be a text");
        String name = parser.getText();
        return Dtype.of(name)
                .orElseThrow(() -> error(
                        subject + ", dtype",
                        "must be one of " + List.of(Dtype.values()),
                        StrictJson.quote(name),
                        "written by a newer version of the format?"));
    }

    private List<Long> numbers(String subject, String key, int most) throws IOException {
        String place = subject + ", " + key;
        expect(parser.nextToken(), JsonToken.START_ARRAY, place, "must be an array of whole numbers");
        var numbers = new ArrayList<Long>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, place, "must hold whole numbers");
            if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                    || parser.getText().startsWith("-")) {
                throw error(place, "numbers must lie between 0 and 2^63-1", parser.getText(), REWRITE);
            }
            if (numbers.size() == most) {
                throw error(place, "must hold at most " + most + " numbers", "one more", REWRITE);
            }
            numbers.add(parser.getLongValue());
        }
        return List.copyOf(numbers);
    }

    private void expect(JsonToken got, JsonToken wanted, String subject, String rule) {
        if (got != wanted) {
            throw error(subject, rule, got == null ? "the end of the header" : got.name(), REWRITE);
        }
    }

    private String text(String text, String what) {
        if (!StrictJson.wellFormed(text)) {
            throw error("safetensors header, " + what, "must be valid Unicode", StrictJson.quote(text), REWRITE);
        }
        return text;
    }

    private FormatException error(String subject, String rule, String got, String remedy) {
        return new FormatException(file, Long.BYTES + StrictJson.offset(parser), subject, rule, got, remedy, null);
    }

    private FormatException entry(Entry e, long place, String rule, String got, String remedy) {
        return new FormatException(file, place, subject(e.name()), rule, got, remedy, null);
    }

    private static String subject(String name) {
        return "tensor " + StrictJson.quote(name);
    }

    private static String describe(Entry e) {
        return e.dtype() + " of shape " + e.shape();
    }
}
