package dev.rondo.sequence;

import dev.rondo.Model;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** What a model's file says of texts and of what they are called. */
public final class Labels {
    private static final String NAME = "labels";

    private Labels() {}

    /**
     * The names of K tags or classes: the vocabulary of the pipeline {@code labels}; without one, their numbers.
     *
     * @throws FormatException when there are not K of them
     */
    public static List<String> of(Model model, int k) {
        Optional<TextPipeline> labels = pipeline(model, NAME);
        if (labels.isEmpty()) {
            return IntStream.range(0, k).mapToObj(Integer::toString).toList();
        }
        List<String> names = labels.get().vocabulary();
        if (names.size() != k) {
            throw new FormatException(
                    "text pipeline '" + NAME + "'",
                    "has a name for each of the model's " + k + " logits",
                    names.size() + " names",
                    "write the model anew with its own labels");
        }
        return names;
    }

    /** The pipeline of that name, if there is one. */
    public static Optional<TextPipeline> pipeline(Model model, String name) {
        return model.texts().stream().filter(p -> p.name().equals(name)).findFirst();
    }

    /** The pipeline that reads texts: the first of these names. */
    public static Optional<TextPipeline> reader(Model model, String... names) {
        for (String name : names) {
            Optional<TextPipeline> found = pipeline(model, name);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** @throws InputException when the model has another task */
    public static void checkTask(Model model, String task, String verb) {
        String found = Given.given("model", model).metadata().get("task");
        if (!task.equals(found)) {
            throw new InputException(
                    "model",
                    "must have the task " + task,
                    found == null ? "no task" : "the task " + found,
                    "use a model that " + verb);
        }
    }

    /** Whether a value is there and has this type. */
    public static boolean is(Optional<Value> value, ElementType element, String... dims) {
        var expected =
                new ValueType(element, List.of(dims).stream().map(Dim::parse).toList());
        return value.isPresent() && value.get().type().equals(expected);
    }
}
