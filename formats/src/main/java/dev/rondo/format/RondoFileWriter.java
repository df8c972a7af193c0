package dev.rondo.format;

import dev.rondo.error.FormatException;
import dev.rondo.error.StateException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Collects the content of a file, then writes it. The order of calls is the order in the file, and the same calls give the
 * same bytes. Not for use by several threads at once.
 */
public final class RondoFileWriter {
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Map<String, TextPipeline> texts = new LinkedHashMap<>();
    private final Map<String, FunctionDef> functions = new LinkedHashMap<>();
    private final Map<String, ReferenceCase> references = new LinkedHashMap<>();
    private final Map<String, Stored> tensors = new LinkedHashMap<>();
    private NgramTable ngrams;
    private boolean written;

    /** Fills memory with the bytes of a tensor. */
    private interface Filler {
        void fill(MemorySegment out);
    }

    private record Stored(
            String name, Encoding encoding, Layout layout, List<Integer> shape, long length, Filler filler) {}

    /** A writer that has collected nothing yet. */
    public RondoFileWriter() {}

    /**
     * Adds a free entry.
     *
     * @throws FormatException when the key is no name or already there
     */
    public RondoFileWriter metadata(String key, String value) {
        Names.name("metadata key", key);
        Names.text("metadata value of " + Names.quote(key), value);
        return add(metadata, "metadata key", key, value);
    }

    /**
     * Adds a text pipeline.
     *
     * @throws FormatException when there is one of that name
     */
    public RondoFileWriter text(TextPipeline text) {
        return add(texts, "text pipeline name", text.name(), text);
    }

    /**
     * Adds a function. Those it refers to come first; its tensors may be added later.
     *
     * @throws FormatException when there is one of that name
     */
    public RondoFileWriter function(FunctionDef function) {
        return add(functions, "function name", function.name(), function);
    }

    /**
     * Adds a reference case. Its memory must stay as it is until {@link #write} returns.
     *
     * @throws FormatException when there is one of that name
     */
    public RondoFileWriter reference(ReferenceCase reference) {
        return add(references, "reference case name", reference.name(), reference);
    }

    /**
     * Adds a tensor of f32 values, to be stored as F32, F16, BF16 or INT8.
     *
     * @param shape  at most 8 dimensions
     * @param values all elements, row-major; asked for once, by {@link #write}, one tensor at a time
     * @throws FormatException when the name is taken, or name, shape, encoding or layout breaks a rule
     */
    public RondoFileWriter tensor(
            String name, Encoding encoding, Layout layout, List<Integer> shape, Supplier<float[]> values) {
        Objects.requireNonNull(values);
        Names.name("tensor name", name);
        String subject = "tensor " + Names.quote(name);
        if (encoding.elementType() != ElementType.F32) {
            throw new FormatException(
                    subject,
                    "floats are stored as f32, f16, bf16 or int8",
                    encoding.text(),
                    "pass a TensorData of that type");
        }
        List<Integer> copy = List.copyOf(shape);
        long length = Shapes.byteSize(subject, encoding, layout, copy);
        Filler filler = out -> {
            float[] floats = values.get();
            long elements = Shapes.elements(subject, copy);
            if (floats.length != elements) {
                throw new FormatException(
                        subject,
                        "needs as many values as its shape says, " + elements,
                        floats.length + " values",
                        "check what supplies the values");
            }
            try {
                Packing.pack(floats, Shapes.rows(copy), Shapes.columns(copy), encoding, layout, out);
            } catch (FormatException e) {
                throw e.within(subject);
            }
        };
        return add(tensors, "tensor name", name, new Stored(name, encoding, layout, copy, length, filler));
    }

    /**
     * Adds a tensor of any type, stored as rows. Its memory must stay as it is until {@link #write} returns.
     *
     * @throws FormatException when the name is taken or breaks a rule
     */
    public RondoFileWriter tensor(String name, TensorData values) {
        Names.name("tensor name", name);
        Stored stored = new Stored(
                name,
                Encoding.of(values.element()),
                new Layout.Rows(),
                values.shape(),
                values.data().byteSize(),
                out -> out.copyFrom(values.data()));
        return add(tensors, "tensor name", name, stored);
    }

    /** Sets the n-grams. Their memory must stay as it is until {@link #write} returns. */
    public RondoFileWriter ngrams(NgramTable table) {
        ngrams = Objects.requireNonNull(table);
        return this;
    }

