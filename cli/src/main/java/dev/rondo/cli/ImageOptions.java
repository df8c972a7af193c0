package dev.rondo.cli;

import dev.rondo.error.InputException;
import dev.rondo.train.data.IdxArray;
import dev.rondo.train.network.LabelledFeatures;
import dev.rondo.train.network.NetworkData;
import dev.rondo.train.network.Parts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Images with classes, in the files of MNIST. */
final class ImageOptions {
    static final Set<String> NAMES = Set.of("--images", "--labels", "--test-images", "--test-labels");

    @Option(
            names = "--images",
            paramLabel = "FILE",
            description = "Read grey images, not texts: an IDX file as MNIST's, such as 'rondo sample digits' writes.")
    private Path images;

    @Option(names = "--labels", paramLabel = "FILE", description = "Their classes, an IDX file.")
    private Path labels;

    @Option(names = "--test-images", paramLabel = "FILE", description = "Images that judge the model in the end.")
    private Path testImages;

    @Option(names = "--test-labels", paramLabel = "FILE", description = "Their classes.")
    private Path testLabels;

    boolean areGiven() {
        return images != null;
    }

    /** @throws InputException when there are classes without images, or the other way round */
    void check() {
        together("--images and --labels", images, labels);
        together("--test-images and --test-labels", testImages, testLabels);
        if (testImages != null && images == null) {
            throw new InputException("--test-images", "belongs to --images", "none", "give images to train on");
        }
    }

    private static void together(String options, Path one, Path other) {
        if ((one == null) != (other == null)) {
            throw new InputException(options, "are given together", "one of them", "give both");
        }
    }

    List<Path> files() {
        return Stream.of(images, labels, testImages, testLabels)
                .filter(file -> file != null)
                .toList();
    }

    String commandLine() {
        var words = new ArrayList<String>();
        PartOptions.add(words, "--images", images);
        PartOptions.add(words, "--labels", labels);
        PartOptions.add(words, "--test-images", testImages);
        PartOptions.add(words, "--test-labels", testLabels);
        return String.join(" ", words);
    }

    /** Two layers of convolution for images of that size. */
    String network() throws IOException {
        List<Integer> shape = IdxArray.read(images).shape();
        return "image(" + (shape.size() == 3 ? shape.get(1) + ", " + shape.get(2) : "1, 1")
                + ") conv2d(16, 3) relu pool2d(max, 2) conv2d(32, 3) relu pool2d(max, 2) flatten linear(64) relu"
                + " dropout(0.3)";
    }

    NetworkData data(double validShare, double testShare, long seed) throws IOException {
        Parts<LabelledFeatures> dealt = Parts.deal(
                read(images, labels), LabelledFeatures::label, validShare, testImages == null ? testShare : 0, seed);
        return new NetworkData.Features(
                testImages == null
                        ? dealt
                        : new Parts<>(dealt.training(), dealt.validation(), read(testImages, testLabels)),
                List.of());
    }

    /** Each image with its class. */
    static List<LabelledFeatures> read(Path images, Path labels) throws IOException {
        IdxArray pictures = IdxArray.read(images);
        IdxArray classes = IdxArray.read(labels);
        if (pictures.shape().size() != 3 || classes.shape().size() != 1 || pictures.count() != classes.count()) {
            throw new InputException(
                    "images " + images + " and labels " + labels,
                    "are [count, height, width] and [count]",
                    pictures.shape() + " and " + classes.shape(),
                    "give files of one collection");
        }
        var samples = new ArrayList<LabelledFeatures>();
        for (int i = 0; i < pictures.count(); i++) {
            float[] pixels = new float[pictures.width()];
            for (int k = 0; k < pixels.length; k++) {
                pixels[k] = pictures.at(i, k);
            }
            samples.add(new LabelledFeatures(pixels, "" + classes.at(i, 0)));
        }
        return samples;
    }
}
