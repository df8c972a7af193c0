package dev.rondo.kernel;

import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation.Normalisation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.UnaryFunction;
import java.lang.foreign.MemorySegment;

/**
 * The f32 arithmetic of a step. Two implementations: plain loops, and the Vector API; {@link KernelProvider} chooses.
 *
 * <p>All views hold f32 elements unless said otherwise. Shapes are the caller's duty: a kernel trusts {@code rows}, {@code cols} and strides
 * that fit each other, and relies on the segments' own bounds checks for memory safety ({@link IndexOutOfBoundsException} on a plan that is
 * wrong; {@link IllegalStateException} on memory that was closed). Every size may be zero. An output must not overlap an input unless the method
 * says so. No kernel allocates, locks or keeps state: any thread may call.
 *
 * <p>Numbers: f32 accumulation in an order fixed by shape and vector width, never by how warm the JVM is; NaN propagates.
 */
public interface Kernels {

    /** The plain loops. */
    static Kernels plain() {
        return KernelProvider.plain().kernels();
    }

    /** The fastest kernels that work on this machine and JVM. */
    static Kernels best() {
        return KernelProvider.best().kernels();
    }

    /**
     * out = x W<sup>T</sup> + bias.
     *
     * <p>Weights of int8 in panels make whole numbers of each row of x first: p = x / s to the nearest in -63 &hellip; 63, ties to even, with
     * s = max|x| / 63; s is 0 where that is subnormal, and NaN when an element is not finite. The sum &Sigma; p q is exact, and is multiplied by the scale of
     * the output and by s.
     *
     * @param x [M, K]
     * @param w [N, K]
     * @param bias one row in the order of {@code out}; null means zero
     * @param scratch native memory of {@link #linearScratch} bytes, undefined afterwards; null when that is 0, and when nothing needs to be fast
     * @param out [M, N] when {@code w} has one group; else [M, {@link Weights#paddedRows()}] in panel order. With one group {@code out.cols} may
     *     also be the padded count: the padding is then written
     */
    void linear(View x, Weights w, View bias, MemorySegment scratch, View out);

    /** {@link #linear(View, Weights, View, MemorySegment, View)} with weights that need no scratch. */
    default void linear(View x, Weights w, View bias, View out) {
        linear(x, w, bias, null, out);
    }

    /** Bytes of scratch for products of any number of rows with these weights. int8 in panels must have it; bf16 in panels is faster with it; 0 else. */
    static long linearScratch(Weights w) {
        if (!w.panels()) {
            return 0;
        }
        return switch (w.encoding()) {
            case INT8 -> Memory.SUMS_INT8 + Memory.ROWS_INT8 * Memory.int8Row(w.columns());
            case BF16 -> (w.groups() == 1 ? Memory.DECODED_BLOCKS : w.groups()) * 64L * w.columns();
            case F32, F16, F64, I32, I64, BOOL -> 0;
        };
    }

    /**
     * out[gates] += x W[gates]<sup>T</sup> for gates firstGroup &hellip; firstGroup + groupCount - 1; other gates stay untouched.
     *
     * @param x [M, K]
     * @param w [N, K]
     * @param scratch as for {@link #linear}
     * @param out in the panel order of the whole {@code w}, or natural when it has one group
     */
    void addLinear(View x, Weights w, int firstGroup, int groupCount, MemorySegment scratch, View out);

    /** {@link #addLinear(View, Weights, int, int, MemorySegment, View)} with weights that need no scratch. */
    default void addLinear(View x, Weights w, int firstGroup, int groupCount, View out) {
        addLinear(x, w, firstGroup, groupCount, null, out);
    }

    /**
     * Two products of a recurrent step: the first as {@link #linear}; the second likewise, or added to the first when both have the same view for out. The
     * bits are those of the two one after the other.
     *
     * @param backwards from the last rows of the weights to the first. A caller that changes direction at each call finds in the cache what the call before read
     *     last; with matrices somewhat larger than a cache, all of it would be gone else
     */
    default void linearPair(Product first, Product second, boolean backwards) {
        linear(first.x(), first.weights(), first.bias(), first.scratch(), first.out());
        if (second.out() == first.out()) {
            addLinear(second.x(), second.weights(), 0, second.weights().groups(), second.scratch(), second.out());
        } else {
            linear(second.x(), second.weights(), second.bias(), second.scratch(), second.out());
        }
    }

