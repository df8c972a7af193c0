package dev.rondo.tests.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.architecture.Dropout;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.RondoFile;
import dev.rondo.format.Tensor;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.tests.session.Places;
import dev.rondo.train.FineTuning;
import dev.rondo.train.GradientRun;
import dev.rondo.train.Loss;
import dev.rondo.train.Optimizer;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.Shard;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.Workers;
import dev.rondo.train.lm.LanguageModelSettings;
import dev.rondo.train.lm.LanguageModelTraining;
import dev.rondo.train.lm.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training goes on where a model of PyTorch ended: two tied LSTM layers over 37 characters. */
class FineTuningTest {
    private static final Path CASE = Places.root().resolve("converters/src/test/resources/pytorch/cases/lm");
    private static final String CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789 ";
    private static final String TEXT = "the cat sees the dog and the dog sees the cat again ".repeat(40);

    @TempDir
    Path folder;

    private Path converted;

    @BeforeEach
    void convert() throws IOException {
        String vocabulary = String.join(
                ", ", CHARACTERS.chars().mapToObj(c -> "\"" + (char) c + "\"").toList());
        Path config = Files.writeString(folder.resolve("config.json"), """
            {"architecture": "language-model", "cell": "lstm", "embedding": "embedding.weight",
             "parameters": "pytorch", "recurrent": "rnn", "vocabulary": [%s], "segmentation": "characters",
             "output": {"weight": "decoder.weight", "bias": "decoder.bias"}}
            """.formatted(vocabulary));
        converted = folder.resolve("converted.rondo");
        Conversion.convert(ConversionRequest.of(CASE.resolve("model.pt"), converted)
                .withConfig(config)
                .withDtype(Encoding.F32));
    }

    private static LanguageModelSettings.Builder settings() {
        return LanguageModelSettings.builder()
                .dropout(Dropout.NONE)
                .batchSize(4)
                .steps(16)
                .warmUp(0)
                .encoding(Encoding.F32);
    }

    private TrainingResult tune(LanguageModelSettings settings, Path out) throws IOException {
        return LanguageModelTraining.fineTune(
                settings, Texts.of(TEXT), converted, out, Optional.empty(), TrainingListener.SILENT);
    }

    private static double perplexity(Path file) throws IOException {
        try (Model model = Model.load(file)) {
            return LanguageModel.of(model)
                    .score(TEXT.substring((int) (TEXT.length() * 0.9)))
                    .perplexity();
        }
    }

    private static float[] tensor(Path file, String name) throws IOException {
        try (RondoFile read = RondoFile.load(file)) {
            return read.tensors().get(name).toFloats();
        }
    }

    /** With a learning rate of nothing the file that comes out is the model that went in. */
    @Test
    void aConvertedLanguageModelIsWhereTrainingBegins() throws IOException {
        Path out = folder.resolve("same.rondo");
        tune(
                settings()
                        .optimizer(Optimizer.sgd())
                        .learningRate(1e-30)
                        .maxSteps(1)
                        .build(),
                out);
        try (RondoFile before = RondoFile.load(converted);
                RondoFile after = RondoFile.load(out)) {
            assertEquals(before.texts(), after.texts());
            assertEquals(before.tensors().keySet(), after.tensors().keySet());
            for (String name : before.tensors().keySet()) {
                assertArrayEquals(
                        before.tensors().get(name).toFloats(),
                        after.tensors().get(name).toFloats(),
                        name);
            }
        }
        assertEquals(perplexity(converted), perplexity(out), 1e-4);
    }

    @Test
    void itLearnsANewTextAndFrozenPartsStay() throws IOException {
        Path out = folder.resolve("tuned.rondo");
        var settings = settings()
                .learningRate(0.01)
                .epochs(6)
                .frozen(List.of("layer0.*"))
                .build();
        TrainingResult result = tune(settings, out);
        assertTrue(perplexity(converted) > 20, "" + perplexity(converted));
        assertTrue(perplexity(out) < 3, "" + perplexity(out));
        assertEquals(result.bestPerplexity(), perplexity(out), 1e-3);
        assertArrayEquals(tensor(converted, "layer0.weight_hidden"), tensor(out, "layer0.weight_hidden"));
        assertFalse(Arrays.equals(tensor(converted, "layer1.weight_hidden"), tensor(out, "layer1.weight_hidden")));
    }

