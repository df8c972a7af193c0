package dev.rondo.format;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What a file holds, checked. */
record Content(
        int version,
        Map<String, String> metadata,
        List<TextPipeline> texts,
        List<FunctionDef> functions,
        Map<String, Tensor> tensors,
        List<ReferenceCase> references) {

    /**
     * Reads and checks a whole file.
     *
     * @param all      its bytes, native and 64-byte aligned
     * @param header   already checked, but for its CRC
     * @param everyCrc whether to check the CRCs of tensor data too
     */
    static Content read(String file, MemorySegment all, Header header, boolean everyCrc) {
        SectionTable table = SectionTable.read(file, all, header);
        table.checkCrcs();
        DataSection data = new DataSection(file, all, table.entry(Section.DATA));
        Sections sections = new Sections(file, all, table);
        Map<String, Tensor> tensors = sections.read(Section.TENSORS, cursor -> TensorCodec.read(cursor, data));
        Map<String, String> metadata = sections.read(Section.METADATA, MetadataCodec::read);
        List<TextPipeline> texts = sections.read(Section.TEXTS, TextCodec::read);
        List<FunctionDef> functions =
                sections.read(Section.FUNCTIONS, cursor -> FunctionCodec.read(cursor, tensors.keySet()));
        List<ReferenceCase> references =
                sections.read(Section.REFERENCES, cursor -> ReferenceCodec.read(cursor, data, functions));
        data.checkDisjoint();
        if (everyCrc) {
            data.checkCrcs();
        }
        return new Content(header.version(), metadata, texts, functions, tensors, references);
    }

    private record Sections(String file, MemorySegment all, SectionTable table) {
        <T> T read(Section section, Function<Cursor, T> codec) {
            Cursor cursor = new Cursor(file, all, table.entry(section));
            T content = codec.apply(cursor);
            cursor.expectEnd(section.subject());
            return content;
        }
    }
}