    /**
     * Lays a computed matrix out as weights; padding becomes zero.
     *
     * @param dense [N, K]
     * @param out of encoding F32, in either layout
     */
    void pack(View dense, Weights out);

    /**
     * Lays the transpose of a computed matrix out as weights; padding becomes zero. With W [N, K] dense, x &rarr; x W is then {@link #linear}.
     *
     * @param dense [K, N]
     * @param out [N, K], of encoding F32, in either layout
     */
    void packTransposed(View dense, Weights out);

    /** {@link #matmul(View, View, boolean, MemorySegment, View)} without scratch. */
    default void matmul(View a, View b, boolean transposeB, View out) {
        matmul(a, b, transposeB, null, out);
    }

    /**
     * out = a b, or a b<sup>T</sup>. With many rows it pays to lay b out as panels first, which needs scratch.
     *
     * @param a [M, K]
     * @param b [K, N], or [N, K] when {@code transposeB}
     * @param scratch native memory of {@link #matmulScratch} bytes, undefined afterwards; null without
     * @param out [M, N]
     */
    void matmul(View a, View b, boolean transposeB, MemorySegment scratch, View out);

    /** Bytes of scratch for {@link #matmul} with K inner and N outer columns. */
    static long matmulScratch(int inner, int cols) {
        return Memory.panelBytes(cols, inner);
    }

    /** Whether {@link #matmul} makes use of scratch for out [M, N]: when laying b out costs less than it gains. */
    static boolean matmulPacks(int rows, int cols) {
        return rows >= 24 && cols >= Weights.PANEL / 2;
    }

    /**
     * The sum over all rows of outer products, a<sup>T</sup> b: out<sub>nk</sub> = &Sigma;<sub>r</sub> a<sub>rn</sub> b<sub>rk</sub>.
     *
     * @param a [R, N]
     * @param b [R, K]
     * @param scratch native memory of {@link #outerSumScratch} bytes, undefined afterwards
     * @param out [N, K]
     */
    void outerSum(View a, View b, MemorySegment scratch, View out);

    /** Bytes of scratch for {@link #outerSum} with a of N and b of K columns; less than 3 MB, however large they are. */
    static long outerSumScratch(int columnsA, int columnsB) {
        return OuterSums.scratch(columnsA, columnsB);
    }

    /** out = f(x), element by element; {@code x} and {@code out} may be the same window. */
    void activate(Activation f, View x, View out);

    /** out = f(x), element by element; {@code x} and {@code out} may be the same window. */
    void unary(UnaryFunction f, View x, View out);

    /**
     * out = f(a, b), element by element. An operand with {@code rowStride} 0 repeats its row; one with {@code cols} 1 repeats its element along the
     * row. An operand that repeats nothing may be the same window as {@code out}.
     *
     * @param f any but AND and OR, which are for booleans
     */
    void binary(BinaryFunction f, View a, View b, View out);

    /**
     * The LSTM cell after its products (Hochreiter and Schmidhuber 1997; peepholes: Gers and Schmidhuber 2000):
     *
     * <pre>
     * i = fi(gates_i + p_i cPrev)   f = ff(gates_f + p_f cPrev)   g = fg(gates_g)
     * c = f cPrev + i g             o = fo(gates_o + p_o c)       h = o fc(c)
     * </pre>
     *
     * @param gates [M, blocks &middot; 64] in the panel order of four groups i, f, g, o; undefined afterwards
     * @param cPrev [M, H]; may be the same window as {@code c}
     * @param peepholes [3, H]: p_i, p_f, p_o; null without
     * @param h [M, H]
     * @param c [M, H]
     */
    void lstmCell(LstmActivations f, View gates, View cPrev, View peepholes, View h, View c);

    /**
     * The GRU cell whose reset gate acts after the recurrent product (Cho et al. 2014, version 1; PyTorch, cuDNN):
     *
     * <pre>
     * r = fr(x_r + u_r)   z = fz(x_z + u_z)   n = fn(x_n + r u_n)   h = z hPrev + (1 - z) n
     * </pre>
     *
     * @param gatesX [M, blocks &middot; 48]: W x + b in the panel order of three groups r, z, n; undefined afterwards
     * @param gatesH [M, blocks &middot; 48]: U hPrev + b' in the same order; undefined afterwards
     * @param hPrev [M, H]; may be the same window as {@code h}
     * @param h [M, H]
     */
    void gruCell(GruGates f, View gatesX, View gatesH, View hPrev, View h);

