package dev.rondo.convert;

import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.graph.Function;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a conversion read, decided and wrote.
 *
 * @param sources        the files read
 * @param sourceTensors  how many tensors they hold
 * @param interpretation what the source does not say and was decided: cell, gate order, biases, ...; a line each
 * @param functions      those written
 * @param tensors        in the order of the file
 * @param unused         tensors of the source left out, all of them allowed
 * @param references     the functions that the reference vectors call
 * @param output         the file written
 * @param outputSize     bytes
 */
public record ConversionReport(
        List<SourceFile> sources,
        int sourceTensors,
        Map<String, String> interpretation,
        List<Function> functions,
        List<TensorReport> tensors,
        List<String> unused,
        List<String> references,
        Path output,
        long outputSize) {
    public ConversionReport {
        sources = List.copyOf(sources);
        functions = List.copyOf(functions);
        tensors = List.copyOf(tensors);
        references = List.copyOf(references);
    }

    /**
     * A file read.
     *
     * @param name   without its folder
     * @param size   bytes
     * @param sha256 in hexadecimal
     */
    public record SourceFile(String name, long size, String sha256) {}

    /**
     * A tensor of the file written.
     *
     * @param sources            the tensors it was made from
     * @param worstRelativeError the largest error of encoding an element, relative to the largest element of its row; 0
     *                           when the encoding is exact
     */
    public record TensorReport(
            String name,
            List<String> sources,
            List<Integer> shape,
            Encoding encoding,
            Layout layout,
            double worstRelativeError) {}
}
