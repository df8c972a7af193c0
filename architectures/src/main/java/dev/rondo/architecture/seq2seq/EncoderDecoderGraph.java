package dev.rondo.architecture.seq2seq;

import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Value;

/**
 * The functions of an encoder-decoder. B sentences, S places of the source, T of the target, K hypotheses of a sentence:
 * row {@code b * K + k}.
 *
 * <p>What belongs to a sentence has rows B: {@code memory} f32[B,S,M], {@code keys} f32[B,S,A], {@code valid} bool[B,S], with
 * n heads n*B rows; or {@code context} f32[B,M]; with copying {@code copies} f32[B,S,V]. What belongs to a hypothesis has rows
 * B*K: {@code h0, h1, ...}, of an LSTM {@code c0, ...}, and with input feeding {@code feed}. {@code encode} leaves them,
 * {@code step} goes on from them.
 */
public final class EncoderDecoderGraph {
    public static final String ENCODE = "encode";
    public static final String STEP = "step";
    public static final String TRAINING = "training";
    public static final String EVALUATION = "evaluation";

    /** The dimension of the hypotheses of a sentence. */
    public static final String HYPOTHESES = "K";

    private static final Dim B = Dim.named("B");
    private static final Dim K = Dim.named(HYPOTHESES);

    private final EncoderDecoder architecture;
    private final Decoder decoder;

    /** The functions over the parameters of an architecture. */
    public EncoderDecoderGraph(EncoderDecoder architecture) {
        this.architecture = architecture;
        this.decoder = architecture.decoder();
    }

    /**
     * {@code encode(source: i32[B,S], source_lengths: i32[B])}: reads the sources and leaves the states of {@link #step},
     * the same for each of K hypotheses.
     */
    public Function encode() {
        FunctionBuilder f = Function.builder(ENCODE);
        Value source = f.input("source", ElementType.I32, "B", "S");
        Value lengths = f.input("source_lengths", ElementType.I32, "B");
        var step = new DecoderNodes(f, architecture, K);
        new SourceStates(f, architecture, source, lengths)
                .begin(step, Drops.none(f))
                .forEach((name, next) -> {
                    Value state = f.state(name, next.type());
                    f.next(state, next);
                });
        return f.build();
    }

    /**
     * {@code step(token: i32[B*K]) -> logits f32[B*K,V], attention f32[B*K,S]}: the scores of the token after this one and,
     * where there is attention, which places of the source they look at.
     */
    public Function step() {
        FunctionBuilder f = Function.builder(STEP);
        Value token = f.input("token", ElementType.I32, B.times(K));
        var nodes = new DecoderNodes(f, architecture, K);
        Value embedded = decoder.embedding().rows(f, token);
        DecoderNodes.Step step = nodes.advance(embedded, Value.ABSENT, Drops.none(f), "attention");
        Value parts = nodes.parts(step.state(), step.context(), embedded);
        Value readout = nodes.readout(parts);
        if (decoder.feeding()) {
            TrainingNodes.feed(f, readout);
        }
        Value copies = decoder.output().copies() ? f.state(DecoderNodes.COPIES, nodes.copiesType()) : Value.ABSENT;
        f.output(nodes.logits(readout, nodes.gate(parts), step.attention(), copies));
        if (!step.attention().isAbsent()) {
            f.output(step.attention());
        }
        return f.build();
    }

    /**
     * {@code training(source: i32[B,S], source_lengths: i32[B], previous: i32[B,T], target: i32[B,T], target_lengths: i32[B],
     * seed: i64[]) -> loss f32[], count f32[]}: the sum of the cross-entropies of all target tokens in nats, and their
     * number. The network is fed with the target itself, a place later (teacher forcing). Beyond the lengths the tokens count
     * for nothing, but are of the vocabulary.
     */
    public Function training(Regularisation regularisation) {
        return training(regularisation, false);
    }

    /**
     * {@link #training} with one more input, {@code teacher: bool[B,T]} (scheduled sampling, Bengio et al. 2015): where it
     * is false, the step reads not {@code previous}, but the token to which the step before gave the highest score, with its
     * dropout. The first step always reads {@code previous}. No gradient goes through the choice.
     */
    public Function scheduledSampling(Regularisation regularisation) {
        return training(regularisation, true);
    }

    private Function training(Regularisation regularisation, boolean sampled) {
        if (decoder.output() instanceof Output.Copy && regularisation.smoothing() > 0) {
            throw new InputException(
                    "setting label smoothing",
                    "is 0 where tokens are only copied",
                    "" + regularisation.smoothing(),
                    "tokens that the source lacks cannot have a share");
        }
        FunctionBuilder f = Function.builder(TRAINING);
        var nodes = new TrainingNodes(f, architecture, regularisation, true);
        Value losses = sampled ? nodes.sampled() : nodes.forced();
        f.output(f.add("loss", sum(), f.add(sum(), losses)));
        f.output(f.add("count", sum(), f.add(sum(), nodes.counts())));
        return f.build();
    }

    /**
     * {@code evaluation(source, source_lengths, previous, target, target_lengths) -> losses f32[B,T]}: the cross-entropy of
     * each target token in nats, zero beyond a row's length; without dropout and smoothing.
     */
    public Function evaluation() {
        FunctionBuilder f = Function.builder(EVALUATION);
        f.output(new TrainingNodes(f, architecture, Regularisation.NONE, false).forced());
        return f.build();
    }

    private static Aggregation.Reduce sum() {
        return new Aggregation.Reduce(Reduction.SUM, -1, false);
    }
}
