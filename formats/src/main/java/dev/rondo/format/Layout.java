package dev.rondo.format;

import dev.rondo.error.FormatException;

/** The order in which a stored tensor's elements lie. {@link Packing} gives the exact place of each element. */
public sealed interface Layout {
    /** How many gates lie side by side; 1 for rows. */
    int groups();

    /** Row-major. INT8 is followed, at the next multiple of 64 bytes, by one f32 scale per row. */
    record Rows() implements Layout {
        @Override
        public int groups() {
            return 1;
        }
    }

    /**
     * Blocks of 16 output rows for the vector kernels, for a matrix [R, K] of rank two or more (R = dim 0, K = product of
     * the other dims). R is ordered gate by gate: R = groups * H. Block b holds, for each 32-bit unit q of columns, for each
     * group g, the rows {@code g*H + b*16 + 0..15} side by side.
     *
     * @param groups how many gates lie side by side, at least 1, a divisor of R
     */
    record Panels(int groups) implements Layout {
        /** @throws FormatException when groups is less than 1 */
        public Panels {
            if (groups < 1) {
                throw new FormatException(
                        "layout",
                        "panels need at least one group",
                        "groups " + groups,
                        "use 1 for a plain matrix, 4 for an LSTM, 3 for a GRU");
            }
        }
    }
}
