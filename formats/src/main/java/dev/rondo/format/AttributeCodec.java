package dev.rondo.format;

import java.util.ArrayList;
import java.util.List;

/** An attribute: a code for its kind, then its value. */
final class AttributeCodec {
    static final int MIN_BYTES = 2;

    private static final int INT = 1;
    private static final int REAL = 2;
    private static final int TEXT = 3;
    private static final int FLAG = 4;
    private static final int INTS = 5;
    private static final int REALS = 6;
    private static final int TEXTS = 7;
    private static final int REFERENCE = 8;

    private AttributeCodec() {}

    static void write(Sink sink, Attribute attribute) {
        switch (attribute) {
            case Attribute.Int(long value) -> {
                sink.u8(INT);
                sink.i64(value);
            }
            case Attribute.Real(double value) -> {
                sink.u8(REAL);
                sink.f64(value);
            }
            case Attribute.Text(String value) -> {
                sink.u8(TEXT);
                sink.text(value);
            }
            case Attribute.Flag(boolean value) -> {
                sink.u8(FLAG);
                sink.flag(value);
            }
            case Attribute.Ints ints -> {
                sink.u8(INTS);
                sink.list(ints.values(), sink::i64);
            }
            case Attribute.Reals reals -> {
                sink.u8(REALS);
                sink.list(reals.values(), sink::f64);
            }
            case Attribute.Texts texts -> {
                sink.u8(TEXTS);
                sink.texts(texts.values());
            }
            case Attribute.Reference(String function) -> {
                sink.u8(REFERENCE);
                sink.text(function);
            }
        }
    }

    static Attribute read(Cursor cursor) {
        long at = cursor.position();
        int code = cursor.u8("kind");
        return switch (code) {
            case INT -> new Attribute.Int(cursor.i64("int"));
            case REAL -> new Attribute.Real(cursor.f64("real"));
            case TEXT -> new Attribute.Text(cursor.text("text"));
            case FLAG -> new Attribute.Flag(cursor.flag("flag"));
            case INTS -> new Attribute.Ints(ints(cursor));
            case REALS -> new Attribute.Reals(reals(cursor));
            case TEXTS -> new Attribute.Texts(cursor.texts("text"));
            case REFERENCE -> new Attribute.Reference(cursor.text("function name"));
            default -> throw cursor.unknownCode(at, "attribute kind", code);
        };
    }

    private static List<Long> ints(Cursor cursor) {
        int count = cursor.count("int count", 8);
        List<Long> ints = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ints.add(cursor.i64("int"));
        }
        return ints;
    }

    private static List<Double> reals(Cursor cursor) {
        int count = cursor.count("real count", 8);
        List<Double> reals = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            reals.add(cursor.f64("real"));
        }
        return reals;
    }
}
