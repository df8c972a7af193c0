package dev.rondo.tests.seq2seq;

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
import dev.rondo.architecture.seq2seq.Output;
import dev.rondo.architecture.seq2seq.Readout;
import dev.rondo.architecture.seq2seq.Readout.Part;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.graph.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A tiny encoder-decoder in the making: choices, at first the plainest ones, and {@link #build}, which finds sizes that
 * fit them. {@link #random} draws the choices from the whole vocabulary.
 */
public final class Sketch {
    public static final int SOURCE_WORDS = 7;
    public static final int TARGET_WORDS = 6;

    enum BridgeKind {
        ZERO,
        COPY,
        SAME,
        PROJECTED
    }

    enum ContextKind {
        NONE,
        FIXED,
        ATTENDED
    }

    enum OutputKind {
        GENERATE,
        GENERATE_OR_COPY,
        COPY
    }

    enum ScoreKind {
        DOT,
        SCALED_DOT,
        GENERAL,
        LOW_RANK,
        ADDITIVE
    }

    Cell encoderCell = new Cell.Gru(true);
    Cell decoderCell = new Cell.Gru(true);
    int encoderLayers = 1;
    int decoderLayers = 1;
    boolean bidirectional;
    boolean convolutional;
    Connection encoderConnection = Connection.NONE;
    Connection decoderConnection = Connection.NONE;
    BridgeKind bridge = BridgeKind.PROJECTED;
    Summary summary = Summary.LAST;
    ContextKind context = ContextKind.NONE;
    Summary fixed = Summary.LAST;
    ScoreKind score = ScoreKind.DOT;
    int heads = 1;
    Attention.Query query = Attention.Query.AFTER;
    boolean feeding;
    List<Part> parts = List.of(Part.STATE);
    OutputKind output = OutputKind.GENERATE;
    boolean map;
    boolean tied;
    boolean joint;
    boolean biases = true;
    /** Whether LSTMs have projections and peepholes. */
    boolean rich;
    /** Whether the memory is as wide as the decoder's state, where nothing demands it. */
    boolean even;

    /** Where sizes and what is there are sometimes wrong; null: nowhere. */
    private Random wrong;

    /** Choices that fit each other. */
    static Sketch random(Random random) {
        return drawn(random).repaired();
    }

    /** Choices that may contradict each other, and perhaps sizes that do not fit. */
    static Sketch careless(Random random) {
        Sketch s = drawn(random);
        s.wrong = random.nextInt(3) > 0 ? random : null;
        s = random.nextBoolean() ? s.repaired() : s;
        s.heads = random.nextInt(8) == 0 ? random.nextInt(-1, 6) : s.heads;
        return s;
    }

    private boolean slips(int oneIn) {
        return wrong != null && wrong.nextInt(oneIn) == 0;
    }

    /** A size, or another one near it. */
    private int roughly(int size) {
        return slips(40) ? size + wrong.nextInt(-2, 3) : size;
    }

    private static Sketch drawn(Random random) {
        var s = new Sketch();
        s.encoderCell = cell(random);
        s.decoderCell = random.nextInt(3) > 0 ? s.encoderCell : cell(random);
        s.encoderLayers = 1 + random.nextInt(3);
        s.decoderLayers = random.nextInt(6) == 0 ? 4 : 1 + random.nextInt(3);
        s.bidirectional = random.nextBoolean();
        s.convolutional = random.nextInt(4) == 0;
        s.encoderConnection = one(random, Connection.values());
        if (s.convolutional) {
            s.encoderConnection = one(random, Connection.NONE, Connection.RESIDUAL);
        }
        s.decoderConnection = one(random, Connection.NONE, Connection.RESIDUAL, Connection.SKIP);
        s.bridge = one(random, BridgeKind.values());
        s.summary = one(random, Summary.values());
        s.context = one(random, ContextKind.NONE, ContextKind.FIXED, ContextKind.ATTENDED, ContextKind.ATTENDED);
        s.fixed = one(random, Summary.LAST, Summary.MEAN, Summary.MAX);
        s.score = one(random, ScoreKind.values());
        s.heads = 1 + random.nextInt(3);
        s.query = one(random, Attention.Query.values());
        s.feeding = random.nextBoolean();
        s.output = random.nextInt(3) > 0 ? OutputKind.GENERATE : one(random, OutputKind.values());
        s.parts = parts(random, s.context != ContextKind.NONE);
        s.map = random.nextBoolean();
        s.tied = random.nextInt(3) == 0;
        s.joint = random.nextInt(4) == 0;
        s.biases = random.nextInt(4) > 0;
        s.rich = random.nextInt(4) == 0;
        s.even = random.nextBoolean();
        return s;
    }

    /** Changes choices that contradict others. */
    private Sketch repaired() {
        if (convolutional) {
            bridge = bridge == BridgeKind.COPY ? BridgeKind.ZERO : bridge;
            summary = summary == Summary.MAX ? Summary.MAX : Summary.MEAN;
            fixed = fixed == Summary.MAX ? Summary.MAX : Summary.MEAN;
        }
        if (bridge == BridgeKind.COPY || summary == Summary.LAST_OF_LAYER) {
            encoderLayers = Math.max(encoderLayers, decoderLayers);
        }
        if (bridge == BridgeKind.COPY) {
            rich = false;
            encoderCell = decoderCell;
        }
        if (bridge == BridgeKind.ZERO && context == ContextKind.NONE) {
            bridge = BridgeKind.PROJECTED;
        }
        if (context != ContextKind.ATTENDED) {
            output = OutputKind.GENERATE;
        }
        if (output == OutputKind.COPY && !feeding) {
            // Nothing reads the readout.
            parts = List.of(Part.STATE);
            map = false;
        }
        tied &= output != OutputKind.COPY;
        boolean unread = query == Attention.Query.AFTER && (feeding || output != OutputKind.COPY);
        if (context == ContextKind.ATTENDED && unread && !parts.contains(Part.CONTEXT)) {
            parts = List.of(Part.CONTEXT, Part.STATE);
        }
        return this;
    }

    private static List<Part> parts(Random random, boolean withContext) {
        var parts = new ArrayList<>(List.of(Part.STATE));
        if (withContext && random.nextBoolean()) {
            parts.add(random.nextInt(2), Part.CONTEXT);
        }
        if (random.nextInt(3) == 0) {
            parts.add(random.nextInt(parts.size() + 1), Part.EMBEDDING);
        }
        return parts;
    }

    private static Cell cell(Random random) {
        return one(
                random,
                new Cell.Elman(Activation.TANH),
                new Cell.Elman(Activation.SIGMOID),
                new Cell.Lstm(),
                new Cell.Lstm(),
                new Cell.Gru(true),
                new Cell.Gru(false));
    }

    @SafeVarargs
    private static <T> T one(Random random, T... of) {
        return of[random.nextInt(of.length)];
    }

    // Sizes. Three heads cut everything they touch.

    private int decoderSize() {
        return isEven() || heads == 3 ? 6 : 4;
    }

    private boolean isEven() {
        return even
                || bridge == BridgeKind.COPY
                || bridge == BridgeKind.SAME
                || context == ContextKind.ATTENDED && (score == ScoreKind.DOT || score == ScoreKind.SCALED_DOT);
    }

    private int memorySize() {
        return isEven() ? 6 : heads == 3 ? 12 : 8;
    }

    private int embeddingSize() {
        // Residuals begin at the first layer where the embedding is as wide.
        return joint || tied ? 4 : encoderConnection == Connection.NONE ? 3 : encoderLayerSize();
    }

    private int encoderLayerSize() {
        return memorySize();
    }

    EncoderDecoder build() {
        if (wrong == null && heads > 1 && context != ContextKind.ATTENDED) {
            heads = 1;
        }
        String table = joint ? "embedding.weight" : "encoder.embedding.weight";
        int words = joint || output != OutputKind.GENERATE ? SOURCE_WORDS : TARGET_WORDS;
        var source = new Embedding(table, SOURCE_WORDS, roughly(embeddingSize()));
        var target =
                new Embedding(joint ? table : "decoder.embedding.weight", words, joint ? source.size() : tied ? 4 : 3);
        return new EncoderDecoder(encoder(source), bridge(), decoder(target));
    }

    private RecurrentParameters layer(String prefix, Cell cell, int inputs, int outputs) {
        var plain = RecurrentParameters.of(prefix, cell, inputs, outputs);
        boolean lstm = rich && (cell instanceof Cell.Lstm || slips(4));
        return new RecurrentParameters(
                roughly(inputs),
                roughly(lstm ? outputs + 1 : outputs),
                roughly(outputs),
                plain.weightInput(),
                plain.weightHidden(),
                plain.bias().filter(_ -> biases),
                plain.hiddenBias().filter(_ -> biases),
                lstm ? Optional.of(prefix + ".peepholes") : Optional.empty(),
                lstm ? Optional.of(prefix + ".projection") : Optional.empty());
    }

    private Projection projection(String prefix, int inputs, int outputs) {
        int from = roughly(inputs);
        int to = roughly(outputs);
        return biases ? Projection.of(prefix, from, to) : Projection.unbiased(prefix, from, to);
    }

    private Encoder encoder(Embedding embedding) {
        int size = memorySize();
        int inputs = embedding.size();
        if (convolutional) {
            var layers = new ArrayList<Encoder.Convolution>();
            for (int k = 0; k < encoderLayers; k++) {
                layers.add(new Encoder.Convolution(
                        "encoder.conv" + k + ".weight",
                        "encoder.conv" + k + ".bias",
                        roughly(inputs),
                        size,
                        roughly(k == 1 ? 1 : 3)));
                inputs = size;
            }
            return new Encoder.Convolutional(embedding, layers, Activation.TANH, encoderConnection);
        }
        var layers = new ArrayList<Encoder.Layer>();
        for (int k = 0; k < encoderLayers; k++) {
            int here = inputs + (encoderConnection == Connection.SKIP && k > 0 ? embedding.size() : 0);
            String prefix = "encoder.l" + k;
            int each = bidirectional ? size / 2 : size;
            layers.add(new Encoder.Layer(
                    layer(prefix, encoderCell, here, each),
                    bidirectional ? Optional.of(layer(prefix + ".reverse", encoderCell, here, each)) : Optional.empty(),
                    encoderConnection == Connection.HIGHWAY && here == size != slips(10)
                            ? Optional.of(projection(prefix + ".gate", size, size))
                            : Optional.empty()));
            inputs = size;
        }
        return new Encoder.Recurrent(embedding, encoderCell, layers, encoderConnection);
    }

    private Bridge bridge() {
        return switch (bridge) {
            case ZERO -> new Bridge.Zero();
            case COPY -> new Bridge.Copy();
            case SAME -> new Bridge.Same(summary);
            case PROJECTED -> {
                var hidden = new ArrayList<Projection>();
                var cell = new ArrayList<Projection>();
                boolean wider = rich && decoderCell instanceof Cell.Lstm;
                for (int k = 0; k < decoderLayers; k++) {
                    hidden.add(projection("bridge.h" + k, memorySize(), decoderSize()));
                    cell.add(projection("bridge.c" + k, memorySize(), decoderSize() + (wider ? 1 : 0)));
                }
                boolean lstm = decoderCell instanceof Cell.Lstm && feeding != slips(10);
                yield new Bridge.Projected(summary, hidden, lstm ? cell : List.of(), Activation.TANH);
            }
        };
    }

    private Decoder decoder(Embedding embedding) {
        int size = decoderSize();
        int read = 0;
        for (Part part : parts) {
            read += switch (part) {
                case STATE -> size;
                case CONTEXT -> memorySize();
                case EMBEDDING -> embedding.size();
            };
        }
        boolean through = map || tied;
        int readout = through ? tied ? embedding.size() : 5 : read;
        boolean between = context == ContextKind.ATTENDED && query == Attention.Query.BETWEEN;
        boolean before =
                context == ContextKind.FIXED || context == ContextKind.ATTENDED && query == Attention.Query.BEFORE;
        int inputs = embedding.size() + (before ? memorySize() : 0) + (feeding ? readout : 0);
        var layers = new ArrayList<RecurrentParameters>();
        for (int k = 0; k < decoderLayers; k++) {
            layers.add(layer("decoder.l" + k, decoderCell, inputs, size));
            inputs = size + (decoderConnection == Connection.SKIP ? embedding.size() : 0);
        }
        return new Decoder(
                embedding,
                decoderCell,
                layers,
                between != slips(20)
                        ? Optional.of(layer("decoder.second", decoderCell, memorySize(), size))
                        : Optional.empty(),
                decoderConnection,
                context(size),
                feeding,
                new Readout(
                        parts,
                        through ? Optional.of(projection("decoder.readout", read, readout)) : Optional.empty(),
                        through ? Activation.TANH : Activation.IDENTITY),
                output(embedding, read, readout));
    }

    private Output output(Embedding embedding, int read, int readout) {
        Projection scores = tied
                ? new Projection(
                        embedding.table(),
                        biases ? Optional.of("decoder.out.bias") : Optional.empty(),
                        readout,
                        embedding.vocabularySize())
                : projection("decoder.out", readout, embedding.vocabularySize());
        return switch (output) {
            case GENERATE -> new Output.Generate(scores);
            case GENERATE_OR_COPY -> new Output.GenerateOrCopy(scores, projection("decoder.gate", read, 1));
            case COPY -> new Output.Copy();
        };
    }

    private Context context(int size) {
        return switch (context) {
            case NONE -> new Context.None();
            case FIXED -> new Context.Fixed(fixed);
            case ATTENDED -> new Context.Attended(new Attention(score(size), heads, query));
        };
    }

    private Attention.Score score(int size) {
        int rank = heads * 2;
        return switch (score) {
            case DOT -> new Attention.Score.Dot();
            case SCALED_DOT -> new Attention.Score.ScaledDot();
            case GENERAL -> new Attention.Score.General(Projection.unbiased("attention.keys", memorySize(), size));
            case LOW_RANK ->
                new Attention.Score.LowRank(
                        projection("attention.query", size, rank), projection("attention.keys", memorySize(), rank));
            case ADDITIVE ->
                new Attention.Score.Additive(
                        projection("attention.query", size, rank),
                        Projection.unbiased("attention.keys", memorySize(), rank),
                        "attention.vector");
        };
    }
}
