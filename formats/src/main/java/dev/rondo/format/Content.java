package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a file holds, checked. */
record Content(
        int version,
        Map<String, String> metadata,
        List<TextPipeline> texts,
        List<FunctionDef> functions,
        Map<String, Tensor> tensors,
        List<ReferenceCase> references,
        Optional<NgramTable> ngrams) {

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
        Cursor cursor = new Cursor(file, all);
        try {
            cursor.open(table.entry(Section.TENSORS));
            Map<String, Tensor> tensors = TensorCodec.read(cursor, data);
            cursor.open(table.entry(Section.METADATA));
            Map<String, String> metadata = MetadataCodec.read(cursor);
            cursor.open(table.entry(Section.TEXTS));
            List<TextPipeline> texts = TextCodec.read(cursor);
            cursor.open(table.entry(Section.FUNCTIONS));
            List<FunctionDef> functions = FunctionCodec.read(cursor, tensors.keySet());
            cursor.open(table.entry(Section.REFERENCES));
            List<ReferenceCase> references = ReferenceCodec.read(cursor, data, functions);
            Optional<NgramTable> ngrams = Optional.empty();
            if (table.entry(Section.NGRAMS) != null) {
                cursor.open(table.entry(Section.NGRAMS));
                ngrams = Optional.of(NgramTable.read(cursor));
            }
            cursor.expectEnd();
            data.checkDisjoint();
            if (everyCrc) {
                data.checkCrcs();
            }
            return new Content(header.version(), metadata, texts, functions, tensors, references, ngrams);
        } catch (FormatException wrong) {
            throw cursor.placed(wrong);
        }
    }
}
