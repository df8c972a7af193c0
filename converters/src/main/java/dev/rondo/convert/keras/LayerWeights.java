package dev.rondo.convert.keras;

import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The weights of one layer, asked for in the order in which Keras makes them. Every kind of file names them otherwise.
 */
abstract class LayerWeights {
    /** The next weight of the layer itself, its shape checked. */
    abstract SourceTensor next(String role, int... shape);

    /**
     * The weights of a layer inside this one.
     *
     * @param attribute of the Python object that holds it, as {@code .keras} files have it
     * @param component part of the names of its weights in HDF5 files of old; empty when it cannot be told
     */
    abstract LayerWeights inner(String attribute, String component);

    /** The weights of a layer of a nested model. */
    abstract LayerWeights layer(LayerSpec layer, int sameClassBefore);

    /** By number below the path of an attribute: Keras 3, and {@code .keras} of Keras 2. */
    static final class Numbered extends LayerWeights {
        private final SourceTensors tensors;
        private final Hdf5File file;
        private final String path;
        private final String subject;
        private int next;

        Numbered(SourceTensors tensors, Hdf5File file, String path, String subject) {
            this.tensors = tensors;
            this.file = file;
            this.path = path;
            this.subject = subject;
        }

        @Override
        SourceTensor next(String role, int... shape) {
            String name = (path.isEmpty() ? "" : path + "/") + "vars/" + next++;
            return tensors.use(name, subject + ", " + role, "from the configuration", shape);
        }

        @Override
        LayerWeights inner(String attribute, String component) {
            return new Numbered(tensors, file, path + "/" + attribute, subject);
        }

        /** Its group is called by its class; Keras 3 writes the layer's name into an attribute. */
        @Override
        LayerWeights layer(LayerSpec layer, int sameClassBefore) {
            String layers = (path.isEmpty() ? "" : path + "/") + "layers";
            String group = file.namedGroups(layers).get(layer.name());
            if (group != null) {
                return new Numbered(tensors, file, group, layer.config().subject());
            }
            String snake = snakeCase(layer.className()) + (sameClassBefore > 0 ? "_" + sameClassBefore : "");
            return new Numbered(
                    tensors, file, layers + "/" + snake, layer.config().subject());
        }

        static String snakeCase(String className) {
            return className
                    .replaceAll("\\W", "")
                    .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
                    .replaceAll("([a-z])([A-Z])", "$1_$2")
                    .toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** By full name, listed in an attribute of each layer's group: HDF5 files of old. */
    static final class Named extends LayerWeights {
        private final SourceTensors tensors;
        private final String subject;
        private final List<String> names;
        private final Map<String, String> paths;
        private final int[] next;

        /**
         * @param names in order
         * @param paths of the datasets, by name
         */
        Named(SourceTensors tensors, String subject, List<String> names, Map<String, String> paths) {
            this(tensors, subject, names, paths, new int[1]);
        }

        private Named(
                SourceTensors tensors, String subject, List<String> names, Map<String, String> paths, int[] next) {
            this.tensors = tensors;
            this.subject = subject;
            this.names = names;
            this.paths = paths;
            this.next = next;
        }

        @Override
        SourceTensor next(String role, int... shape) {
            String name = next[0] < names.size() ? names.get(next[0]) : "";
            String end = name.substring(name.lastIndexOf('/') + 1).replaceAll(":\\d+$", "");
            if (!end.equals(role)) {
                throw new FormatException(
                        subject,
                        "weight " + next[0] + " must be " + role,
                        name.isEmpty() ? "no more weights" : StrictJson.quote(name),
                        "its weights are " + StrictJson.quote(names.toString()));
            }
            next[0]++;
            return tensors.use(paths.get(name), subject + ", " + role, "from the configuration", shape);
        }

        /** Layers inside one another list their weights one after the other. */
        @Override
        LayerWeights inner(String attribute, String component) {
            String name = next[0] < names.size() ? names.get(next[0]) : "";
            if (!component.isEmpty() && !hasComponent(name, component)) {
                throw new FormatException(
                        subject,
                        "weight " + next[0] + " must belong to " + component,
                        StrictJson.quote(name),
                        "its weights are " + StrictJson.quote(names.toString()));
            }
            return new Named(tensors, subject, names, paths, next);
        }

        @Override
        LayerWeights layer(LayerSpec layer, int sameClassBefore) {
            return new Named(
                    tensors,
                    layer.config().subject(),
                    names.stream().filter(n -> hasComponent(n, layer.name())).toList(),
                    paths);
        }

        private static boolean hasComponent(String name, String component) {
            return Arrays.asList(name.split("/")).contains(component);
        }
    }
}
