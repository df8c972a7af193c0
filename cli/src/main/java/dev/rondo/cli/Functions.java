package dev.rondo.cli;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.graph.Function;
import java.util.ArrayList;

/** Which function of a model a command means. */
final class Functions {
    private Functions() {}

    /**
     * The function of that name, or the only one when the name is null; those that others scan do not count.
     *
     * @throws dev.rondo.error.RondoException when there is none, or several to choose from
     */
    static Function choose(Model model, String name) {
        if (name != null) {
            return model.function(name);
        }
        var callable = new ArrayList<>(model.functions().values());
        model.functions().values().forEach(function -> callable.removeAll(function.bodies()));
        if (callable.size() != 1) {
            throw new InputException(
                    "--function",
                    "is needed where a model has not exactly one function",
                    "functions " + model.functions().keySet(),
                    "name one of them");
        }
        return callable.getFirst();
    }
}
