package dev.rondo.train.synthetic;

import dev.rondo.train.SeededRandom;
import dev.rondo.train.data.IdxArray;
import dev.rondo.train.rule.Settings;
import dev.rondo.train.synthetic.DigitStrokes.Stroke;
import java.util.Arrays;
import java.util.List;

/**
 * Grey images of digits as if written by hand, each of its own: one of the digit's forms, its points moved a little, the
 * whole turned, sheared, stretched and shifted, drawn with a pen of some width and darkness, and noise over it. An image
 * follows from seed and number alone. 255 is ink. Immutable.
 */
public final class DigitImages {
    /** Digits. */
    public static final int CLASSES = 10;

    private static final int MAX_SIZE = 256;
    private static final int CURVE_PIECES = 6;
    private static final double TURN = 0.3;
    private static final double SHEAR = 0.35;
    private static final double SMALLEST = 0.65;
    private static final double LARGEST = 1.05;
    private static final double SHIFT = 0.12;
    private static final double JITTER = 0.025;
    private static final double THINNEST = 0.025;
    private static final double THICKEST = 0.065;
    private static final double FAINTEST = 0.65;
    private static final double NOISE = 0.08;

    private final int size;
    private final long seed;

    /** @param size height and width in pixels, 8 to 256 */
    public DigitImages(int size, long seed) {
        Settings.require(size >= 8 && size <= MAX_SIZE, "size", "lies between 8 and " + MAX_SIZE + " pixels", size);
        this.size = size;
        this.seed = seed;
    }

    /** The digit of an image. */
    public int label(int index) {
        return SeededRandom.of(seed, index).nextInt(CLASSES);
    }

    /** An image, its rows from above, each from the left. */
    public byte[] image(int index) {
        var random = SeededRandom.of(seed, index);
        int digit = random.nextInt(CLASSES);
        List<List<Stroke>> forms = DigitStrokes.forms(digit);
        double[] affine = affine(random);
        var drawing = new Drawing();
        for (Stroke stroke : forms.get(random.nextInt(forms.size()))) {
            drawing.add(stroke.smooth(), moved(stroke, affine, random));
        }
        double radius = THINNEST + (THICKEST - THINNEST) * random.nextDouble();
        double ink = FAINTEST + (1 - FAINTEST) * random.nextDouble();
        byte[] pixels = new byte[size * size];
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                double distance = drawing.distance((x + 0.5) / size, (y + 0.5) / size);
                // A pixel at the edge of the line is partly inked.
                double cover = Math.clamp((radius - distance) * size + 0.5, 0, 1);
                double value = ink * cover + NOISE * random.nextGaussian();
                pixels[y * size + x] = (byte) Math.round(255 * Math.clamp(value, 0, 1));
            }
        }
        return pixels;
    }

    /** xx, xy, x0, yx, yy, y0: turned, sheared and stretched about the middle, then shifted. */
    private static double[] affine(SeededRandom random) {
        double turn = TURN * (2 * random.nextDouble() - 1);
        double shear = SHEAR * (2 * random.nextDouble() - 1);
        double width = SMALLEST + (LARGEST - SMALLEST) * random.nextDouble();
        double height = SMALLEST + (LARGEST - SMALLEST) * random.nextDouble();
        double cos = StrictMath.cos(turn);
        double sin = StrictMath.sin(turn);
        double xx = cos * width;
        double xy = cos * shear * height - sin * height;
        double yx = sin * width;
        double yy = sin * shear * height + cos * height;
        double x0 = 0.5 - 0.5 * (xx + xy) + SHIFT * (2 * random.nextDouble() - 1);
        double y0 = 0.5 - 0.5 * (yx + yy) + SHIFT * (2 * random.nextDouble() - 1);
        return new double[] {xx, xy, x0, yx, yy, y0};
    }

    private static double[] moved(Stroke stroke, double[] a, SeededRandom random) {
        double[] points = new double[2 * stroke.count()];
        for (int i = 0; i < points.length; i += 2) {
            double x = stroke.points()[i] + JITTER * random.nextGaussian();
            double y = stroke.points()[i + 1] + JITTER * random.nextGaussian();
            points[i] = a[0] * x + a[1] * y + a[2];
            points[i + 1] = a[3] * x + a[4] * y + a[5];
        }
        return points;
    }

    /** The first images [count,size,size]. */
    public IdxArray images(int count) {
        checkCount(count);
        byte[] all = new byte[Math.multiplyExact(count, size * size)];
        for (int i = 0; i < count; i++) {
            System.arraycopy(image(i), 0, all, i * size * size, size * size);
        }
        return new IdxArray(List.of(count, size, size), all);
    }

    /** Their digits [count]. */
    public IdxArray labels(int count) {
        checkCount(count);
        byte[] all = new byte[count];
        for (int i = 0; i < count; i++) {
            all[i] = (byte) label(i);
        }
        return new IdxArray(List.of(count), all);
    }

    private void checkCount(int count) {
        Settings.require(
                count >= 1 && (long) count * size * size <= 1 << 30,
                "number of images",
                "is at least 1, with 2^30 pixels at most",
                count);
    }

    /** Straight pieces of line. */
    private static final class Drawing {
        private double[] pieces = new double[256];
        private int length;

        void add(boolean smooth, double[] points) {
            int last = points.length / 2 - 1;
            for (int i = 0; i < last; i++) {
                double x = points[2 * i];
                double y = points[2 * i + 1];
                int parts = smooth ? CURVE_PIECES : 1;
                for (int k = 1; k <= parts; k++) {
                    double t = (double) k / parts;
                    double nextX = smooth ? spline(points, 0, i, t) : points[2 * i + 2];
                    double nextY = smooth ? spline(points, 1, i, t) : points[2 * i + 3];
                    piece(x, y, nextX, nextY);
                    x = nextX;
                    y = nextY;
                }
            }
        }

        /** Catmull and Rom's cubic between points i and i + 1; ends count twice. */
        private static double spline(double[] points, int axis, int i, double t) {
            int last = points.length / 2 - 1;
            double before = points[2 * Math.max(0, i - 1) + axis];
            double from = points[2 * i + axis];
            double to = points[2 * i + 2 + axis];
            double after = points[2 * Math.min(last, i + 2) + axis];
            return 0.5
                    * (2 * from
                            + (to - before) * t
                            + (2 * before - 5 * from + 4 * to - after) * t * t
                            + (3 * from - before - 3 * to + after) * t * t * t);
        }

        private void piece(double x0, double y0, double x1, double y1) {
            if (length == pieces.length) {
                pieces = Arrays.copyOf(pieces, 2 * length);
            }
            pieces[length++] = x0;
            pieces[length++] = y0;
            pieces[length++] = x1;
            pieces[length++] = y1;
        }

        /** From a point to the nearest piece. */
        double distance(double x, double y) {
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < length; i += 4) {
                double dx = pieces[i + 2] - pieces[i];
                double dy = pieces[i + 3] - pieces[i + 1];
                double squares = dx * dx + dy * dy;
                double t = squares == 0 ? 0 : ((x - pieces[i]) * dx + (y - pieces[i + 1]) * dy) / squares;
                double at = Math.clamp(t, 0, 1);
                double ex = x - pieces[i] - at * dx;
                double ey = y - pieces[i + 1] - at * dy;
                least = Math.min(least, ex * ex + ey * ey);
            }
            return Math.sqrt(least);
        }
    }
}
