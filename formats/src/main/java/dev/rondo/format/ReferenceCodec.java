package dev.rondo.format;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The section of reference cases: count, then name, function, tolerances, inputs and outputs of each. */
final class ReferenceCodec {
    private static final int CASE_MIN_BYTES = 4 + 4 + 1 + 8 + 8 + 4 + 4;
    private static final int VALUES_MIN_BYTES = 4 + 1 + 4 + Placement.BYTES;

    private ReferenceCodec() {}

    /** The placements are those of all inputs and outputs, in order. */
    static void write(Sink sink, List<ReferenceCase> cases, Iterator<Placement> placements) {
        sink.list(cases, reference -> {
            sink.text(reference.name());
            sink.text(reference.function());
            sink.flag(reference.stepwise());
            sink.f64(reference.atol());
            sink.f64(reference.rtol());
            writeValues(sink, reference.inputs(), placements);
            writeValues(sink, reference.outputs(), placements);
        });
    }

    /** Reads the cases and checks them against the functions of the file. */
    static List<ReferenceCase> read(Cursor cursor, DataSection data, List<FunctionDef> functions) {
        ReferenceRules rules = new ReferenceRules(functions);
        int count = cursor.count("reference case count", CASE_MIN_BYTES);
        List<ReferenceCase> cases = new ArrayList<>(count);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            cursor.at(cursor.position());
            ReferenceCase reference = readCase(cursor, data, names);
            rules.check(reference);
            cases.add(reference);
            cursor.leave();
        }
        return List.copyOf(cases);
    }

    private static void writeValues(Sink sink, Map<String, TensorData> values, Iterator<Placement> placements) {
        sink.i32(values.size());
        values.forEach((name, value) -> {
            sink.text(name);
            sink.u8(value.element().code());
            sink.list(value.shape(), sink::i32);
            placements.next().write(sink);
        });
    }

    private static ReferenceCase readCase(Cursor cursor, DataSection data, Set<String> names) {
        String name = Names.name("reference case name", cursor.text("reference case name"));
        Names.unused("reference case name", name, !names.add(name));
        String subject = "reference case " + Names.quote(name);
        String function = cursor.text(subject + ", function");
        boolean stepwise = cursor.flag(subject + ", stepwise");
        double atol = cursor.f64(subject + ", atol");
        double rtol = cursor.f64(subject + ", rtol");
        Map<String, TensorData> inputs = readValues(cursor, data, subject, "input");
        Map<String, TensorData> outputs = readValues(cursor, data, subject, "output");
        return new ReferenceCase(name, function, stepwise, atol, rtol, inputs, outputs);
    }

    private static Map<String, TensorData> readValues(Cursor cursor, DataSection data, String subject, String role) {
        int count = cursor.count(subject + ", " + role + " count", VALUES_MIN_BYTES);
        Map<String, TensorData> values = LinkedHashMap.newLinkedHashMap(count);
        for (int i = 0; i < count; i++) {
            cursor.at(cursor.position());
            String what = subject + ", " + role + " name";
            String name = Names.name(what, cursor.text(what));
            Names.unused(what, name, values.containsKey(name));
            values.put(name, readValue(cursor, data, subject + ", " + role + " " + Names.quote(name)));
            cursor.leave();
        }
        return values;
    }

    private static TensorData readValue(Cursor cursor, DataSection data, String subject) {
        cursor.within(subject);
        ElementType element = FunctionCodec.elementType(cursor);
        List<Integer> shape = TensorCodec.readShape(cursor);
        cursor.leave();
        long bytes = Shapes.elements(subject, shape) * element.byteSize();
        return new TensorData(element, shape, data.claim(cursor, subject, bytes));
    }
}
