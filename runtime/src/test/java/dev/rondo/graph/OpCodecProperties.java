package dev.rondo.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.format.Attribute;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Operators to names and attributes and back; what is not exactly right is refused. */
class OpCodecProperties {
    private static final Map<String, Function> BODIES = Map.of("body", OpArbitraries.BODY);

    @Provide
    Arbitrary<Op> ops() {
        return OpArbitraries.any();
    }

    private static Op decode(String name, Map<String, Attribute> attributes) {
        return OpCodec.decode("node [y]", name, 1, attributes, BODIES);
    }

    private static String refused(String name, Map<String, Attribute> attributes) {
        return assertThrows(FormatException.class, () -> decode(name, attributes), name + " " + attributes)
                .getMessage();
    }

    @Example
    void everyRecordOfTheCatalogueHasAGenerator() {
        assertEquals(OpArbitraries.records(Op.class), OpArbitraries.byRecord().keySet());
    }

    @Example
    void everyOperatorComesBack() {
        OpArbitraries.byRecord()
                .forEach((record, arbitrary) -> arbitrary
                        .sampleStream()
                        .limit(200)
                        .forEach(op -> assertEquals(op, decode(op.name(), OpCodec.attributes(op)))));
    }

    @Example
    void namesTellOperatorsApart() {
        var records = new HashMap<String, Class<?>>();
        OpArbitraries.byRecord()
                .forEach((record, arbitrary) -> arbitrary
                        .sampleStream()
                        .limit(100)
                        .forEach(op -> {
                            Class<?> other = records.putIfAbsent(op.name(), record);
                            assertTrue(other == null || other == record, op.name());
                        }));
    }

    /** Graph text tells them apart by this alone. */
    @Property
    void noAttributeIsNamedLikeAnInput(@ForAll("ops") Op op) {
        if (!(op instanceof Scan)) {
            op.slots().forEach(slot -> assertTrue(!OpCodec.attributes(op).containsKey(slot.name()), slot.name()));
        }
    }

    @Property
    void attributesComeBackThroughTheirText(@ForAll("ops") Op op) {
        if (op instanceof Scan) {
            return; // has a form of its own in graph text
        }
        var read = new LinkedHashMap<String, Attribute>();
        OpCodec.attributes(op)
                .forEach((key, value) -> read.put(key, GraphTextParser.literal(GraphText.literal(value))));
        assertEquals(op, decode(op.name(), read));
    }

    @Property
    void anUnknownAttributeIsRefused(@ForAll("ops") Op op) {
        var attributes = new LinkedHashMap<>(OpCodec.attributes(op));
        attributes.put("colour", new Attribute.Text("blue"));
        String message = refused(op.name(), attributes);
        assertTrue(message.contains(op.name()) && message.contains("'colour'"), message);
    }

    @Property
    void aMissingAttributeIsRefusedOrMeansTheUsualValue(@ForAll("ops") Op op) {
        Map<String, Attribute> all = OpCodec.attributes(op);
        for (String key : all.keySet()) {
            var attributes = new LinkedHashMap<>(all);
            attributes.remove(key);
            try {
                // Only what is unusual is written, so leaving it out must change the meaning.
                assertNotEquals(op, decode(op.name(), attributes), key);
            } catch (FormatException refused) {
                assertTrue(refused.getMessage().contains("'" + key + "'"), refused.getMessage());
            }
        }
    }

    @Property
    void anAttributeOfTheWrongKindIsRefused(@ForAll("ops") Op op) {
        Map<String, Attribute> all = OpCodec.attributes(op);
        for (String key : all.keySet()) {
            var attributes = new LinkedHashMap<>(all);
            attributes.put(key, new Attribute.Reals(List.of(0.5)));
            String message = refused(op.name(), attributes);
            assertTrue(message.contains("'" + key + "'") && message.contains("0.5"), message);
        }
    }

    @Property
    void anotherVersionIsRefused(@ForAll("ops") Op op) {
        var refused = assertThrows(
                FormatException.class, () -> OpCodec.decode("node [y]", op.name(), 2, OpCodec.attributes(op), BODIES));
        assertTrue(refused.getMessage().contains("version 2"), refused.getMessage());
    }

    @Example
    void unknownOperatorsAreRefusedByName() {
        for (String name : List.of("", "relu", "Add", "reduce_", "reduce_median", "lstm_cell2")) {
            assertTrue(refused(name, Map.of()).contains("'" + name + "'"), name);
        }
    }

    @Example
    void valuesOutOfRangeAreRefused() {
        check("conv1d", "stride", new Attribute.Int(0), "stride 0");
        check("conv1d", "groups", new Attribute.Int(-1), "groups -1");
        check("conv1d", "before", new Attribute.Int(1L << 40), "32-bit");
        check("activate", "function", new Attribute.Text("relu6"), "'relu6'");
        check("activate", "function", new Attribute.Text("leaky_relu(NaN)"), "activation");
        check("activate", "function", new Attribute.Text("tanh(1.0)"), "activation");
        check("layer_norm", "epsilon", new Attribute.Real(-1), "epsilon -1");
        check("layer_norm", "epsilon", new Attribute.Real(Double.NaN), "epsilon NaN");
        check("top_k", "k", new Attribute.Int(0), "k 0");
        check("attention", "scale", new Attribute.Real(Double.NaN), "scale NaN");
        check("pool_time", "pooling", new Attribute.Text("median"), "'median'");
        check("cast", "to", new Attribute.Text("f8"), "f8");
        check("length_mask", "size", new Attribute.Text("T/0"), "T/0");
        check("transpose", "permutation", new Attribute.Ints(List.of(1L << 32)), "32-bit");
        check("reshape", "shape", new Attribute.Texts(Collections.nCopies(9, "1")), "rank of at most 8");
        check("reshape", "shape", new Attribute.Ints(Collections.nCopies(9, 1L)), "rank of at most 8");
        check("scan", "body", new Attribute.Reference("later"), "'later'");
    }

    private static void check(String operator, String key, Attribute value, String said) {
        String message = refused(operator, Map.of(key, value));
        assertTrue(message.contains(said), message);
    }

    @Example
    void moreAttributesOutOfRange() {
        Attribute one = new Attribute.Int(1);
        Attribute zero = new Attribute.Int(0);
        assertTrue(refused("slice", Map.of("axis", zero, "start", zero, "length", one, "step", zero))
                .contains("step 0"));
        assertTrue(refused("slice", Map.of("axis", zero, "start", new Attribute.Text("T+"), "length", one))
                .contains("T+"));
        assertTrue(refused(
                        "pad",
                        Map.of(
                                "axis",
                                zero,
                                "before",
                                new Attribute.Int(-1),
                                "after",
                                one,
                                "mode",
                                new Attribute.Text("zero")))
                .contains("before -1"));
        assertTrue(refused("top_k", Map.of("k", one, "normalisation", new Attribute.Text("sum")))
                .contains("[none, softmax, log_softmax]; got 'sum'"));
        assertTrue(refused("pad", Map.of("axis", zero, "before", one, "after", one, "mode", new Attribute.Text("wrap")))
                .contains("'wrap'"));
        assertTrue(refused("pool_window", Map.of("pooling", new Attribute.Text("max"), "size", zero, "stride", one))
                .contains("size 0"));
        assertTrue(refused("gru_cell", Map.of()).contains("'reset_after'"));
    }
}
