package dev.rondo.format;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The section of text pipelines: count, then name, normalisation, segmentation, special ids, vocabulary and merges of each. */
final class TextCodec {
    private static final int PIPELINE_MIN_BYTES = 4 + 1 + 1 + 4 * 4 + 4 + 4;

    private TextCodec() {}

    static void write(Sink sink, List<TextPipeline> pipelines) {
        sink.list(pipelines, pipeline -> {
            sink.text(pipeline.name());
            sink.u8(pipeline.normalisation().code());
            sink.u8(pipeline.segmentation().code());
            sink.i32(pipeline.special().unknown());
            sink.i32(pipeline.special().begin());
            sink.i32(pipeline.special().end());
            sink.i32(pipeline.special().padding());
            sink.texts(pipeline.vocabulary());
            sink.texts(pipeline.merges());
        });
    }

    static List<TextPipeline> read(Cursor cursor) {
        int count = cursor.count("text pipeline count", PIPELINE_MIN_BYTES);
        List<TextPipeline> pipelines = new ArrayList<>(count);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            cursor.at(cursor.position());
            pipelines.add(readPipeline(cursor, names));
            cursor.leave();
        }
        return List.copyOf(pipelines);
    }

    private static TextPipeline readPipeline(Cursor cursor, Set<String> names) {
        String name = Names.name("text pipeline name", cursor.text("text pipeline name"));
        Names.unused("text pipeline name", name, !names.add(name));
        String subject = "text pipeline " + Names.quote(name);
        Normalisation normalisation = normalisation(cursor, subject);
        Segmentation segmentation = segmentation(cursor, subject);
        SpecialIds special =
                new SpecialIds(cursor.i32(subject), cursor.i32(subject), cursor.i32(subject), cursor.i32(subject));
        cursor.within(subject);
        List<String> vocabulary = cursor.texts("token");
        List<String> merges = cursor.texts("merge");
        cursor.leave();
        return new TextPipeline(name, normalisation, segmentation, vocabulary, merges, special);
    }

    private static Normalisation normalisation(Cursor cursor, String subject) {
        long at = cursor.position();
        int code = cursor.u8(subject);
        for (Normalisation normalisation : Normalisation.values()) {
            if (normalisation.code() == code) {
                return normalisation;
            }
        }
        throw cursor.unknownCode(at, subject + ", normalisation", code);
    }

    private static Segmentation segmentation(Cursor cursor, String subject) {
        long at = cursor.position();
        int code = cursor.u8(subject);
        for (Segmentation segmentation : Segmentation.values()) {
            if (segmentation.code() == code) {
                return segmentation;
            }
        }
        throw cursor.unknownCode(at, subject + ", segmentation", code);
    }
}