    /**
     * First half of the GRU cell whose reset gate acts before the recurrent product (Cho et al. 2014, version 3): rh = fr(gates_r) hPrev.
     * The caller then adds U_n rh to the gates ({@link #addLinear} of group 2) and calls {@link #gruUpdate}.
     *
     * @param gates [M, blocks &middot; 48] in the panel order of three groups r, z, n, with W x + b everywhere and U hPrev added to r and z;
     *     afterwards r is undefined, z and n are as before
     * @param hPrev [M, H]
     * @param resetHidden [M, H]: r hPrev
     */
    void gruReset(GruGates f, View gates, View hPrev, View resetHidden);

    /**
     * Second half: z = fz(gates_z), n = fn(gates_n), h = z hPrev + (1 - z) n.
     *
     * @param gates as {@link #gruReset} left them, with U_n rh added to n; undefined afterwards
     * @param hPrev [M, H]; may be the same window as {@code h}
     * @param h [M, H]
     */
    void gruUpdate(GruGates f, View gates, View hPrev, View h);

    /**
     * Softmax of each row, e<sup>x</sup> / &Sigma; e<sup>x</sup>, or its logarithm. Elements that are masked out are no part of the sum and become zero
     * (logarithm: -&infin;), and so does a row without any other.
     *
     * @param x [M, N]; may be the same window as {@code out}
     * @param mask boolean bytes, nonzero = takes part, repeating like an operand of {@link #binary}; null = all take part
     * @param log whether to give logarithms
     * @param out [M, N]
     */
    void softmax(View x, View mask, boolean log, View out);

    /**
     * Normalises each row: (x - mean) / &radic;(variance + epsilon) &middot; gain + bias, with the variance over N, in a second pass; Ba et al. 2016.
     *
     * @param x [M, N]; may be the same window as {@code out}
     * @param gain one row of N; null means one
     * @param bias one row of N; null means zero
     * @param out [M, N]
     */
    void layerNorm(View x, View gain, View bias, float epsilon, View out);

    /**
     * Row r of out = row indices[r] of the table, decoded.
     *
     * @param table [V, N], any encoding and layout
     * @param indices i32 [M, 1], each in 0 &hellip; V - 1 (the caller has checked)
     * @param out [M, N] in natural order
     */
    void gather(Weights table, View indices, View out);

    /**
     * Reduces over the rows.
     *
     * @param x [M, N]
     * @param out [1, N]; element c is f of column c
     */
    void reduceRows(Reduction f, View x, View out);

    /**
     * Reduces over the columns.
     *
     * @param x [M, N]
     * @param out [M, 1]; element r is f of row r
     */
    void reduceColumns(Reduction f, View x, View out);

    /**
     * The column of the largest element of each row, the first of several; a NaN counts as larger than anything.
     *
     * @param x [M, N], N at least 1
     * @param out i64 [M, 1]
     */
    void argMax(View x, View out);

    /**
     * The k largest elements of each row, the largest first, the first of equals first; a NaN counts as larger than anything.
     *
     * @param x [M, N], N at least k
     * @param normalisation what is done with them; sums go over all N
     * @param values [M, k]
     * @param indices i64 [M, k]: their columns
     */
    void topK(View x, Normalisation normalisation, View values, View indices);

    /**
     * Scores of additive attention (Bahdanau et al. 2015): out<sub>qs</sub> = &Sigma;<sub>d</sub> v<sub>d</sub> tanh(query<sub>qd</sub> + keys<sub>sd</sub>).
     *
     * @param query [M, D]
     * @param keys [S, D]
     * @param vector one row of D: v
     * @param mask boolean bytes, zero = the score is not asked for, and 0; repeating like an operand of {@link #binary}; null = all are
     * @param out [M, S]
     */
    void additiveScores(View query, View keys, View vector, View mask, View out);

    /**
     * out = x.
     *
     * @param x [M, N]; repeats like an operand of {@link #binary}
     * @param out [M, N]
     */
    void copy(View x, View out);
}
