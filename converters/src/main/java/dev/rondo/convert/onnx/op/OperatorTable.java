package dev.rondo.convert.onnx.op;

import dev.rondo.convert.onnx.file.OnnxNode;
import dev.rondo.error.FormatException;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which lowering an operator has, by name and the version of ONNX's operator set. The only table of its kind. */
public final class OperatorTable {
    private static final int SHOWN = 5;

    private final Map<String, NavigableMap<Long, Lowering>> lowerings = new HashMap<>();
    private final Map<String, String> refused = new HashMap<>();

    private OperatorTable() {}

    /** Every operator that is converted. */
    public static OperatorTable standard() {
        var table = new OperatorTable();
        Pointwise.addTo(table);
        Shaping.addTo(table);
        Selection.addTo(table);
        Products.addTo(table);
        Softmaxes.addTo(table);
        Recurrence.addTo(table);
        Elementary.addTo(table);
        Reduce.addTo(table);
        Extremes.addTo(table);
        Indexing.addTo(table);
        Repetition.addTo(table);
        Convolutions.addTo(table);
        Pools.addTo(table);
        Normalisations.addTo(table);
        Einsum.addTo(table);
        Attentions.addTo(table);
        Refusals.addTo(table);
        return table;
    }

    /**
     * Says how an operator of ONNX's own domain is converted, from a version of the operator set on: until the next one
     * given for it.
     */
    public void add(String opType, long since, Lowering lowering) {
        if (lowerings.computeIfAbsent(opType, _ -> new TreeMap<>()).put(since, lowering) != null) {
            throw new IllegalStateException(opType + " since " + since + " twice");
        }
    }

    /** Says why an operator is not converted, for the message. */
    public void refuse(String opType, String why) {
        refused.put(opType, why);
    }

    /** Why operators are not converted, by name; no list of all that there are. */
    public Map<String, String> refused() {
        return new TreeMap<>(refused);
    }

    /** The names of all operators that are converted. */
    public Set<String> operators() {
        return new TreeSet<>(lowerings.keySet());
    }

    /** @throws FormatException when there is none; it names operator, domain and node */
    public Lowering of(OnnxNode node, long opset) {
        var versions = node.domain().isEmpty() ? lowerings.get(node.opType()) : null;
        var entry = versions == null ? null : versions.floorEntry(opset);
        if (entry != null) {
            return entry.getValue();
        }
        String why = node.domain().isEmpty() ? refused.get(node.opType()) : null;
        String domain = node.domain().isEmpty() ? "ai.onnx" : node.domain();
        throw new FormatException(
                node.subject(),
                why == null ? "its operator is one that is converted" : "is not converted: " + why,
                "operator " + node.opType() + " of domain " + domain + ", version " + opset,
                "docs/onnx.md lists them; export the model without it" + near(node.opType()));
    }

    /** Names that differ in case only. */
    private String near(String opType) {
        var names = operators().stream()
                .filter(n -> n.equalsIgnoreCase(opType))
                .limit(SHOWN)
                .toList();
        return names.isEmpty() ? "" : ", or did it mean " + names;
    }
}
