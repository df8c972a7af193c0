package dev.rondo.convert.statedict;

import dev.rondo.architecture.Layer;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.error.ShapeException;
import java.util.List;

/** The tensors of layers over images. Ours are [B,H,W,C], PyTorch's [B,C,H,W]. */
record ImageWeights(LayerWeights all) {
    /** Rows and columns of a window, each of which is a node of the graph. */
    private static final int MOST = 256;

    Flow add(List<Layer> layers, LayerConfig.Spatial config, String name, Flow x) {
        return switch (config) {
            case LayerConfig.Image(int height, int width, int channels) -> {
                x.requireVector(name, "an image", "write \"input\": \"vectors\" beside the layers");
                int size = LayerWeights.multiply(name, LayerWeights.multiply(name, height, width), channels);
                Flow known = all.known(x, size);
                if (known.size() != size) {
                    throw new ShapeException(
                            name,
                            "height * width * channels must be the " + known.size() + " numbers of a vector",
                            height + " * " + width + " * " + channels,
                            "check the sizes");
                }
                layers.add(new Layer.Image(height, width, channels));
                all.decided(name, "numbers row by row, the channels of a point side by side");
                yield Flow.image(height, width, channels);
            }
            case LayerConfig.Conv2d conv -> convolution(layers, conv, name, x);
            case LayerConfig.Pool2d(var pooling, int size, int stride) -> {
                x.requireImage(name, "pooling of squares");
                window(name, size);
                layers.add(new Layer.Pool2d(pooling, size, stride));
                yield Flow.image(
                        windows(name, x.height(), 0, size, stride),
                        windows(name, x.width(), 0, size, stride),
                        x.size());
            }
            case LayerConfig.GlobalPool2d(var pooling) -> {
                x.requireImage(name, "pooling of images");
                layers.add(new Layer.GlobalPool2d(pooling));
                yield Flow.vector(x.size());
            }
            case LayerConfig.Flatten(boolean channelsFirst) -> {
                x.requireImage(name, "flatten");
                int points = LayerWeights.multiply(name, x.height(), x.width());
                int size = LayerWeights.multiply(name, points, x.size());
                layers.add(new Layer.Flatten(size));
                boolean same = !channelsFirst || points == 1 || x.size() == 1;
                yield same ? Flow.vector(size) : new Flow(Flow.Kind.FLAT, size, x.height(), x.width());
            }
        };
    }

    private Flow convolution(List<Layer> layers, LayerConfig.Conv2d conv, String name, Flow x) {
        x.requireImage(name, "a convolution over images");
        SourceTensor weight = all.source()
                .use(
                        conv.weight(),
                        name + ".weight",
                        "outputs, " + x.size() + " channels, height, width; in one group",
                        -1,
                        x.size(),
                        -1,
                        -1);
        int outputs = RecurrentWeights.size(weight, 0);
        int high = window(name, RecurrentWeights.size(weight, 2));
        int wide = window(name, RecurrentWeights.size(weight, 3));
        int top = conv.padding().map(LayerConfig.Zeros2d::height).orElse((high - 1) / 2);
        int bottom = conv.padding().map(LayerConfig.Zeros2d::height).orElse(high - 1 - top);
        int left = conv.padding().map(LayerConfig.Zeros2d::width).orElse((wide - 1) / 2);
        int right = conv.padding().map(LayerConfig.Zeros2d::width).orElse(wide - 1 - left);
        int channels = x.size();
        String stored = all.collector()
                .changed(
                        name + ".weight",
                        weight,
                        List.of(outputs, wide, LayerWeights.multiply(name, high, channels)),
                        v -> rowsAsChannels(v, outputs, channels, high, wide));
        layers.add(new Layer.Conv2d(
                stored,
                all.vector(conv.bias(), name + ".bias", outputs),
                channels,
                outputs,
                high,
                wide,
                conv.stride(),
                top,
                bottom,
                left,
                right));
        all.decided(
                name + ".convolution",
                "kernel " + high + " x " + wide + ", stride " + conv.stride() + ", zeros " + top + " above, " + bottom
                        + " below, " + left + " left, " + right + " right");
        return Flow.image(
                windows(name, x.height(), top + bottom, high, conv.stride()),
                windows(name, x.width(), left + right, wide, conv.stride()),
                outputs);
    }

    private static int window(String name, int size) {
        if (size > MOST) {
            throw new ShapeException(
                    name,
                    "windows have at most " + MOST + " rows and columns",
                    "" + size,
                    "of whole images use global_pool2d");
        }
        return size;
    }

    /** How many windows there are along an axis. */
    private static int windows(String name, int points, int zeros, int window, int stride) {
        if (points + zeros < window) {
            throw new ShapeException(
                    name,
                    "its window must fit the image",
                    window + " points of " + points + (zeros == 0 ? "" : " and " + zeros + " zeros"),
                    "check the sizes of the layers before it");
        }
        return (points + zeros - window) / stride + 1;
    }

    /** [O, C, H, W] to [O, W, H * C]. */
    private static float[] rowsAsChannels(float[] values, int outputs, int channels, int high, int wide) {
        float[] out = new float[values.length];
        int at = 0;
        for (int o = 0; o < outputs; o++) {
            for (int w = 0; w < wide; w++) {
                for (int h = 0; h < high; h++) {
                    for (int c = 0; c < channels; c++) {
                        out[at++] = values[((o * channels + c) * high + h) * wide + w];
                    }
                }
            }
        }
        return out;
    }
}
