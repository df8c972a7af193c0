package dev.rondo.bench;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * The network that translation is trained with: a bidirectional GRU of some layers reads the source; a conditional GRU
 * with additive attention writes the target (Sennrich et al. 2017; Caglayan et al. 2017); output and input embedding of
 * the target are one.
 */
record TranslationNetwork(int vocabulary, int embedding, int hidden, int layers, float dropout) {
    private static final Value NONE = Value.ABSENT;

    /** {@code loss(source, source_lengths, previous, target, target_lengths, seed) -> loss, count}. */
    Function training() {
        FunctionBuilder f = Function.builder("training");
        Value source = f.input("source", ElementType.I32, "B", "S");
        Value sourceLengths = f.input("source_lengths", ElementType.I32, "B");
        Value previous = f.input("previous", ElementType.I32, "B", "T");
        Value target = f.input("target", ElementType.I32, "B", "T");
        Value targetLengths = f.input("target_lengths", ElementType.I32, "B");
        Value seed = f.input("seed", ElementType.I64);
        int memoryWidth = 2 * hidden;

        Value memory = dropped(f, f.gather(f.weight("source.embedding", vocabulary, embedding), source), seed, 0);
        for (int k = 0; k < layers; k++) {
            Value there = layer(f, "encoder." + k + ".forward", memory, sourceLengths, false);
            Value back = layer(f, "encoder." + k + ".backward", memory, sourceLengths, true);
            memory = f.concat(2, there, back);
        }
        memory = dropped(f, memory, seed, 1);
        Value keys = f.linear(memory, f.weight("attention.memory", hidden, memoryWidth), NONE);
        Value valid = f.add(new Structure.LengthMask(source.type().dim(1)), sourceLengths);
        Value mean = f.add(new Aggregation.PoolTime(Aggregation.Pooling.MEAN), memory, sourceLengths);
        Value begin = f.activate(
                Activation.TANH, f.linear(mean, f.weight("bridge", hidden, memoryWidth), f.weight("bridge.b", hidden)));

        Value table = f.weight("target.embedding", vocabulary, embedding);
        Value words = f.gather(table, previous);
        Value share = f.linear(
                words, f.weight("decoder.0.input", 3 * hidden, embedding), f.weight("decoder.0.bias", 3 * hidden));
        var step = new Scan(step(), List.of("share"), false, false);
        List<Value> results = f.addAll(step, List.of(), List.of(share, memory, keys, valid, begin, targetLengths));
        Value seen = f.plus(
                f.plus(
                        f.linear(
                                results.get(0),
                                f.weight("readout.state", embedding, hidden),
                                f.weight("readout.b", embedding)),
                        f.linear(results.get(1), f.weight("readout.context", embedding, memoryWidth), NONE)),
                f.linear(words, f.weight("readout.word", embedding, embedding), NONE));
        Value readout = dropped(f, f.activate(Activation.TANH, seen), seed, 2);
        Value logits = f.linear(readout, table, f.weight("output.b", vocabulary));
        Value losses = f.add(new Training.CrossEntropy(0), logits, target);
        Value mask = f.add(new Structure.LengthMask(target.type().dim(1)), targetLengths);
        Value counted = f.add(new Elementwise.Cast(ElementType.F32), mask);
        f.output(sum(f, "loss", f.add(new Elementwise.Binary(BinaryFunction.MULTIPLY), losses, counted)));
        f.output(sum(f, "count", counted));
        return f.build();
    }

    /** A word of the target: its share of the first cell's gates is given. */
    private Function step() {
        FunctionBuilder f = Function.builder("step");
        Value share = f.input("share", ElementType.F32, "B", 3 * hidden);
        Value memory = f.state("memory", "B", "S", 2 * hidden);
        Value keys = f.state("keys", "B", "S", hidden);
        Value valid = f.state("valid", ValueType.of(ElementType.BOOL, "B", "S"));
        Value h = f.state("h", "B", hidden);
        var cell = new Recurrent.GruCell(Activation.SIGMOID, Activation.TANH, true);
        Value middle = f.add(
                cell,
                share,
                h,
                f.weight("decoder.0.hidden", 3 * hidden, hidden),
                NONE,
                NONE,
                f.weight("decoder.0.hidden_bias", hidden));
        Value query = f.linear(
                middle, f.weight("attention.query", hidden, hidden), f.weight("attention.b", hidden));
        Value context = f.addAll(
                        new Aggregation.Attention(1),
                        List.of(),
                        List.of(
                                f.reshape(query, "B", 1, hidden),
                                keys,
                                memory,
                                f.weight("attention.v", hidden),
                                f.reshape(valid, "B", 1, "S")))
                .getFirst();
        Value seen = f.reshape(context, "B", 2 * hidden);
        Value next = f.add(
                cell,
                seen,
                middle,
                f.weight("decoder.1.hidden", 3 * hidden, hidden),
                f.weight("decoder.1.input", 3 * hidden, 2 * hidden),
                f.weight("decoder.1.bias", 3 * hidden),
                f.weight("decoder.1.hidden_bias", hidden));
        f.next(h, next);
        f.output(next);
        f.output(seen);
        return f.build();
    }

    private Value layer(FunctionBuilder f, String name, Value x, Value lengths, boolean reverse) {
        int inputs = (int) x.type().dim(2).fixed();
        return f.addAll(
                        new Recurrent.GruLayer(Activation.SIGMOID, Activation.TANH, true, reverse, false),
                        List.of(),
                        List.of(
                                x,
                                NONE,
                                f.weight(name + ".hidden", 3 * hidden, hidden),
                                f.weight(name + ".input", 3 * hidden, inputs),
                                f.weight(name + ".bias", 3 * hidden),
                                f.weight(name + ".hidden_bias", hidden),
                                lengths))
                .getFirst();
    }

    private Value dropped(FunctionBuilder f, Value x, Value seed, int site) {
        return dropout == 0 ? x : f.add(new Training.Dropout(dropout, site), x, seed);
    }

    private static Value sum(FunctionBuilder f, String name, Value x) {
        var last = new Aggregation.Reduce(Reduction.SUM, -1, false);
        return f.add(name, last, f.add(last, x));
    }

    /** Names of weights below 1 that begin as zero. */
    static boolean isBias(String name) {
        return new ArrayList<>(List.of("bias", ".b")).stream().anyMatch(name::endsWith);
    }
}
