package dev.rondo.convert.statedict;

import dev.rondo.error.FormatException;

/**
 * What one layer gives to the next.
 *
 * @param size   of a step or vector, or the channels of an image; 0 while no layer has told it
 * @param height of an image, or of the image whose numbers a flat one holds; else 0
 * @param width  likewise
 */
record Flow(Kind kind, int size, int height, int width) {
    enum Kind {
        /** [B,T,size]. */
        STEPS,
        /** [B,size]. */
        VECTOR,
        /** A vector of an image's numbers that stand in another order in the source: there channel by channel. */
        FLAT,
        /** [B,height,width,size]. */
        IMAGE
    }

    static Flow steps(int size) {
        return new Flow(Kind.STEPS, size, 0, 0);
    }

    static Flow vector(int size) {
        return new Flow(Kind.VECTOR, size, 0, 0);
    }

    static Flow image(int height, int width, int channels) {
        return new Flow(Kind.IMAGE, channels, height, width);
    }

    Flow withSize(int other) {
        return new Flow(kind, other, height, width);
    }

    /** Of the same points, steps or rows. */
    Flow like(int other) {
        return kind == Kind.FLAT ? vector(other) : withSize(other);
    }

    void requireSteps(String name, String what) {
        if (kind != Kind.STEPS) {
            throw wrong(name, what + " needs steps");
        }
    }

    void requireVector(String name, String what, String remedy) {
        if (kind != Kind.VECTOR) {
            throw new FormatException(name, what + " reads vectors", text(), remedy);
        }
    }

    void requireImage(String name, String what) {
        if (kind != Kind.IMAGE) {
            throw wrong(name, what + " reads an image, which begins with a layer of type image");
        }
    }

    /** Steps or vectors whose numbers stand as in the source. */
    void requireNumbers(String name, String what) {
        requireOrder(name);
        if (kind == Kind.IMAGE) {
            throw wrong(name, what + " reads steps or vectors");
        }
    }

    void requireOrder(String name) {
        if (kind == Kind.FLAT) {
            throw new FormatException(
                    name,
                    "must be a linear layer or an activation: behind flatten, PyTorch has the numbers of an image"
                        + " channel by channel, and only the weight of a linear layer can be brought into our order",
                    "another layer, or the end",
                    "export the model to ONNX; if its images are channels-last, write \"order\": \"channels_last\"");
        }
    }

    void requireSize(String name) {
        if (size == 0) {
            throw new FormatException(
                    name,
                    "needs a layer before it that tells its size",
                    "none",
                    "begin with a layer that has weights, or write \"input_size\"");
        }
    }

    private FormatException wrong(String name, String rule) {
        return new FormatException(name, rule, text(), "check the order");
    }

    private String text() {
        return switch (kind) {
            case STEPS -> "steps of a sequence";
            case VECTOR, FLAT -> "vectors, since the input is one, or a layer before it pools";
            case IMAGE -> "an image of " + height + " x " + width + " points";
        };
    }
}
