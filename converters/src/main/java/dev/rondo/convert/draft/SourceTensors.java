package dev.rondo.convert.draft;

import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import dev.rondo.error.ShapeException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tensors of the source; remembers which were used, so that none is forgotten silently. For one conversion. */
public final class SourceTensors {
    private static final int SHOWN = 20;

    private final String file;
    private final Map<String, SourceTensor> tensors;
    private final Set<SourceTensor> used = new HashSet<>();

    public SourceTensors(String file, Map<String, SourceTensor> tensors) {
        this.file = file;
        this.tensors = tensors;
    }

    public int size() {
        return tensors.size();
    }

    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    /**
     * Marks a tensor as used.
     *
     * @param role the key of the configuration that names it, for messages
     */
    public SourceTensor use(String name, String role) {
        SourceTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new FormatException(
                    file,
                    -1,
                    role,
                    "must name a tensor of the source",
                    StrictJson.quote(name) + "; the source has " + shown(List.copyOf(tensors.keySet())),
                    "correct the name in the configuration",
                    null);
        }
        if (tensor.kept().isEmpty()) {
            throw new FormatException(
                    file,
                    -1,
                    tensor.subject() + " (" + role + ")",
                    "must hold floating-point numbers: F16, BF16, F32 or F64",
                    tensor.dtype(),
                    "quantised weights of other formats are not read; export the model in one of these types",
                    null);
        }
        used.add(tensor);
        return tensor;
    }

    /** Marks a tensor, if there is one of that name, as known and of no meaning to the model. */
    public void ignore(String name) {
        if (tensors.containsKey(name)) {
            used.add(tensors.get(name));
        }
    }

    /**
     * Marks a tensor as used and checks its shape.
     *
     * @param why   what the shape follows from, for messages
     * @param shape the sizes; -1 for any
     */
    public SourceTensor use(String name, String role, String why, int... shape) {
        SourceTensor tensor = use(name, role);
        boolean fits = tensor.shape().size() == shape.length;
        var wanted = new ArrayList<String>();
        for (int i = 0; i < shape.length; i++) {
            fits = fits && (shape[i] < 0 || tensor.shape().get(i) == shape[i]);
            wanted.add(shape[i] < 0 ? "?" : Integer.toString(shape[i]));
        }
        if (!fits) {
            throw new ShapeException(
                    tensor.subject() + " (" + role + ")",
                    "must have shape [" + String.join(", ", wanted) + "] (" + why + ")",
                    "shape " + tensor.shape(),
                    "the name or the architecture in the configuration is wrong");
        }
        return tensor;
    }

    /**
     * Requires that every tensor was used.
     *
     * @param allowed patterns of those that need not be; {@code *} stands for any characters
     * @return the unused ones, all allowed
     */
    public List<String> unused(List<String> allowed) {
        var unused = new ArrayList<String>();
        var forgotten = new ArrayList<String>();
        for (String name : tensors.keySet()) {
            // One that is tied to a used one is used: the two are equal.
            if (!used.contains(tensors.get(name))) {
                boolean may = allowed.stream().anyMatch(pattern -> matches(pattern, name));
                (may ? unused : forgotten).add(name);
            }
        }
        if (!forgotten.isEmpty()) {
            throw new FormatException(
                    file,
                    -1,
                    "source",
                    "every tensor must be used",
                    "not used: " + shown(forgotten),
                    "name them in the configuration, or list those that the model does not need under allow_unused",
                    null);
        }
        return List.copyOf(unused);
    }

    /**
     * Each literal at its first place after the one before it: no pattern costs more than its length times the name's.
     */
    public static boolean matches(String pattern, String name) {
        String[] literals = pattern.split("\\*", -1);
        String last = literals[literals.length - 1];
        if (literals.length == 1) {
            return name.equals(pattern);
        }
        int at = literals[0].length();
        for (int i = 1; i < literals.length - 1; i++) {
            int found = name.indexOf(literals[i], at);
            if (found < 0) {
                return false;
            }
            at = found + literals[i].length();
        }
        return name.startsWith(literals[0]) && name.endsWith(last) && name.length() - last.length() >= at;
    }

    private static String shown(List<String> names) {
        String list = String.join(
                ", ", names.stream().limit(SHOWN).map(StrictJson::quote).toList());
        return names.size() > SHOWN ? list + " and " + (names.size() - SHOWN) + " more" : list;
    }
}
