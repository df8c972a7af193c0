package dev.rondo.tests.seq2seq;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.EncoderDecoderGraph;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Function;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.tests.session.ModelFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decoding along given words: {@code encode}, then {@code step} with the word before, whatever the scores say.
 *
 * @param logits    of each step [B*K,V]
 * @param attention of each step [B*K,S]; empty without attention
 * @param each      K
 */
record Forced(List<NdArray> logits, List<NdArray> attention, int each) {

    /** The functions of a model file, with weights. */
    static ModelFile file(EncoderDecoder architecture, Map<String, NdArray> weights) {
        var graph = new EncoderDecoderGraph(architecture);
        var file = new ModelFile().function(graph.encode()).function(graph.step());
        weights.forEach(file::weight);
        return file;
    }

    /** On the runtime, in a session whose capacity is larger than needed. */
    static Forced run(Model model, Model.Kernel kernel, Pairs pairs, int each) {
        Session session = model.session(
                Capacity.of("B", pairs.rows() + 1).and("S", pairs.places() + 2).and("K", each + 1), kernel);
        session.size("B", pairs.rows()).size("S", pairs.places()).size("K", each);
        Call encode = session.call(EncoderDecoderGraph.ENCODE);
        ModelFile.fill(encode.input("source"), pairs.source());
        ModelFile.fill(encode.input("source_lengths"), pairs.sourceLengths());
        encode.run();
        Call step = session.call(EncoderDecoderGraph.STEP);
        boolean attends = step.function().outputs().size() > 1;
        var logits = new ArrayList<NdArray>();
        var attention = new ArrayList<NdArray>();
        for (int t = 0; t < pairs.steps(); t++) {
            ModelFile.fill(step.input("token"), tokens(pairs, t, each));
            step.run();
            logits.add(ModelFile.read(step.output("logits")));
            if (attends) {
                attention.add(ModelFile.read(step.output("attention")));
            }
        }
        return new Forced(logits, attention, each);
    }

    /** By the interpreter. */
    static Forced run(EncoderDecoder architecture, Map<String, NdArray> weights, Pairs pairs, int each) {
        var graph = new EncoderDecoderGraph(architecture);
        Map<String, Long> sizes = Map.of("B", (long) pairs.rows(), "S", (long) pairs.places(), "K", (long) each);
        var source = Map.of("source", pairs.source(), "source_lengths", pairs.sourceLengths());
        Map<String, NdArray> states = Interpreter.run(graph.encode(), sizes, source, Map.of(), weights)
                .states();
        Function step = graph.step();
        var logits = new ArrayList<NdArray>();
        var attention = new ArrayList<NdArray>();
        for (int t = 0; t < pairs.steps(); t++) {
            var token = Map.of("token", tokens(pairs, t, each));
            Interpreter.Result result = Interpreter.run(step, sizes, token, states, weights);
            states = result.states();
            logits.add(result.output("logits"));
            if (step.outputs().size() > 1) {
                attention.add(result.output("attention"));
            }
        }
        return new Forced(logits, attention, each);
    }

    private static NdArray tokens(Pairs pairs, int t, int each) {
        return NdArray.tabulate(
                ElementType.I32,
                List.of(pairs.rows() * each),
                i -> pairs.previous().at(i[0] / each, t));
    }

    /** The cross-entropy of each target word as hypothesis k has it, zero beyond a row's length [B,T]. */
    NdArray losses(Pairs pairs, int k) {
        return NdArray.tabulate(ElementType.F32, List.of(pairs.rows(), pairs.steps()), i -> {
            if (i[1] >= pairs.targetLength(i[0])) {
                return 0;
            }
            double[] row = logits.get(i[1]).row(i[0] * each + k);
            double sum = 0;
            for (double v : row) {
                sum += Math.exp(v);
            }
            return Math.log(sum) - row[(int) pairs.target().at(i)];
        });
    }

    /**
     * What is wrong with the attention, if anything: weights of a row add up to 1, unless its source is empty, and are 0
     * beyond the source.
     */
    Optional<String> attentionFault(Pairs pairs, double tolerance) {
        for (NdArray weights : attention) {
            for (int r = 0; r < weights.size(0); r++) {
                double sum = 0;
                double[] row = weights.row(r);
                for (int s = 0; s < row.length; s++) {
                    if (row[s] < 0 || s >= pairs.sourceLength(r / each) && row[s] != 0) {
                        return Optional.of("row " + r + ", place " + s + ": " + row[s]);
                    }
                    sum += row[s];
                }
                double wanted = pairs.sourceLength(r / each) == 0 ? 0 : 1;
                if (!(Math.abs(sum - wanted) <= tolerance)) {
                    return Optional.of("row " + r + " adds up to " + sum);
                }
            }
        }
        return Optional.empty();
    }
}
