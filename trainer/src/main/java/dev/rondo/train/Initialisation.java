package dev.rondo.train;

import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.train.rule.Settings;
import java.util.Arrays;
import java.util.Optional;

/** How a parameter begins. */
public sealed interface Initialisation {
    /**
     * Fills a matrix [rows, columns], row-major: rows are outputs and columns inputs. A vector is one column.
     *
     * @param groups gates below each other; what depends on one gate's shape looks at one of them
     */
    void fill(float[] values, int rows, int columns, int groups, SeededRandom random);

    /**
     * What suits most networks: rows of embeddings and vectors of a length of about 1, matrices between states orthogonal, other
     * matrices after Xavier, gains 1, the rest 0.
     */
    static Initialisation usual(Parameter parameter) {
        return switch (parameter.role()) {
            case EMBEDDING, VECTOR -> new Normal(1 / Math.sqrt(parameter.shape().getLast()));
            case WEIGHT_HIDDEN -> new Orthogonal();
            case WEIGHT_INPUT, PROJECTION, LINEAR, CONVOLUTION, OUTPUT -> new Xavier();
            case GAIN -> new Constant(1);
            case BIAS, HIDDEN_BIAS, PEEPHOLES, STATISTIC, OUTPUT_BIAS -> new Constant(0);
        };
    }

    /** The same, but matrices other than embeddings as the caller wants them. */
    static Initialisation usual(Parameter parameter, Optional<Initialisation> ofMatrices) {
        return switch (parameter.role()) {
            case WEIGHT_HIDDEN, WEIGHT_INPUT, PROJECTION, LINEAR, CONVOLUTION, OUTPUT ->
                ofMatrices.orElse(usual(parameter));
            case EMBEDDING, VECTOR, GAIN, BIAS, HIDDEN_BIAS, PEEPHOLES, STATISTIC, OUTPUT_BIAS -> usual(parameter);
        };
    }

    /** Lets the forget gates of an LSTM begin with this bias: rows H to 2 H of {@code layer}'s, where it has one. */
    static void openForgetGates(RecurrentParameters layer, double bias, ParameterStore parameters) {
        layer.bias().ifPresent(name -> {
            float[] values = parameters.get(name);
            Arrays.fill(values, layer.hiddenSize(), 2 * layer.hiddenSize(), (float) bias);
            parameters.set(name, values);
        });
    }

    /** All the same. */
    record Constant(double value) implements Initialisation {
        @Override
        public void fill(float[] values, int rows, int columns, int groups, SeededRandom random) {
            Arrays.fill(values, (float) value);
        }
    }

    /** Uniform in [−limit, limit). */
    record Uniform(double limit) implements Initialisation {
        public Uniform {
            Settings.require(limit >= 0 && limit < Double.POSITIVE_INFINITY, "limit", "is not negative", limit);
        }

        @Override
        public void fill(float[] values, int rows, int columns, int groups, SeededRandom random) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (limit * (2 * random.nextDouble() - 1));
            }
        }
    }

    /** Normal with mean 0. */
    record Normal(double deviation) implements Initialisation {
        public Normal {
            Settings.require(deviation >= 0 && deviation < Double.POSITIVE_INFINITY, "deviation", "is >= 0", deviation);
        }

        @Override
        public void fill(float[] values, int rows, int columns, int groups, SeededRandom random) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (deviation * random.nextGaussian());
            }
        }
    }

    /** Uniform with the limit {@code √(6 / (inputs + outputs))}, of the whole matrix (Glorot and Bengio 2010, eq. 16). */
    record Xavier() implements Initialisation {
        @Override
        public void fill(float[] values, int rows, int columns, int groups, SeededRandom random) {
            new Uniform(Math.sqrt(6.0 / (rows + columns))).fill(values, rows, columns, groups, random);
        }
    }

    /** Normal with the deviation {@code √(2 / inputs)} (He et al. 2015, eq. 10). */
    record He() implements Initialisation {
        @Override
        public void fill(float[] values, int rows, int columns, int groups, SeededRandom random) {
            new Normal(Math.sqrt(2.0 / columns)).fill(values, rows, columns, groups, random);
        }
    }

    /**
     * Each gate a random matrix with orthonormal rows or columns, whichever are fewer, so that a square one preserves
     * norms (Saxe et al. 2014): Gram and Schmidt's procedure on a normal matrix.
     */
    record Orthogonal() implements Initialisation {
        @Override
        public void fill(float[] values, int rows, int columns, int groups, SeededRandom random) {
            int height = rows / groups;
            for (int group = 0; group < groups; group++) {
                boolean wide = height <= columns;
                double[][] basis = orthonormal(Math.min(height, columns), Math.max(height, columns), random);
                for (int row = 0; row < height; row++) {
                    for (int column = 0; column < columns; column++) {
                        double value = wide ? basis[row][column] : basis[column][row];
                        values[(group * height + row) * columns + column] = (float) value;
                    }
                }
            }
        }

        private static double[][] orthonormal(int count, int size, SeededRandom random) {
            double[][] basis = new double[count][size];
            for (int i = 0; i < count; i++) {
                double[] vector = basis[i];
                for (int k = 0; k < size; k++) {
                    vector[k] = random.nextGaussian();
                }
                // Twice, since what rounding leaves after the first time counts when the vectors are many.
                for (int pass = 0; pass < 2; pass++) {
                    for (int j = 0; j < i; j++) {
                        subtract(vector, basis[j]);
                    }
                }
                double norm = Math.sqrt(dot(vector, vector));
                for (int k = 0; k < size; k++) {
                    vector[k] /= norm;
                }
            }
            return basis;
        }

        private static void subtract(double[] vector, double[] other) {
            double share = dot(vector, other);
            for (int k = 0; k < vector.length; k++) {
                vector[k] -= share * other[k];
            }
        }

        /** Four sums, so that additions need not wait for each other. */
        private static double dot(double[] a, double[] b) {
            double s0 = 0;
            double s1 = 0;
            double s2 = 0;
            double s3 = 0;
            int k = 0;
            for (; k + 3 < a.length; k += 4) {
                s0 += a[k] * b[k];
                s1 += a[k + 1] * b[k + 1];
                s2 += a[k + 2] * b[k + 2];
                s3 += a[k + 3] * b[k + 3];
            }
            for (; k < a.length; k++) {
                s0 += a[k] * b[k];
            }
            return s0 + s1 + (s2 + s3);
        }
    }
}
