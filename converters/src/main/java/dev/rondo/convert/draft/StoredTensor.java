package dev.rondo.convert.draft;

import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.TensorData;
import java.util.List;
import java.util.function.Supplier;

/** A tensor of the file to be written. */
public sealed interface StoredTensor {
    /** In the file. */
    String name();

    /** The tensors of the source it is made from, in order. */
    List<String> sources();

    /** Row-major. */
    List<Integer> shape();

    /**
     * Numbers that decode to f32.
     *
     * @param values all of them, row-major, in an array that nobody else holds; asked for once, when it is written
     */
    record Floats(
            String name,
            List<String> sources,
            List<Integer> shape,
            Encoding encoding,
            Layout layout,
            Supplier<float[]> values)
            implements StoredTensor {
        public Floats {
            sources = List.copyOf(sources);
            shape = List.copyOf(shape);
        }

        /** Rows of the matrix that the tensor is. */
        int rows() {
            return shape.isEmpty() ? 1 : shape.getFirst();
        }

        /** The largest error of encoding these values; see {@link EncodingError}. */
        public double worstRelativeError(float[] floats) {
            return EncodingError.worst(name, floats, rows(), encoding, layout);
        }
    }

    /** Numbers stored as they are: indices, flags, constants. */
    record Plain(String name, List<String> sources, TensorData values) implements StoredTensor {
        public Plain {
            sources = List.copyOf(sources);
        }

        @Override
        public List<Integer> shape() {
            return values.shape();
        }
    }
}
