package dev.rondo.train.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.train.BatchSource;
import dev.rondo.train.Loss;
import dev.rondo.train.Optimizer;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.Shard;
import dev.rondo.train.Trainer;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.TrainingTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainedVectorsTest {
    private static final List<String> VOCABULARY = List.of("<unk>", "Rome", "wasn't", "rome", "Paris");

    @TempDir
    Path folder;

    private PretrainedVectors vectors() throws IOException {
        Path file = Files.writeString(folder.resolve("v"), "rome 1 2 3\nParis -1 -2 -3\nberlin 9 9 9\n");
        return PretrainedVectors.read(file, VOCABULARY, 3);
    }

    @Test
    void eachTokenHasItsRowOrThatOfItsLowerCase() throws IOException {
        PretrainedVectors vectors = vectors();
        assertEquals(5, vectors.count());
        assertEquals(3, vectors.size());
        assertEquals(3, vectors.known());
        assertEquals(1, vectors.lowered());
        float[] rows = vectors.rows();
        assertArrayEquals(new float[] {1, 2, 3}, Arrays.copyOfRange(rows, 3, 6), "Rome has the vector of rome");
        assertArrayEquals(new float[] {1, 2, 3}, Arrays.copyOfRange(rows, 9, 12));
        assertArrayEquals(new float[] {-1, -2, -3}, Arrays.copyOfRange(rows, 12, 15));
        assertTrue(vectors.coverage().startsWith("3 of 5 tokens"), vectors.coverage());
    }

    @Test
    void unknownTokensHaveRandomRowsAsLargeAsTheOthersAndTheirOwn() throws IOException {
        var vocabulary = new ArrayList<String>();
        var text = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            text.append("w").append(i).append(i % 2 == 0 ? " 5 -3\n" : " 3 -5\n");
            vocabulary.add("w" + i);
        }
        for (int i = 0; i < 2000; i++) {
            vocabulary.add("new" + i);
        }
        Path file = Files.writeString(folder.resolve("v"), text);
        float[] rows = PretrainedVectors.read(file, vocabulary, 1).rows();
        double sum = 0;
        double squares = 0;
        for (int k = 400; k < rows.length; k++) {
            sum += rows[k];
            squares += rows[k] * rows[k];
        }
        int count = rows.length - 400;
        assertEquals(0, sum / count, 0.2);
        assertEquals(Math.sqrt(17), Math.sqrt(squares / count), 0.2);
        assertFalse(rows[400] == rows[402]);
        assertArrayEquals(rows, PretrainedVectors.read(file, vocabulary, 1).rows(), "the same for a seed");
    }

    @Test
    void anEmbeddingOfAnotherSizeIsRefused() throws IOException {
        ParameterStore parameters = ParameterStore.of(network(5, 4), List.of());
        var wrong = assertThrows(InputException.class, () -> vectors().copyTo(parameters, "embedding"));
        assertTrue(wrong.getMessage().contains("set the embedding's size to 3"), wrong.getMessage());
    }

    /** Σ over rows of (Σ embedding[token] · w − 1)². */
    private static Function network(int rows, int size) {
        FunctionBuilder f = Function.builder("training");
        var row = f.gather(f.weight("embedding", rows, size), f.input("token", ElementType.I32, "B"));
        var y = f.linear(row, f.weight("w", 1, size), dev.rondo.graph.Value.ABSENT);
        Loss.squaredError(f, y, f.input("target", ElementType.F32, "B", 1));
        return f.build();
    }

    private float[] trained(List<String> frozen) throws IOException {
        PretrainedVectors vectors = vectors();
        var task = new TrainingTask() {
            private final Function function = network(5, 3);

            @Override
            public Function function() {
                return function;
            }

            @Override
            public Map<String, Integer> capacity() {
                return Map.of("B", 5);
            }

            @Override
            public void initialise(ParameterStore parameters, long seed) {
                vectors.copyTo(parameters, "embedding");
                parameters.set("w", new float[] {0.1f, 0.2f, -0.3f});
            }

            @Override
            public BatchSource batches() {
                return new BatchSource() {
                    @Override
                    public long batchesPerEpoch() {
                        return 5;
                    }

                    @Override
                    public long targetsPerBatch() {
                        return 5;
                    }

                    @Override
                    public void fill(int epoch, long batch, List<Shard> shards) {
                        for (int i = 0; i < 5; i++) {
                            shards.getFirst().size("B", 5);
                            shards.getFirst().input("token").set(i, (long) i);
                            shards.getFirst().input("target").set(i, 1.0);
                        }
                    }
                };
            }
        };
        TrainingSettings s = TrainingSettings.of(Optimizer.sgd(), 0.01, 1, 1);
        var settings =
                new TrainingSettings(s.optimizer(), s.learningRate(), s.gradient(), 1, 0, 0, 0, 1, frozen, 1, 1, 1);
        try (var trainer = new Trainer(task, settings)) {
            trainer.train(Optional.empty(), TrainingListener.SILENT);
            return trainer.parameters().get("embedding");
        }
    }

    @Test
    void frozenRowsStayAndFineTunedOnesMove() throws IOException {
        assertArrayEquals(vectors().rows(), trained(List.of("embedding")));
        assertFalse(Arrays.equals(vectors().rows(), trained(List.of())));
    }
}