    /**
     * Checks everything the reader would check, then writes the file: to a temporary file beside it, which is forced to
     * the disk and then renamed over it. So whoever opens the path sees the old file or the new one, and a failure leaves
     * the old one. Once only.
     *
     * @throws FormatException when the content breaks a rule of the format
     * @throws StateException  when called a second time
     * @throws IOException     when the file cannot be written or renamed
     */
    public void write(Path path) throws IOException {
        if (written) {
            throw new StateException(
                    "writer",
                    "writes one file, since it asks for values once",
                    "a second write",
                    "collect the content in a new writer");
        }
        try {
            checkContent();
        } catch (FormatException e) {
            throw e.at(path.toString(), -1);
        }
        written = true;
        AtomicFile.write(path, temporary -> {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                writeTo(channel);
                channel.force(true);
                return true;
            } catch (FormatException e) {
                throw e.at(path.toString(), -1);
            }
        });
    }

    private <T> RondoFileWriter add(Map<String, T> map, String subject, String name, T value) {
        Names.unused(subject, name, map.containsKey(name));
        map.put(name, value);
        return this;
    }

    private void checkContent() {
        Set<String> earlier = new HashSet<>();
        for (FunctionDef function : functions.values()) {
            try {
                FunctionScope.check(function, tensors.keySet(), earlier);
            } catch (FormatException e) {
                throw e.within("function " + Names.quote(function.name()));
            }
            earlier.add(function.name());
        }
        ReferenceRules rules = new ReferenceRules(List.copyOf(functions.values()));
        references.values().forEach(rules::check);
    }

    /** Writes the data first, at its final place, then what comes before it, which needs the data's CRCs. */
    private void writeTo(FileChannel channel) throws IOException {
        List<Stored> ranges = new ArrayList<>(tensors.values());
        for (ReferenceCase reference : references.values()) {
            reference.inputs().forEach((name, values) -> ranges.add(plain(name, values)));
            reference.outputs().forEach((name, values) -> ranges.add(plain(name, values)));
        }
        Placement unknown = new Placement(0, 0, 0);
        long dataStart =
                front(Collections.nCopies(ranges.size(), unknown), 0, 0, 0).size();
        List<Placement> placements = new ArrayList<>();
        Crc32c dataCrc = new Crc32c();
        long position = dataStart;
        for (Stored range : ranges) {
            Placement placement = writeRange(channel, range, position, dataCrc);
            placements.add(placement);
            position = placement.offset() + Shapes.aligned(placement.length());
        }
        Sink front = front(placements, dataStart, position - dataStart, dataCrc.value());
        writeFully(channel, front.slice(0, front.size()), 0);
    }

    private static Stored plain(String name, TensorData values) {
        return new Stored(
                name,
                Encoding.of(values.element()),
                new Layout.Rows(),
                values.shape(),
                values.data().byteSize(),
                out -> out.copyFrom(values.data()));
    }

    /** The zeros that fill up the last 64 bytes are written, and counted by the section's CRC, but not by the range's. */
    private static Placement writeRange(FileChannel channel, Stored range, long position, Crc32c dataCrc)
            throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment padded = arena.allocate(Shapes.aligned(range.length()), Shapes.ALIGNMENT);
            MemorySegment bytes = padded.asSlice(0, range.length());
            range.filler().fill(bytes);
            dataCrc.update(padded);
            for (long done = 0; done < padded.byteSize(); done += Crc32c.CHUNK) {
                long length = Math.min(Crc32c.CHUNK, padded.byteSize() - done);
                writeFully(channel, padded.asSlice(done, length).asByteBuffer(), position + done);
            }
            return new Placement(position, range.length(), Crc32c.of(bytes));
        }
    }

    /** Everything before the data, padded to its beginning. Its length does not depend on the placements' numbers. */
    private Sink front(List<Placement> placements, long dataStart, long dataLength, int dataCrc) {
        Sink sink = new Sink();
        List<Section> sections = new ArrayList<>(List.of(Section.values()));
        if (ngrams == null) {
            sections.remove(Section.NGRAMS);
        }
        Header.write(sink, sections.size(), dataStart + dataLength);
        sink.zeros(sections.size() * SectionTable.ENTRY_BYTES);
        List<Placement> ofTensors = placements.subList(0, tensors.size());
        List<Placement> ofReferences = placements.subList(tensors.size(), placements.size());
        for (Section section : sections) {
            sink.align();
            int start = sink.size();
            switch (section) {
                case METADATA -> MetadataCodec.write(sink, metadata);
                case TEXTS -> TextCodec.write(sink, List.copyOf(texts.values()));
                case FUNCTIONS -> FunctionCodec.write(sink, List.copyOf(functions.values()));
                case TENSORS -> writeIndex(sink, ofTensors);
                case REFERENCES ->
                    ReferenceCodec.write(sink, List.copyOf(references.values()), ofReferences.iterator());
                case NGRAMS -> NgramTable.write(sink, ngrams);
                case DATA -> {
                    /* what follows the front */
                }
            }
            boolean data = section == Section.DATA;
            SectionTable.patch(
                    sink,
                    sections.indexOf(section),
                    section,
                    start,
                    data ? dataLength : sink.size() - start,
                    data ? dataCrc : sink.crc(start, sink.size() - start));
        }
        Header.patchCrc(sink, sections.size());
        return sink;
    }

    private void writeIndex(Sink sink, List<Placement> placements) {
        sink.i32(tensors.size());
        int i = 0;
        for (Stored tensor : tensors.values()) {
            TensorCodec.write(
                    sink, tensor.name(), tensor.encoding(), tensor.layout(), tensor.shape(), placements.get(i++));
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
        for (long at = position; bytes.hasRemaining(); ) {
            at += channel.write(bytes, at);
        }
    }
}
