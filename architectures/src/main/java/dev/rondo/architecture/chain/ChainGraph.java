package dev.rondo.architecture.chain;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a {@link Chain} computes, as nodes of a function that has logits f32[B,T,K], tags i32[B,T] and lengths i32[B]. A
 * row is what it would be alone: what stands behind its length changes nothing, be it NaN or no tag at all.
 *
 * <p>A conditional random field (Lafferty, McCallum, Pereira 2001) is trained on {@link #losses}; a hidden Markov model (Rabiner
 * 1989) is the same chain with logarithms of probabilities. Both are decoded by Viterbi's algorithm over {@link #chain()}.
 */
public final class ChainGraph {
    /** The function of a file that gives the parameters of a chain. */
    public static final String CHAIN = "chain";
    /** The function of a file that gives the posterior probabilities of tags. */
    public static final String MARGINALS = "marginals";

    private static final int LAST_AXIS = -1;

    private final Chain chain;
    private final int k;

    public ChainGraph(Chain chain) {
        this.chain = chain;
        this.k = chain.tags();
    }

    /** {@code chain() -> start f32[K], transitions f32[K,K], end f32[K]}. */
    public Function chain() {
        FunctionBuilder f = Function.builder(CHAIN);
        f.output(named(f, "start", f.weight(chain.start(), k)));
        f.output(named(f, "transitions", f.weight(chain.transitions(), k, k)));
        f.output(named(f, "end", f.weight(chain.end(), k)));
        return f.build();
    }

    /** {@code marginals(logits: f32[B,T,K], lengths: i32[B]) -> marginals f32[B,T,K]}, see {@link #marginals(FunctionBuilder, Value, Value)}. */
    public Function marginals() {
        FunctionBuilder f = Function.builder(MARGINALS);
        Value logits = f.input("logits", ElementType.F32, "B", "T", k);
        Value lengths = f.input("lengths", ElementType.I32, "B");
        Value marginals = marginals(f, logits, lengths);
        f.output(f.add(MARGINALS, new Structure.Reshape(marginals.type().dims()), marginals));
        return f.build();
    }

    /** The functions of a file beside {@code sequence}. */
    public List<Function> functions() {
        return List.of(chain(), marginals());
    }

    /**
     * {@code −ln P(tags | logits) = ln Z − s(tags)} of each row [B]; 0 of an empty one. What a conditional random field is
     * trained to make small.
     */
    public Value losses(FunctionBuilder f, Value logits, Value tags, Value lengths) {
        Value difference =
                binary(f, BinaryFunction.SUBTRACT, logPartition(f, logits, lengths), score(f, logits, tags, lengths));
        Value some = f.add(new Elementwise.Compare(Comparison.GREATER), lengths, fill(f, ElementType.I32, 0));
        return f.add(new Elementwise.Where(), some, difference, fill(f, ElementType.F32, 0));
    }

    /**
     * {@code ln Z = ln Σ_y e^s(y)} over all paths y of each row [B], by the forward algorithm: with
     * {@code α₁ = start + logits₁} and {@code αₜ[j] = logits[t,j] + ln Σᵢ e^(αₜ₋₁[i] + transitions[i,j])} it is
     * {@code ln Σⱼ e^(αₙ[j] + end[j])}. Finite for an empty row.
     */
    public Value logPartition(FunctionBuilder f, Value logits, Value lengths) {
        Value alpha = forward(f, logits, lengths);
        Value last = f.add(new Aggregation.PoolTime(Aggregation.Pooling.LAST), alpha, lengths);
        return logSumExp(f, f.plus(last, f.weight(chain.end(), k)));
    }

