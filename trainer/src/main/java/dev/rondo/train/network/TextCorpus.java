package dev.rondo.train.network;

import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.NetworkInput;
import dev.rondo.error.InputException;
import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.format.TextPipeline;
import dev.rondo.text.Tokenizer;
import dev.rondo.train.data.Vocabulary;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Texts with classes as ids. */
final class TextCorpus {
    /** The pipeline that reads the text. */
    static final String PIPELINE = "words";

    private TextCorpus() {}

    static NetworkCorpus of(NetworkTrainingSettings settings, Parts<LabelledText> all) {
        TextUnits units = settings.units();
        List<String> texts = all.training().stream().map(s -> normal(s.text(), units)).toList();
        Map<String, Long> counts = units.unit() == Segmentation.CHARACTERS
                ? Vocabulary.countCharacters(texts)
                : Vocabulary.countWords(texts);
        Map<String, Long> kept = Map.copyOf(counts);
        TextPipeline pipeline = Vocabulary.reading(
                PIPELINE,
                units.unit(),
                units.lowercase() ? Normalisation.LOWERCASE : Normalisation.NONE,
                counts,
                units.vocabularySize(),
                units.minCount());
        Tokenizer tokenizer = Tokenizer.of(pipeline);
        List<LabelledText> training = all.training().stream()
                .filter(s -> units.maxLength() == 0 || tokenizer.encode(s.text()).length <= units.maxLength())
                .toList();
        var parts = new Parts<>(training, all.validation(), all.test());
        var labels = new Labels("classes", training.stream().map(LabelledText::label));
        var unknown = unknown(pipeline, kept, units);
        Parts<Encoded> encoded =
                parts.map(s -> new Encoded(encode(tokenizer, s.text()), labels.id(s.label())));
        boolean balanced = settings.objective().balanced();
        return new NetworkCorpus(
                examples(encoded.training(), unknown, balanced ? labels : null),
                examples(encoded.validation(), unknown, null),
                encoded.test().isEmpty()
                        ? Optional.empty()
                        : Optional.of(examples(encoded.test(), unknown, null)),
                new NetworkInput.Tokens(pipeline.vocabulary().size()),
                LayerStack.Results.CLASSES,
                labels.size(),
                labels.names(),
                List.of(pipeline, labels.pipeline()),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                fingerprint(all));
    }

    private record Encoded(int[] ids, int label) {}

    private static Examples examples(List<Encoded> samples, UnknownDropout unknown, Labels balanced) {
        int[][] ids = samples.stream().map(Encoded::ids).toArray(int[][]::new);
        int[] classes = samples.stream().mapToInt(Encoded::label).toArray();
        return new Examples(
                new Inputs.Tokens(ids, unknown),
                new Targets.Classes(classes),
                balanced == null ? Labels.even(classes.length) : balanced.balanced(classes));
    }

    private static int[] encode(Tokenizer tokenizer, String text) {
        int[] ids = tokenizer.encode(text);
        if (ids.length == 0) {
            throw new InputException("data", "has a word in each text", "'" + text + "'", "leave such texts out");
        }
        return ids;
    }

    /** What training reads as unknown now and then: what occurs once. */
    static UnknownDropout unknown(TextPipeline pipeline, Map<String, Long> counts, TextUnits units) {
        boolean[] rare = new boolean[pipeline.vocabulary().size()];
        for (int id = 0; id < rare.length; id++) {
            rare[id] = counts.getOrDefault(pipeline.vocabulary().get(id), 0L) == 1;
        }
        return new UnknownDropout(pipeline.special().unknown(), rare, units.unknownDropout());
    }

    /** As the pipeline will normalise it. */
    private static String normal(String text, TextUnits units) {
        return units.lowercase() ? text.toLowerCase(Locale.ROOT) : text;
    }

    private static String fingerprint(Parts<LabelledText> parts) {
        var fingerprint = new Fingerprint();
        Stream.of(parts.training(), parts.validation(), parts.test()).forEach(part -> {
            fingerprint.add("" + part.size());
            part.forEach(sample -> {
                fingerprint.add(sample.label());
                fingerprint.add(sample.text());
            });
        });
        return fingerprint.hex();
    }
}
