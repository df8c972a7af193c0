package dev.rondo.convert.pytorch;

import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.pytorch.PickleValue.Dict;
import dev.rondo.convert.pytorch.PickleValue.Sequence;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the state dict in what was saved: a dictionary of tensors by name, perhaps among an optimizer's and notes. */
final class StateDictSearch {
    /**
     * A dictionary with tensors.
     *
     * @param pure whether it holds tensors only, one of them of floating-point numbers
     */
    record Candidate(String path, Dict dict, boolean pure) {
        Map<String, TorchTensor> tensors() {
            var tensors = new LinkedHashMap<String, TorchTensor>();
            dict.texts().forEach((name, value) -> {
                if (value instanceof PickleValue.Tensor(TorchTensor tensor)) {
                    tensors.put(name, tensor);
                }
            });
            return tensors;
        }

        private String shown() {
            return StrictJson.quote(path) + " (" + tensors().size() + " tensors)";
        }
    }

    private static final int MAX_DEPTH = 16;
    private static final int MAX_ITEMS = 64;
    private static final int SHOWN = 10;
    private static final String WHOLE = ".";

    private final List<Candidate> candidates = new ArrayList<>();
    private final Set<PickleValue> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    private StateDictSearch() {}

    /** The candidate at the path, or the only one. */
    static Candidate find(String file, PickleValue root, Optional<String> path) {
        var search = new StateDictSearch();
        search.look(WHOLE, root, 0);
        if (path.isPresent()) {
            return search.at(path.get());
        }
        List<Candidate> pure =
                search.candidates.stream().filter(Candidate::pure).toList();
        if (pure.size() == 1) {
            return pure.getFirst();
        }
        if (pure.size() > 1) {
            throw new FormatException(
                    file,
                    -1,
                    "checkpoint",
                    "must hold one state dict",
                    pure.size() + ": " + shown(pure),
                    "say which with --state-dict PATH",
                    null);
        }
        List<Candidate> mixed = search.candidates;
        throw new FormatException(
                file,
                -1,
                "checkpoint",
                "must hold a state dict, a dictionary of tensors by name",
                root.kind()
                        + (mixed.isEmpty() ? " without one" : "; with other things among the tensors " + shown(mixed)),
                mixed.isEmpty()
                        ? "save the weights with torch.save(model.state_dict(), ...)"
                        : "say which with --state-dict PATH",
                null);
    }

    private Candidate at(String path) {
        List<Candidate> fitting =
                candidates.stream().filter(c -> c.path().equals(path)).toList();
        if (fitting.size() != 1) {
            throw new InputException(
                    "--state-dict",
                    "must be the path of a dictionary with tensors",
                    StrictJson.quote(path),
                    candidates.isEmpty() ? "the checkpoint has none" : "the checkpoint has " + shown(candidates));
        }
        return fitting.getFirst();
    }

    private void look(String path, PickleValue value, int depth) {
        if (depth > MAX_DEPTH || !seen.add(value)) {
            return;
        }
        switch (value) {
            case Dict dict -> look(path, dict, depth);
            case Sequence sequence -> {
                for (int i = 0; i < Math.min(MAX_ITEMS, sequence.items().size()); i++) {
                    look(inner(path, Integer.toString(i)), sequence.items().get(i), depth + 1);
                }
            }
            case PickleValue _ -> {
                /* nothing in it */
            }
        }
    }

    private void look(String path, Dict dict, int depth) {
        Map<String, PickleValue> items = dict.texts();
        if (isOptimizer(items)) {
            return;
        }
        boolean any = false;
        boolean floats = false;
        boolean pure = !dict.hasOtherKeys();
        for (PickleValue item : items.values()) {
            if (item instanceof PickleValue.Tensor(TorchTensor tensor)) {
                any = true;
                floats |= tensor.dtype().kept().isPresent();
            } else {
                pure = false;
            }
        }
        if (any) {
            candidates.add(new Candidate(path, dict, pure && floats));
        }
        items.forEach((name, item) -> look(inner(path, name), item, depth + 1));
    }

    private static boolean isOptimizer(Map<String, PickleValue> items) {
        return items.containsKey("state") && items.containsKey("param_groups");
    }

    private static String inner(String path, String name) {
        return path.equals(WHOLE) ? name : path + "." + name;
    }

    private static String shown(List<Candidate> candidates) {
        String list = String.join(
                ", ", candidates.stream().limit(SHOWN).map(Candidate::shown).toList());
        return candidates.size() > SHOWN ? list + " and " + (candidates.size() - SHOWN) + " more" : list;
    }
}
