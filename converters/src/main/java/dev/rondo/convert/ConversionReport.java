package dev.rondo.convert;

import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a conversion read, decided and wrote.
 *
 * @param source         name of the source file, without its folder
 * @param sourceSize     bytes
 * @param sourceSha256   in hexadecimal
 * @param sourceTensors  how many the source holds
 * @param interpretation what the weights do not say and the configuration decided: cell, gate order, biases, ...; a line each
 * @param functions      names of the functions written
 * @param tensors        in the order of the file
 * @param unused         tensors of the source left out, all of them allowed
 * @param reference      the function the reference vectors call; empty without such vectors
 * @param output         the file written
 * @param outputSize     bytes
 */
public record ConversionReport(
        String source,
        long sourceSize,
        String sourceSha256,
        int sourceTensors,
        Map<String, String> interpretation,
        List<String> functions,
        List<TensorReport> tensors,
        List<String> unused,
        Optional<String> reference,
        Path output,
        long outputSize) {

    /**
     * A tensor of the file written.
     *
     * @param sources            the tensors it was made from
     * @param worstRelativeError the largest error of encoding an element, relative to the largest element of its row; 0 when
     *                           the encoding is exact
     */
    public record TensorReport(
            String name,
            List<String> sources,
            List<Integer> shape,
            Encoding encoding,
            Layout layout,
            double worstRelativeError) {}
}