    /** s(tags) of each row [B]; 0 of an empty one. */
    public Value score(FunctionBuilder f, Value logits, Value tags, Value lengths) {
        Dim time = logits.type().dim(1);
        Value valid = f.add(new Structure.LengthMask(time), lengths);
        Value safe = f.add(new Elementwise.Where(), valid, tags, fill(f, ElementType.I32, 0));
        // Row 0 of the table is what comes before the first tag.
        Value table = f.concat(0, f.reshape(f.weight(chain.start(), k), 1, k), f.weight(chain.transitions(), k, k));
        Value shifted = f.add(
                new Structure.Pad(1, 1, 0, Structure.PadMode.ZERO),
                binary(f, BinaryFunction.ADD, safe, fill(f, ElementType.I32, 1)));
        Value arrival = f.add(new Structure.Pick(), f.gather(table, f.slice(shifted, 1, 0, time)), safe);
        Value here = f.plus(f.add(new Structure.Pick(), logits, safe), arrival);
        // A place is the last one where the mask that reaches a place further is false already.
        Value next = f.slice(f.add(new Structure.LengthMask(time.plus(1)), lengths), 1, 1, time);
        Value end = f.gather(f.weight(chain.end(), k), safe);
        Value zero = fill(f, ElementType.F32, 0);
        Value departure = f.add(new Elementwise.Where(), next, zero, end);
        Value all = f.add(new Elementwise.Where(), valid, f.plus(here, departure), zero);
        return f.add(new Aggregation.Reduce(Reduction.SUM, 1, false), all);
    }

    /**
     * {@code P(yₜ = k | logits)} [B,T,K] by the forward and the backward algorithm: {@code softmax(αₜ + βₜ)} with
     * {@code βₙ = end} and {@code βₜ[i] = ln Σⱼ e^(transitions[i,j] + logits[t+1,j] + βₜ₊₁[j])}; 0 behind a row's length. It is
     * the gradient of {@link #logPartition} in the logits.
     */
    public Value marginals(FunctionBuilder f, Value logits, Value lengths) {
        Dim rows = logits.type().dim(0);
        Dim time = logits.type().dim(1);
        Value both = f.plus(forward(f, logits, lengths), backward(f, logits, lengths));
        Value valid = f.reshape(f.add(new Structure.LengthMask(time), lengths), rows, time, 1);
        return f.add(new Elementwise.Where(), valid, f.softmax(both), fill(f, ElementType.F32, 0));
    }

    /** αₜ [B,T,K]. */
    private Value forward(FunctionBuilder f, Value logits, Value lengths) {
        FunctionBuilder b = Function.builder("chain_forward");
        Value emission = b.input("emission", ElementType.F32, "B", k);
        Value arrived = b.state("arrived", "B", k);
        Value alpha = b.plus(arrived, emission);
        // The last axis is the tag before, so that the sum runs along memory.
        Value to = b.add(new Structure.Transpose(List.of(1, 0)), b.weight(chain.transitions(), k, k));
        b.next(arrived, logSumExp(b, b.plus(b.reshape(alpha, "B", 1, k), to)));
        b.output(alpha);
        return scan(f, b.build(), logits, f.weight(chain.start(), k), lengths, false);
    }

    /** βₜ [B,T,K]. */
    private Value backward(FunctionBuilder f, Value logits, Value lengths) {
        FunctionBuilder b = Function.builder("chain_backward");
        Value emission = b.input("emission", ElementType.F32, "B", k);
        Value beta = b.state("beta", "B", k);
        Value from = b.reshape(b.plus(beta, emission), "B", 1, k);
        b.next(beta, logSumExp(b, b.plus(from, b.weight(chain.transitions(), k, k))));
        b.output(named(b, "leaving", beta));
        return scan(f, b.build(), logits, f.weight(chain.end(), k), lengths, true);
    }

    private Value scan(FunctionBuilder f, Function body, Value logits, Value begin, Value lengths, boolean reverse) {
        Value first = f.add(new Structure.Expand(List.of(logits.type().dim(0), Dim.of(k))), begin);
        var scan = new Scan(body, List.of("emission"), reverse, false);
        return f.addAll(scan, List.of(), new ArrayList<>(Arrays.asList(logits, first, lengths)))
                .getFirst();
    }

    private static Value logSumExp(FunctionBuilder f, Value x) {
        return f.add(new Aggregation.Reduce(Reduction.LOG_SUM_EXP, LAST_AXIS, false), x);
    }

    private static Value named(FunctionBuilder f, String name, Value x) {
        return f.add(name, new Structure.Reshape(x.type().dims()), x);
    }

    private static Value binary(FunctionBuilder f, BinaryFunction function, Value a, Value b) {
        return f.add(new Elementwise.Binary(function), a, b);
    }

    private static Value fill(FunctionBuilder f, ElementType element, double value) {
        return f.add(new Structure.Fill(element, value, List.of()));
    }
}
