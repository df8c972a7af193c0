package dev.rondo.architecture.memory;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;

/**
 * The functions of an end-to-end memory network: B questions about stories of S sentences.
 *
 * <p>With tables A, B, C and rows of places T: {@code m_i = Σ_j l_j A x_ij + T_A(i)}, {@code c_i} the same of C,
 * {@code u¹ = Σ_j l_j B q_j}; for each hop {@code p = softmax(u·m), o = Σ_i p_i c_i, u := u + o} (layer-wise
 * {@code H u + o}); answer {@code softmax(W u)} (Sukhbaatar et al. 2015). Word 0 is padding and counts for nothing.
 */
public final class MemoryNetworkGraph {
    public static final String ANSWER = "answer";
    public static final String TRAINING = "training";
    public static final String EVALUATION = "evaluation";

    private static final Dim B = Dim.named("B");

    private final MemoryNetwork architecture;

    /** The functions over the parameters of an architecture. */
    public MemoryNetworkGraph(MemoryNetwork architecture) {
        this.architecture = architecture;
    }

    /**
     * {@code answer(story i32[B,S,J], query i32[B,J], sentences i32[B]) -> logits f32[B,V], hop_attention f32[B,K,S],
     * hop_state f32[B,K+1,d], answer i64[B]}: only the first {@code sentences} places of a story count.
     */
    public Function answer() {
        FunctionBuilder f = Function.builder(ANSWER);
        MemoryNodes.Answer found = new MemoryNodes(f, architecture, Value.ABSENT).answer();
        f.output(found.logits());
        f.output(f.add("hop_attention", new Structure.Concat(1), found.attention()));
        f.output(f.add("hop_state", new Structure.Concat(1), found.states()));
        f.output(f.add("answer", new Aggregation.ArgMax(1), found.logits()));
        return f.build();
    }

    /**
     * {@code training(story, query, sentences, linear f32[], target i32[B]) -> loss f32[], count f32[]}: the sum of the
     * cross-entropies in nats, and B. With {@code linear} 1 the memory is read without softmax, {@code p = u·m}, as training
     * begins (linear start, section 4.2); with 0 as the model is.
     */
    public Function training() {
        FunctionBuilder f = Function.builder(TRAINING);
        Value linear = f.input("linear", ElementType.F32);
        Value logits = new MemoryNodes(f, architecture, linear).answer().logits();
        Value losses = f.add(new Training.CrossEntropy(0), logits, f.input("target", ElementType.I32, B));
        f.output(f.add("loss", new Aggregation.Reduce(Reduction.SUM, 0, false), losses));
        f.output(f.add("count", new Structure.Size(B, ElementType.F32)));
        return f.build();
    }

    /**
     * {@code evaluation(story, query, sentences, target) -> losses f32[B], correct f32[B]}: the cross-entropy of each
     * answer in nats, and 1 where it is the likeliest one, else 0.
     */
    public Function evaluation() {
        FunctionBuilder f = Function.builder(EVALUATION);
        Value logits = new MemoryNodes(f, architecture, Value.ABSENT).answer().logits();
        Value target = f.input("target", ElementType.I32, B);
        f.output(f.add("losses", new Training.CrossEntropy(0), logits, target));
        Value best = f.add(new Elementwise.Cast(ElementType.I32), f.add(new Aggregation.ArgMax(1), logits));
        Value same = f.add(new Elementwise.Compare(Comparison.EQUAL), best, target);
        f.output(f.add("correct", new Elementwise.Cast(ElementType.F32), same));
        return f.build();
    }
}
