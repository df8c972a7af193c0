package dev.rondo.graph;

import dev.rondo.format.ElementType;
import java.util.ArrayList;
import java.util.List;

/** Sums of products: linear maps, matrix products and convolutions, f32. */
public sealed interface Contraction extends Op {

    /** {@code y = x Wᵀ + b}: x [..., K], weight [N, K], bias [N], y [..., N]. */
    record Linear() implements Contraction {
        @Override
        public String name() {
            return "linear";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"), Slot.required("weight"), Slot.optional("bias"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.requireFloats(0, 1);
            Dim n = in.require(1, ElementType.F32, null, x.dim(-1)).dim(0);
            if (in.has(2)) {
                in.require(2, ElementType.F32, n);
            }
            var dims = new ArrayList<>(x.dims());
            dims.set(dims.size() - 1, n);
            return List.of(x.withDims(dims));
        }
    }

    /**
     * {@code y = a b} over the last two axes, or {@code a bᵀ} with {@code transposeB}; axes before them broadcast.
     */
    record MatMul(boolean transposeB) implements Contraction {
        @Override
        public String name() {
            return "matmul";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("a"), Slot.required("b"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType a = in.requireFloats(0, 2);
            ValueType b = in.requireFloats(1, 2);
            if (!a.dim(-1).equals(b.dim(transposeB ? -1 : -2))) {
                throw in.error("inner dimensions are equal", a + " and " + b + (transposeB ? " transposed" : ""));
            }
            var dims = new ArrayList<>(
                    in.broadcast(a.dims().subList(0, a.rank() - 2), b.dims().subList(0, b.rank() - 2)));
            dims.add(a.dim(-2));
            dims.add(b.dim(transposeB ? -2 : -1));
            return List.of(a.withDims(dims));
        }
    }

    /**
     * Convolution over time (a correlation, as every framework has it), channels last:
     * {@code y[b,t,o] = bias[o] + Σ_{j,c} x[b, t*stride + j*dilation - before, g*C/G + c] weight[o,j,c]} where output
     * channel o belongs to group g, x [B,T,C], weight [O,J,C/G], y [B, (T+before+after-dilation*(J-1)-1)/stride+1, O].
     * Steps outside the sequence are zero. Channels last makes a window one contiguous run.
     */
    record Conv1d(int stride, int dilation, int groups, int before, int after) implements Contraction {
        public Conv1d {
            if (stride < 1 || dilation < 1 || groups < 1 || before < 0 || after < 0) {
                throw new IllegalArgumentException("conv1d stride " + stride + " dilation " + dilation + " groups "
                        + groups + " before " + before + " after " + after);
            }
        }

        @Override
        public String name() {
            return "conv1d";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"), Slot.required("weight"), Slot.optional("bias"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.require(0, ElementType.F32, null, null, null);
            ValueType weight = in.require(1, ElementType.F32, null, null, null);
            if (!weight.dim(0).isFixed()
                    || !weight.dim(1).isFixed()
                    || !weight.dim(2).isFixed()) {
                throw in.mismatch(1, "of fixed size");
            }
            if (!x.dim(2).equals(weight.dim(2).times(groups)) || weight.dim(0).fixed() % groups != 0) {
                throw in.error("weight is [O, J, C/groups] and groups divides O", "x " + x + ", weight " + weight);
            }
            if (in.has(2)) {
                in.require(2, ElementType.F32, weight.dim(0));
            }
            if (weight.dim(1).is(0)) {
                throw in.mismatch(1, "with at least one step (J)");
            }
            long reach = (weight.dim(1).fixed() - 1) * dilation + 1;
            Dim padded = x.dim(1).plus(before + (long) after);
            if (padded.isFixed() && padded.fixed() < reach) {
                throw in.error("the kernel fits the padded sequence", "kernel " + reach + ", sequence " + padded);
            }
            Dim steps = padded.plus(-reach).dividedBy(stride).plus(1);
            return List.of(x.withDims(List.of(x.dim(0), steps, weight.dim(0))));
        }
    }
}
