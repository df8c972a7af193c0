package dev.rondo.train;

import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Writes any trained functions to a model file. */
public final class ModelFile {
    private ModelFile() {}

    /**
     * Writes a file. Tensors lie in it row by row; a runtime packs what recurrent cells and products
     * want otherwise when it plans a function; f32 matrices of products it reads as they lie, which is slower for many rows.
     *
     * @param functions  that the model is to have, of inference, over these parameters; a scan's bodies come by themselves
     * @param encoding   of parameters with two dimensions or more; others are f32
     * @param metadata   what the file says about itself
     * @throws dev.rondo.error.RondoException when a function needs a tensor that is not there, or is one of training
     * @throws IOException when the file cannot be written
     */
    public static void write(
            Path path,
            List<Function> functions,
            ParameterStore parameters,
            Encoding encoding,
            Map<String, String> metadata)
            throws IOException {
        var writer = new RondoFileWriter();
        metadata.forEach(writer::metadata);
        functions.stream()
                .flatMap(f -> Stream.concat(f.bodies().stream(), Stream.of(f)))
                .distinct()
                .forEach(f -> writer.function(FunctionCodec.encode(f)));
        for (String name : parameters.names()) {
            List<Integer> shape = parameters.shape(name);
            writer.tensor(
                    name,
                    shape.size() < 2 ? Encoding.F32 : encoding,
                    new Layout.Rows(),
                    shape,
                    () -> parameters.get(name));
        }
        writer.write(path);
    }
}
