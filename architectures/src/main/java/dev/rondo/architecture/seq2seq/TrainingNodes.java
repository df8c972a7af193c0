package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Scan;
import dev.rondo.graph.State;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The losses of a batch: the decoder's step is scanned over the target, and what does not depend on the step before is
 * computed outside, for all steps at once.
 */
final class TrainingNodes {
    private static final Dim B = Dim.named("B");
    private static final Dim T = Dim.named("T");
    /** Dropouts inside the decoder's scan are sites from here on. */
    private static final int SITES_OF_STEP = 1 << 16;

    private static final String GUESS = "guess";

    private final FunctionBuilder f;
    private final EncoderDecoder architecture;
    private final Decoder decoder;
    private final Regularisation rates;
    private final Value seed;
    private final Drops drops;
    private final Value previous;
    private final Value target;
    private final Value targetLengths;
    private final DecoderNodes outside;
    private final Map<String, Value> states;

    /**
     * Declares the inputs and reads the source.
     *
     * @param random whether there is a seed
     */
    TrainingNodes(FunctionBuilder f, EncoderDecoder architecture, Regularisation rates, boolean random) {
        this.f = f;
        this.architecture = architecture;
        this.decoder = architecture.decoder();
        this.rates = rates;
        Value source = f.input("source", ElementType.I32, "B", "S");
        Value sourceLengths = f.input("source_lengths", ElementType.I32, "B");
        this.previous = f.input("previous", ElementType.I32, "B", "T");
        this.target = f.input("target", ElementType.I32, "B", "T");
        this.targetLengths = f.input("target_lengths", ElementType.I32, "B");
        this.seed = random ? f.input("seed", ElementType.I64) : Value.ABSENT;
        this.drops = new Drops(f, rates, seed, 0);
        this.outside = new DecoderNodes(f, architecture, Dim.ONE);
        var read = new SourceStates(f, architecture, source, sourceLengths);
        this.states = new LinkedHashMap<>(read.begin(outside, drops));
    }

    /** 1 for each token of the target, 0 beyond [B,T]. */
    Value counts() {
        Value valid = f.add(new Structure.LengthMask(T), targetLengths);
        return f.add(new Elementwise.Cast(ElementType.F32), valid);
    }

    /** The cross-entropy of each target token, the network being fed with the target itself, a place later [B,T]. */
    Value forced() {
        Value embedded = drops.input(decoder.embedding().rows(f, previous));
        Map<String, Value> given = new HashMap<>();
        given.put("share", outside.share(embedded));
        given.put("embedded", embedded);
        given.put("seed", seed);
        Map<String, Value> found = scan(forcedBody(), given);
        if (decoder.feeding()) {
            return losses(found);
        }
        Value context = found.getOrDefault("context", Value.ABSENT);
        if (context.isAbsent() && decoder.context() instanceof Context.Fixed) {
            context = everyStep(states.get(DecoderNodes.CONTEXT));
        }
        Value parts = outside.parts(found.get("state"), context, embedded);
        found.put("gate", outside.gate(parts));
        found.put("readout", drops.output(outside.readout(parts)));
        return losses(found);
    }

    /**
     * The same where a step reads the token before only as far as {@code teacher} says so, and else the one that the step
     * before gave the highest score.
     */
    Value sampled() {
        Value teacher = f.input("teacher", ElementType.BOOL, "B", "T");
        int size = decoder.embedding().size();
        int readout = decoder.readoutSize(architecture.encoder().memorySize());
        Map<String, Value> given = new HashMap<>();
        given.put("previous", previous);
        given.put("teacher", teacher);
        given.put("seed", seed);
        given.put("embedded_mask", drops.inputMask(List.of(B, T, Dim.of(size))));
        given.put("readout_mask", decoder.feeding() ? Value.ABSENT : drops.outputMask(List.of(B, T, Dim.of(readout))));
        // There is no step before the first one: it reads what it is given.
        states.put(GUESS, f.reshape(f.slice(previous, 1, 0, 1), B));
        boolean embeddings = !given.get("embedded_mask").isAbsent();
        boolean readouts = !given.get("readout_mask").isAbsent();
        return losses(scan(sampledBody(embeddings, readouts), given));
    }

    /** Runs a body over the target; gives its outputs by what they are. */
    private Map<String, Value> scan(Body body, Map<String, Value> given) {
        var in = new ArrayList<Value>();
        var sequences = new ArrayList<String>();
        for (Value input : body.function.inputs()) {
            in.add(given.get(input.name()));
            if (!input.name().equals("seed")) {
                sequences.add(input.name());
            }
        }
        for (State state : body.function.states()) {
            in.add(states.get(state.value().name()));
        }
        in.add(Value.ABSENT);
        List<Value> found = f.addAll(new Scan(body.function, sequences, false, false), List.of(), in);
        Map<String, Value> outputs = new HashMap<>();
        for (int i = 0; i < body.outputs.size(); i++) {
            outputs.put(body.outputs.get(i), found.get(i));
        }
        return outputs;
    }

    private Value losses(Map<String, Value> found) {
        Value logits = outside.logits(
                found.get("readout"),
                found.getOrDefault("gate", Value.ABSENT),
                found.getOrDefault("attention", Value.ABSENT),
                states.getOrDefault(DecoderNodes.COPIES, Value.ABSENT));
        Value losses = f.add(new Training.CrossEntropy((float) rates.smoothing()), logits, target);
        return f.add("losses", new Elementwise.Binary(BinaryFunction.MULTIPLY), losses, counts());
    }

