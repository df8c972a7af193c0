package dev.rondo.train;

import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.format.RondoFile;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.Tensor;
import dev.rondo.format.TensorData;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.Node;
import dev.rondo.graph.Value;
import dev.rondo.plan.Constants;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Training that begins with any model file, converted ones included: one of its functions gets a loss, its tensors are where
 * the parameters begin ({@link ParameterStore#load}), and the file is written again with those that training has changed.
 */
public final class FineTuning {
    private FineTuning() {}

    /**
     * A function of a file, to be trained: its inputs and states, and what the loss adds.
     *
     * @param file     with this function
     * @param function its name, often {@code sequence}
     * @param output   of the function, that the loss is of
     * @param loss     adds inputs for targets and the outputs {@code loss} and {@code count}, as {@link Loss} does, given the
     *                 output's value
     * @throws InputException when the file has no such function or output, or the function reads weights that are no f32
     */
    public static Function training(
            RondoFile file, String function, String output, BiConsumer<FunctionBuilder, Value> loss) {
        var functions = FunctionCodec.decode(file.functions(), new Constants(file.tensors()).types());
        Function inference = functions.get(function);
        if (inference == null) {
            throw new InputException(
                    "function " + function,
                    "is one of the model's, " + functions.keySet(),
                    "none",
                    "name one of those");
        }
        Value y = inference
                .output(output)
                .orElseThrow(() -> new InputException(
                        "output " + output,
                        "is one of function " + function + ", " + inference.outputs(),
                        "none",
                        "name one of those"));
        for (Value weight : inference.weights()) {
            if (weight.type().element() != ElementType.F32) {
                throw new InputException(
                        "function " + function,
                        "can be trained when all it reads is f32",
                        weight.toString(),
                        "train a function without such a tensor");
            }
        }
        FunctionBuilder f = Function.builder("training");
        inference.inputs().forEach(v -> f.input(v.name(), v.type()));
        inference.states().forEach(s -> f.state(s.value().name(), s.value().type()));
        for (Node node : inference.nodes()) {
            f.addAll(node.op(), node.outputs().stream().map(Value::name).toList(), node.inputs());
        }
        inference.states().stream().filter(s -> !s.next().isAbsent()).forEach(s -> f.next(s.value(), s.next()));
        loss.accept(f, y);
        return f.build();
    }

    /**
     * Writes a file again with other values of the tensors that are parameters: the same functions, texts and metadata, each
     * tensor in its encoding and layout. Reference vectors, which the old values gave, are left out.
     *
     * @param trained names of the parameters to be taken over; the other tensors keep their values
     * @throws IOException when the file cannot be written
     */
    public static void write(Path path, RondoFile file, ParameterStore parameters, Set<String> trained)
            throws IOException {
        var writer = new RondoFileWriter();
        file.metadata().forEach(writer::metadata);
        file.texts().forEach(writer::text);
        file.functions().forEach(writer::function);
        file.ngrams().ifPresent(writer::ngrams);
        for (Tensor tensor : file.tensors().values()) {
            String name = tensor.name();
            List<Integer> shape = tensor.shape();
            if (tensor.encoding().elementType() == ElementType.F32) {
                boolean changed = trained.contains(name);
                writer.tensor(
                        name,
                        tensor.encoding(),
                        tensor.layout(),
                        shape,
                        () -> changed ? parameters.get(name) : tensor.toFloats());
            } else {
                writer.tensor(name, new TensorData(tensor.encoding().elementType(), shape, tensor.data()));
            }
        }
        writer.write(path);
    }
}
