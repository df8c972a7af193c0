package dev.rondo.tests.launch;

import dev.rondo.Call;
import dev.rondo.Model;
import java.nio.file.Path;

/** Opens a model and makes one step, of x if it takes that: prints how many numbers come out. */
final class FirstStepProgram {
    private FirstStepProgram() {}

    public static void main(String[] args) throws Exception {
        try (Model model = Model.open(Path.of(args[0]))) {
            Call step = model.session().call("step");
            if (step.function().input("x").isPresent()) {
                step.input("x").copyFrom(new float[step.input("x").size()]);
            }
            step.run();
            String output = step.function().outputs().getFirst().name();
            System.out.println(step.output(output).toFloats().length);
        }
    }
}
