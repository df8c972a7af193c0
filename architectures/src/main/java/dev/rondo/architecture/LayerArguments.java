package dev.rondo.architecture;

import dev.rondo.architecture.NetworkText.Written;
import dev.rondo.error.InputException;
import dev.rondo.graph.Aggregation.Pooling;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The words of a layer, each to be asked for. */
final class LayerArguments {
    /** Numbers that flow from layer to layer, for each step or for each image. */
    private static final int MAX_FLOW = 1 << 26;

    private final String text;
    private final Written written;
    private final List<String> plain = new ArrayList<>();
    private final Set<String> rest = new HashSet<>();

    /** @param text of the whole network, for errors */
    LayerArguments(String text, Written written) {
        this.text = text;
        this.written = written;
        for (String word : written.words()) {
            boolean flag = Set.of("bidirectional", "causal", "valid", "variational", "relu", "identity")
                    .contains(word);
            if (flag || word.contains("=")) {
                String key = word.substring(0, Math.max(word.indexOf('=') + 1, flag ? word.length() : 0));
                if (rest.stream().anyMatch(said -> said.startsWith(key))) {
                    throw error("each argument is said once", key + " twice");
                }
                rest.add(word);
            } else {
                plain.add(word);
            }
        }
    }

    /** The name of the layer, as written. */
    String layer() {
        return written.name();
    }

    /** An error at this layer. */
    InputException error(String rule, String got) {
        return NetworkText.error(text, written.at(), rule, got);
    }

    int count() {
        return plain.size();
    }

    String word(int index) {
        if (index >= plain.size()) {
            throw error(layer() + " needs " + (index + 1) + " arguments", "" + plain.size());
        }
        return plain.get(index);
    }

    int size(int index) {
        return whole(word(index));
    }

    /** How many places a window has along each of its sides. */
    int window(int index, int most) {
        int size = size(index);
        if (size > most) {
            throw error("a window is 1 to " + most + " long", "" + size);
        }
        return size;
    }

    /** So many numbers, so many times. */
    int bounded(long numbers, int times) {
        if (numbers > MAX_FLOW / times) {
            throw error("a layer gives at most " + MAX_FLOW + " numbers", numbers + " * " + times);
        }
        return (int) (numbers * times);
    }

    int size(String key, int otherwise) {
        return value(key).map(this::whole).orElse(otherwise);
    }

    double share(int index) {
        return share(word(index));
    }

    double share(String key, double otherwise) {
        return value(key).map(this::share).orElse(otherwise);
    }

    Pooling pooling(int index) {
        return switch (word(index)) {
            case "mean" -> Pooling.MEAN;
            case "max" -> Pooling.MAX;
            case "last" -> Pooling.LAST;
            case String other -> throw error("a pooling is mean, max or last", other);
        };
    }

    boolean flag(String name) {
        return rest.remove(name);
    }

    private Optional<String> value(String key) {
        Optional<String> found =
                rest.stream().filter(word -> word.startsWith(key + "=")).findFirst();
        found.ifPresent(rest::remove);
        return found.map(word -> word.substring(key.length() + 1));
    }

    private int whole(String word) {
        try {
            int size = Integer.parseInt(word);
            if (size >= 1 && size <= NetworkLayers.MAX_SIZE) {
                return size;
            }
        } catch (NumberFormatException ignored) {
            // Said below.
        }
        throw error("a size is a whole number from 1 to " + NetworkLayers.MAX_SIZE, word);
    }

    private double share(String word) {
        try {
            double share = Double.parseDouble(word);
            // Masks compute in f32, where what is nearly 1 is 1.
            if (share >= 0 && (float) share < 1) {
                return share;
            }
        } catch (NumberFormatException ignored) {
            // Said below.
        }
        throw error("a dropout is at least 0 and below 1", word);
    }

    /** Refuses what nobody asked for. */
    void done(int asked) {
        if (plain.size() > asked || !rest.isEmpty()) {
            throw error(
                    "arguments that " + layer() + " has",
                    rest.isEmpty() ? plain.get(asked) : rest.iterator().next());
        }
    }
}