    /** A value of each sentence [B,n] at every step [B,T,n]. */
    private Value everyStep(Value x) {
        Dim n = x.type().dim(1);
        return f.add(new Structure.Expand(List.of(B, T, n)), f.reshape(x, B, 1, n));
    }

    /** A step to be scanned, and what its outputs are. */
    private record Body(Function function, List<String> outputs) {}

    /** A step in the making. */
    private final class BodyBuilder {
        final FunctionBuilder b = Function.builder("decoder_step");
        final DecoderNodes nodes = new DecoderNodes(b, architecture, Dim.ONE);
        final List<String> outputs = new ArrayList<>();

        Drops drops() {
            boolean random = rates.recurrent() > 0
                    || rates.between() > 0 && decoder.layers().size() > 1
                    || rates.output() > 0 && decoder.feeding();
            Value key = random ? b.input("seed", ElementType.I64) : Value.ABSENT;
            return new Drops(b, rates, key, SITES_OF_STEP);
        }

        void output(String what, Value value) {
            if (!value.isAbsent()) {
                outputs.add(what);
                b.output(value);
            }
        }

        Body build() {
            return new Body(b.build(), outputs);
        }
    }

    /**
     * The step that is fed with the target. {@code share}, what the word before adds to the first layer's gates, comes from
     * outside, where one product makes it for all steps. Gives the readout where it is fed back, else what it is made of.
     */
    private Body forcedBody() {
        var body = new BodyBuilder();
        FunctionBuilder b = body.b;
        int gates = decoder.cell().gates() * decoder.layers().getFirst().hiddenSize();
        Value share = b.input("share", ElementType.F32, "B", gates);
        boolean reads =
                decoder.connection() == Connection.SKIP && decoder.layers().size() > 1
                        || decoder.feeding() && decoder.readout().parts().contains(Readout.Part.EMBEDDING);
        Value embedded = reads
                ? b.input("embedded", ElementType.F32, "B", decoder.embedding().size())
                : Value.ABSENT;
        Drops inside = body.drops();
        boolean copies = decoder.output().copies();
        DecoderNodes.Step step = body.nodes.advance(embedded, share, inside, copies ? "attention" : "");
        if (decoder.feeding()) {
            Value parts = body.nodes.parts(step.state(), step.context(), embedded);
            Value readout = inside.output(body.nodes.readout(parts));
            feed(b, readout);
            body.output("readout", readout);
            body.output("gate", body.nodes.gate(parts));
        } else {
            body.output("state", step.state());
            if (decoder.context() instanceof Context.Attended
                    && decoder.readout().parts().contains(Readout.Part.CONTEXT)) {
                body.output("context", step.context());
            }
        }
        if (copies) {
            body.output("attention", step.attention());
        }
        return body.build();
    }

    /** The readout is the next step's feed. The state was declared when the step read it. */
    static void feed(FunctionBuilder f, Value readout) {
        f.next(new Value(DecoderNodes.FEED, readout.type()), readout);
    }

    /**
     * The step that may read its own guess. It computes its scores for that alone: no gradient goes through a guess, and those
     * of the losses are made outside, where going back is one product for all steps.
     */
    private Body sampledBody(boolean embeddedMask, boolean readoutMask) {
        var body = new BodyBuilder();
        FunctionBuilder b = body.b;
        Value word = b.input("previous", ElementType.I32, "B");
        Value teacher = b.input("teacher", ElementType.BOOL, "B");
        Value guess = b.state(GUESS, new ValueType(ElementType.I32, List.of(B)));
        Value read = b.add(new Elementwise.Where(), teacher, word, guess);
        Value embedded = decoder.embedding().rows(b, read);
        if (embeddedMask) {
            embedded = b.times(
                    embedded,
                    b.input(
                            "embedded_mask",
                            ElementType.F32,
                            "B",
                            decoder.embedding().size()));
        }
        Drops inside = body.drops();
        boolean copies = decoder.output().copies();
        DecoderNodes.Step step = body.nodes.advance(embedded, Value.ABSENT, inside, copies ? "attention" : "");
        Value parts = body.nodes.parts(step.state(), step.context(), embedded);
        Value readout = body.nodes.readout(parts);
        if (decoder.feeding()) {
            readout = inside.output(readout);
            feed(b, readout);
        } else if (readoutMask) {
            int size = decoder.readoutSize(architecture.encoder().memorySize());
            readout = b.times(readout, b.input("readout_mask", ElementType.F32, "B", size));
        }
        Value gate = body.nodes.gate(parts);
        Value sources = copies ? b.state(DecoderNodes.COPIES, body.nodes.copiesType()) : Value.ABSENT;
        Value logits = body.nodes.logits(readout, gate, step.attention(), sources);
        Value best = b.add(new Aggregation.ArgMax(1), logits);
        b.next(guess, b.add(new Elementwise.Cast(ElementType.I32), best));
        body.output("readout", readout);
        body.output("gate", gate);
        if (copies) {
            body.output("attention", step.attention());
        }
        return body.build();
    }
}
