package dev.rondo.architecture;

import dev.rondo.graph.Aggregation.Pooling;
import java.util.List;
import java.util.Optional;

/** The layers of a written network that make images, read them, or end them. */
final class ImageLayers {
    /** Places of each side of a window. */
    private static final int MAX_SIDE = 256;

    private ImageLayers() {}

    static NetworkFlow image(List<Layer> layers, NetworkFlow x, LayerArguments arguments) {
        if (!x.isVector()) {
            throw arguments.error("image reads vectors", "something else");
        }
        int height = arguments.size(0);
        int width = arguments.size(1);
        int channels = arguments.count() > 2 ? arguments.size(2) : 1;
        arguments.done(arguments.count() > 2 ? 3 : 2);
        if ((long) height * width * channels != x.size()) {
            throw arguments.error(
                    "height times width times channels are the " + x.size() + " numbers of a vector",
                    height + " * " + width + " * " + channels);
        }
        layers.add(new Layer.Image(height, width, channels));
        return NetworkFlow.image(height, width, channels);
    }

    static NetworkFlow flatten(List<Layer> layers, NetworkFlow x, LayerArguments arguments) {
        requireImage(x, arguments);
        arguments.done(0);
        int size = arguments.bounded((long) x.height() * x.width(), x.size());
        layers.add(new Layer.Flatten(size));
        return NetworkFlow.vector(size);
    }

    static NetworkFlow convolution(List<Layer> layers, String name, NetworkFlow x, LayerArguments arguments) {
        requireImage(x, arguments);
        int size = arguments.size(0);
        int kernel = arguments.window(1, MAX_SIDE);
        int stride = arguments.size("stride", 1);
        boolean valid = arguments.flag("valid");
        arguments.done(2);
        Layer.Conv2d conv = convolution(name, x.size(), size, kernel, stride, valid);
        layers.add(conv);
        return behind(x, conv.padTop() + conv.padBottom(), kernel, stride, size, arguments);
    }

    private static Layer.Conv2d convolution(String name, int inputs, int size, int kernel, int stride, boolean valid) {
        int before = valid ? 0 : (kernel - 1) / 2;
        int after = valid ? 0 : kernel - 1 - before;
        return new Layer.Conv2d(
                name + ".weight",
                Optional.of(name + ".bias"),
                inputs,
                size,
                kernel,
                kernel,
                stride,
                before,
                after,
                before,
                after);
    }

    static NetworkFlow pool(List<Layer> layers, NetworkFlow x, LayerArguments arguments) {
        requireImage(x, arguments);
        Pooling pooling = arguments.pooling(0);
        if (arguments.count() == 2 && arguments.word(1).equals("all")) {
            arguments.done(2);
            layers.add(new Layer.GlobalPool2d(pooling));
            return NetworkFlow.vector(x.size());
        }
        int size = arguments.window(1, MAX_SIDE);
        int stride = arguments.size("stride", size);
        arguments.done(2);
        layers.add(new Layer.Pool2d(pooling, size, stride));
        return behind(x, 0, size, stride, x.size(), arguments);
    }

    /** What brings an image to the size of another one: points side by side, or every n-th. */
    static Layer shortcut(String name, NetworkFlow x, NetworkFlow wanted, LayerArguments arguments) {
        int stride = Math.max(1, Math.ceilDiv(x.height(), wanted.height()));
        boolean fits =
                (x.height() - 1) / stride + 1 == wanted.height() && (x.width() - 1) / stride + 1 == wanted.width();
        if (!fits) {
            throw arguments.error(
                    "a residual body keeps the image or takes every n-th point",
                    x.height() + " x " + x.width() + " to " + wanted.height() + " x " + wanted.width());
        }
        return convolution(name, x.size(), wanted.size(), 1, stride, true);
    }

    /** An image behind windows. */
    private static NetworkFlow behind(
            NetworkFlow x, int padding, int window, int stride, int size, LayerArguments arguments) {
        if (x.height() + padding < window || x.width() + padding < window) {
            throw arguments.error("a window fits the image", window + ", image " + x.height() + " x " + x.width());
        }
        int height = (x.height() + padding - window) / stride + 1;
        int width = (x.width() + padding - window) / stride + 1;
        return NetworkFlow.image(height, width, size);
    }

    private static void requireImage(NetworkFlow x, LayerArguments arguments) {
        if (!x.isImage()) {
            throw arguments.error(arguments.layer() + " reads an image: begin with image(h, w)", "none");
        }
    }
}
