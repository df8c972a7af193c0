package dev.rondo.bench;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Projection;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.Bridge;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Context;
import dev.rondo.architecture.seq2seq.Decoder;
import dev.rondo.architecture.seq2seq.Embedding;
import dev.rondo.architecture.seq2seq.Encoder;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.Readout;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.graph.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The network of the translators that are measured: bidirectional GRUs read the source, a conditional GRU with additive attention
 * writes the target.
 *
 * @param words     of either side
 * @param embedding size of a word's vector
 * @param hidden    units of a direction of the encoder, of the decoder and of the attention
 * @param layers    of the encoder
 * @param tied      whether the output is the target's embedding
 */
record ConditionalGru(int words, int embedding, int hidden, int layers, boolean tied) {
    EncoderDecoder architecture() {
        var cell = new Cell.Gru(true);
        int memory = 2 * hidden;
        var source = new Embedding("source.embedding", words, embedding);
        var target = new Embedding("target.embedding", words, embedding);
        var score = new Attention.Score.Additive(
                Projection.of("attention.query", hidden, hidden),
                Projection.unbiased("attention.keys", memory, hidden),
                "attention.vector");
        var readout = new Readout(
                List.of(Readout.Part.STATE, Readout.Part.CONTEXT, Readout.Part.EMBEDDING),
                Optional.of(Projection.of("readout", hidden + memory + embedding, embedding)),
                Activation.TANH);
        return new EncoderDecoder(
                new Encoder.Recurrent(source, cell, encoder(cell), Connection.NONE),
                new Bridge.Projected(
                        Summary.MEAN, List.of(Projection.of("bridge", memory, hidden)), List.of(), Activation.TANH),
                new Decoder(
                        target,
                        cell,
                        List.of(RecurrentParameters.of("decoder.first", cell, embedding, hidden)),
                        Optional.of(RecurrentParameters.of("decoder.second", cell, memory, hidden)),
                        Connection.NONE,
                        new Context.Attended(new Attention(score, 1, Attention.Query.BETWEEN)),
                        false,
                        readout,
                        tied
                                ? new Projection(target.table(), Optional.of("output.bias"), embedding, words)
                                : Projection.of("output", embedding, words)));
    }

    private List<Encoder.Layer> encoder(Cell cell) {
        var all = new ArrayList<Encoder.Layer>();
        for (int k = 0; k < layers; k++) {
            int inputs = k == 0 ? embedding : 2 * hidden;
            all.add(new Encoder.Layer(
                    RecurrentParameters.of("encoder" + k + ".forward", cell, inputs, hidden),
                    Optional.of(RecurrentParameters.of("encoder" + k + ".backward", cell, inputs, hidden)),
                    Optional.empty()));
        }
        return all;
    }
}