    @Test
    void aRunThatWasStoppedGoesOnWithItsModelAndNotWithout() throws IOException {
        var settings = settings().epochs(2).evaluateEvery(10).build();
        Path whole = folder.resolve("whole.rondo");
        tune(settings, whole);
        Path out = folder.resolve("resumed.rondo");
        Path checkpoint = folder.resolve("checkpoint");
        int[] left = {7};
        LanguageModelTraining.fineTune(
                settings, Texts.of(TEXT), converted, out, Optional.of(checkpoint), new TrainingListener() {
                    @Override
                    public boolean stopRequested() {
                        return --left[0] == 0;
                    }
                });
        assertFalse(Files.exists(out));
        var wrong = assertThrows(
                InputException.class,
                () -> LanguageModelTraining.resume(checkpoint, Texts.of(TEXT), out, 1, TrainingListener.SILENT));
        assertTrue(wrong.getMessage().contains("--from"), wrong.getMessage());
        LanguageModelTraining.resumeFineTuning(checkpoint, Texts.of(TEXT), converted, out, 1, TrainingListener.SILENT);
        assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(out));
    }

    /** Any function of any file: here one parameter is trained a step, and all else in the file is as it was. */
    @Test
    void oneStepOnAFunctionOfAFileChangesWhatIsTrainedAndNothingElse() throws IOException {
        Path out = folder.resolve("step.rondo");
        try (RondoFile file = RondoFile.load(converted)) {
            Function training = FineTuning.training(
                    file,
                    "sequence",
                    "logits",
                    (f, logits) -> Loss.crossEntropy(f, logits, f.input("targets", ElementType.I32, "B", "T")));
            ParameterStore parameters = ParameterStore.of(training, List.of("embedding", "layer*"));
            parameters.load(file.tensors());
            try (Workers workers = Workers.of(1)) {
                var run = new GradientRun(training, parameters, Map.of("B", 1, "T", 5), 1, Model.Kernel.BEST, workers);
                Shard shard = run.shards().getFirst();
                shard.size("B", 1);
                shard.size("T", 5);
                for (int t = 0; t < 5; t++) {
                    shard.input("tokens").set(t, (long) t);
                    shard.input("targets").set(t, (long) t + 1);
                }
                shard.input("lengths").set(0, 5L);
                double before = run.run().loss();
                parameters.update(Optimizer.sgd(), 0.5, 1);
                assertTrue(run.run().loss() < before);
            }
            FineTuning.write(out, file, parameters, Set.of("output.bias"));
        }
        try (RondoFile before = RondoFile.load(converted);
                RondoFile after = RondoFile.load(out)) {
            assertEquals(before.metadata(), after.metadata());
            assertEquals(before.texts(), after.texts());
            assertEquals(before.functions(), after.functions());
            assertEquals(before.tensors().keySet(), after.tensors().keySet());
            for (Tensor tensor : before.tensors().values()) {
                Tensor now = after.tensors().get(tensor.name());
                assertEquals(tensor.encoding(), now.encoding());
                assertEquals(tensor.layout(), now.layout());
                assertEquals(
                        !tensor.name().equals("output.bias"), tensor.data().mismatch(now.data()) == -1, tensor.name());
            }
        }
    }

    @Test
    void tensorsThatAreMissingOrOfOtherShapesAreListed() throws IOException {
        try (RondoFile file = RondoFile.load(converted)) {
            var f = Function.builder("other");
            var x = f.gather(f.weight("embedding", 37, 21), f.input("token", ElementType.I32, "B"));
            Loss.squaredError(
                    f, f.linear(x, f.weight("head", 1, 21), Value.ABSENT), f.input("target", ElementType.F32, "B", 1));
            ParameterStore parameters = ParameterStore.of(f.build(), List.of());
            var wrong = assertThrows(InputException.class, () -> parameters.load(file.tensors()));
            assertTrue(wrong.getMessage().contains("embedding [37, 21] is [37, 20]"), wrong.getMessage());
            assertTrue(wrong.getMessage().contains("head [1, 21] is missing"), wrong.getMessage());
            assertArrayEquals(new float[37 * 21], parameters.get("embedding"), "nothing has changed");
        }
    }
}
