package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Scan;
import dev.rondo.graph.State;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The functions of an encoder-decoder. B sentences, S places of the source, T of the target, K hypotheses of a sentence:
 * row {@code b * K + k}.
 *
 * <p>What belongs to a sentence has rows B: {@code memory} f32[B,S,M], {@code keys} f32[B,S,A], {@code valid} bool[B,S], with
 * n heads n*B rows; or {@code context} f32[B,M]. What belongs to a hypothesis has rows B*K: {@code h0, h1, ...}, of an LSTM
 * {@code c0, ...}, and with input feeding {@code feed}. {@code encode} leaves them, {@code step} goes on from them.
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
    /** Dropouts inside the decoder's scan are sites from here on. */
    private static final int SITES_OF_STEP = 64;

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
        var states = new LinkedHashMap<String, Value>();
        var encoder = new EncoderNodes(f, architecture, source, lengths, Drops.none(f));
        leave(f, encoder, step, states);
        states.forEach((name, next) -> {
            Value state = f.state(name, next.type());
            f.next(state, next);
        });
        return f.build();
    }

    /** What a source leaves for the decoder, by the names of its states. */
    private void leave(FunctionBuilder f, EncoderNodes encoder, DecoderNodes step, Map<String, Value> states) {
        switch (decoder.context()) {
            case Context.None() -> {}
            case Context.Fixed(var summary) -> states.put(DecoderNodes.CONTEXT, encoder.summary(summary, 0));
            case Context.Attended(var attention) -> {
                var nodes =
                        new AttentionNodes(f, attention, architecture.encoder().memorySize());
                AttentionNodes.Source source = nodes.source(encoder.memory(), encoder.mask());
                states.put(AttentionNodes.MEMORY, source.memory());
                if (!source.keys().equals(source.memory())) {
                    states.put(AttentionNodes.KEYS, source.keys());
                }
                states.put(AttentionNodes.VALID, source.valid());
            }
        }
        List<EncoderNodes.Begin> begins = encoder.begins();
        for (int k = 0; k < begins.size(); k++) {
            states.put("h" + k, begin(f, step, begins.get(k).h(), step.hiddenType(k)));
            if (step.isLstm()) {
                states.put("c" + k, begin(f, step, begins.get(k).c(), step.cellType(k)));
            }
        }
        if (decoder.feeding()) {
            states.put(DecoderNodes.FEED, begin(f, step, Value.ABSENT, step.feedType()));
        }
    }

    private static Value begin(FunctionBuilder f, DecoderNodes step, Value value, ValueType type) {
        return value.isAbsent()
                ? f.add(new Structure.Fill(ElementType.F32, 0, type.dims()))
                : step.everyHypothesis(value);
    }

    /**
     * {@code step(token: i32[B*K]) -> logits f32[B*K,V], attention f32[B*K,S]}: the scores of the token after this one and,
     * where there is attention, which places of the source they look at.
     */
    public Function step() {
        FunctionBuilder f = Function.builder(STEP);
        Value token = f.input("token", ElementType.I32, B.times(K));
        var nodes = new DecoderNodes(f, architecture, K);
        var drops = Drops.none(f);
        Value embedded = decoder.embedding().rows(f, token);
        DecoderNodes.Step step = nodes.advance(embedded, Value.ABSENT, drops, "attention");
        Value readout = nodes.readout(step.state(), step.context(), embedded, drops);
        feed(f, readout);
        f.output(nodes.logits(readout));
        if (!step.attention().isAbsent()) {
            f.output(step.attention());
        }
        return f.build();
    }

    /** The readout is the next step's feed. The state was declared when the step read it. */
    private void feed(FunctionBuilder f, Value readout) {
        if (decoder.feeding()) {
            f.next(new Value(DecoderNodes.FEED, readout.type()), readout);
        }
    }

    /**
     * {@code training(source: i32[B,S], source_lengths: i32[B], previous: i32[B,T], target: i32[B,T], target_lengths: i32[B],
     * seed: i64[]) -> loss f32[], count f32[]}: the sum of the cross-entropies of all target tokens in nats, and their
     * number. The network is fed with the target itself, a place later (teacher forcing).
     */
    public Function training(Regularisation regularisation) {
        FunctionBuilder f = Function.builder(TRAINING);
        Targets targets = targets(f);
        Value seed = f.input("seed", ElementType.I64);
        Value losses = losses(f, targets, new Drops(f, regularisation, seed, 0), regularisation, seed);
        f.output(f.add("loss", sum(), f.add(sum(), losses)));
        f.output(f.add("count", sum(), f.add(sum(), targets.counts(f))));
        return f.build();
    }

    /**
     * {@code evaluation(source, source_lengths, previous, target, target_lengths) -> losses f32[B,T]}: the cross-entropy of
     * each target token in nats, zero beyond a row's length; without dropout and smoothing.
     */
    public Function evaluation() {
        FunctionBuilder f = Function.builder(EVALUATION);
        Targets targets = targets(f);
        f.output(losses(f, targets, Drops.none(f), Regularisation.NONE, Value.ABSENT));
        return f.build();
    }

    private static Aggregation.Reduce sum() {
        return new Aggregation.Reduce(Reduction.SUM, -1, false);
    }

    /** Sources and targets of a batch. */
    private record Targets(Value source, Value sourceLengths, Value previous, Value target, Value targetLengths) {
        /** 1 for each token of the target, 0 beyond [B,T]. */
        Value counts(FunctionBuilder f) {
            Value valid = f.add(new Structure.LengthMask(Dim.named("T")), targetLengths);
            return f.add(new Elementwise.Cast(ElementType.F32), valid);
        }
    }

    private static Targets targets(FunctionBuilder f) {
        return new Targets(
                f.input("source", ElementType.I32, "B", "S"),
                f.input("source_lengths", ElementType.I32, "B"),
                f.input("previous", ElementType.I32, "B", "T"),
                f.input("target", ElementType.I32, "B", "T"),
                f.input("target_lengths", ElementType.I32, "B"));
    }

    private Value losses(FunctionBuilder f, Targets targets, Drops drops, Regularisation rates, Value seed) {
        var outside = new DecoderNodes(f, architecture, Dim.ONE);
        var states = new LinkedHashMap<String, Value>();
        var encoder = new EncoderNodes(f, architecture, targets.source, targets.sourceLengths, drops);
        leave(f, encoder, outside, states);
        Value embedded = drops.input(decoder.embedding().rows(f, targets.previous));
        Value share = outside.share(embedded);
        Function body = body(rates);
        var given = new ArrayList<Value>();
        for (Value input : body.inputs()) {
            given.add(
                    switch (input.name()) {
                        case "share" -> share;
                        case "embedded" -> embedded;
                        case "seed" -> seed;
                        default -> throw new AssertionError(input);
                    });
        }
        for (State state : body.states()) {
            given.add(states.get(state.value().name()));
        }
        given.add(Value.ABSENT);
        List<String> sequences = body.inputs().stream()
                .map(Value::name)
                .filter(name -> !name.equals("seed"))
                .toList();
        List<Value> found = f.addAll(new Scan(body, sequences, false, false), List.of(), given);
        Value readout;
        if (decoder.feeding()) {
            readout = found.getFirst();
        } else {
            Value context = body.outputs().size() > 1 ? found.get(1) : Value.ABSENT;
            if (context.isAbsent() && decoder.context() instanceof Context.Fixed) {
                context = everyStep(f, states.get(DecoderNodes.CONTEXT));
            }
            readout = outside.readout(found.getFirst(), context, embedded, drops);
        }
        Value losses =
                f.add(new Training.CrossEntropy((float) rates.smoothing()), outside.logits(readout), targets.target);
        return f.add("losses", new Elementwise.Binary(BinaryFunction.MULTIPLY), losses, targets.counts(f));
    }

    /** A value of each sentence [B,n] at every step [B,T,n]. */
    private static Value everyStep(FunctionBuilder f, Value x) {
        Dim n = x.type().dim(1);
        return f.add(new Structure.Expand(List.of(B, Dim.named("T"), n)), f.reshape(x, B, 1, n));
    }

    /**
     * The step that training scans: {@code share}, what the word before adds to the first layer's gates, comes from outside,
     * where one product makes it for all steps. Gives the readout where it is fed back, else what it is made of.
     */
    private Function body(Regularisation rates) {
        FunctionBuilder f = Function.builder("decoder_step");
        int gates = decoder.cell().gates() * decoder.layers().getFirst().hiddenSize();
        Value share = f.input("share", ElementType.F32, "B", gates);
        boolean reads =
                decoder.connection() == Connection.SKIP && decoder.layers().size() > 1
                        || decoder.feeding() && decoder.readout().parts().contains(Readout.Part.EMBEDDING);
        Value embedded = reads
                ? f.input("embedded", ElementType.F32, "B", decoder.embedding().size())
                : Value.ABSENT;
        boolean random = rates.recurrent() > 0
                || rates.between() > 0 && decoder.layers().size() > 1
                || rates.output() > 0 && decoder.feeding();
        Value seed = random ? f.input("seed", ElementType.I64) : Value.ABSENT;
        var drops = new Drops(f, rates, seed, SITES_OF_STEP);
        var nodes = new DecoderNodes(f, architecture, Dim.ONE);
        DecoderNodes.Step step = nodes.advance(embedded, share, drops, "");
        if (decoder.feeding()) {
            Value readout = nodes.readout(step.state(), step.context(), embedded, drops);
            feed(f, readout);
            f.output(readout);
        } else {
            f.output(step.state());
            if (decoder.context() instanceof Context.Attended
                    && decoder.readout().parts().contains(Readout.Part.CONTEXT)) {
                f.output(step.context());
            }
        }
        return f.build();
    }
}
