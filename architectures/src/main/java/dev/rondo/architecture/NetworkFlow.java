package dev.rondo.architecture;

/**
 * What flows between the layers of a written network: a sequence, a vector or an image.
 *
 * @param height of an image; else 0
 * @param size   numbers of a step, of the vector, or channels
 */
record NetworkFlow(boolean steps, int height, int width, int size) {
    static NetworkFlow sequence(int size) {
        return new NetworkFlow(true, 0, 0, size);
    }

    static NetworkFlow vector(int size) {
        return new NetworkFlow(false, 0, 0, size);
    }

    static NetworkFlow image(int height, int width, int channels) {
        return new NetworkFlow(false, height, width, channels);
    }

    boolean isImage() {
        return height > 0;
    }

    boolean isVector() {
        return !steps && !isImage();
    }

    /** The same with another size. */
    NetworkFlow withSize(int size) {
        return new NetworkFlow(steps, height, width, size);
    }
}
