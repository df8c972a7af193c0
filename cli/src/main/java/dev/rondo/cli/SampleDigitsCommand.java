package dev.rondo.cli;

import dev.rondo.train.synthetic.DigitImages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes images of digits. */
@Command(
        name = "digits",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Writes grey images of digits as if written by hand, and which digits they are, as two IDX files in"
                        + " the format of MNIST. Whatever was written is replaced.")
final class SampleDigitsCommand implements Callable<Integer> {
    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Images (default: ${DEFAULT-VALUE}).")
    private int count;

    @Option(
            names = "--size",
            paramLabel = "N",
            defaultValue = "20",
            description = "Height and width in pixels, 8 to 256 (default: ${DEFAULT-VALUE}).")
    private int size;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "The same seed gives the same images (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--images", paramLabel = "FILE", required = true, description = "The images to write.")
    private Path images;

    @Option(names = "--labels", paramLabel = "FILE", required = true, description = "The digits to write.")
    private Path labels;

    @Override
    public Integer call() throws IOException {
        var digits = new DigitImages(size, seed);
        OutputFile.check("--images", images, List.of());
        OutputFile.check("--labels", labels, List.of(images));
        digits.images(count).write(images);
        digits.labels(count).write(labels);
        return Main.DONE;
    }
}
