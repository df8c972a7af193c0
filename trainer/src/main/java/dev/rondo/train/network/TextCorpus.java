package dev.rondo.train.network;

import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.NetworkInput;
import dev.rondo.error.InputException;
import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.format.TextPipeline;
import dev.rondo.tagging.CharacterIds;
import dev.rondo.tagging.WordIds;
import dev.rondo.text.Tokenizer;
import dev.rondo.train.data.Vocabulary;
import dev.rondo.translation.Words;
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

    static NetworkCorpus of(
            NetworkTrainingSettings settings, Parts<LabelledText> all, Optional<PretrainedNetwork> start) {
        TextUnits units = settings.units();
        TextPipeline pipeline = start.map(PretrainedNetwork::words).orElseGet(() -> learned(units, all.training()));
        Tokenizer tokenizer = Tokenizer.of(pipeline);
        List<LabelledText> training = all.training().stream()
                .filter(s -> units.maxLength() == 0 || tokenizer.encode(s.text()).length <= units.maxLength())
                .toList();
        var parts = new Parts<>(training, all.validation(), all.test());
        var labels = new Labels(
                "classes",
                training.stream().map(LabelledText::label),
                start.map(PretrainedNetwork::labels).orElse(List.of()));
        Optional<CharacterIds> letters =
                SentenceCorpus.spells(settings) ? Optional.of(letters(units, training, start)) : Optional.empty();
        Optional<WordIds> words = letters.map(_ -> WordIds.of(pipeline));
        Parts<Encoded> encoded = parts.map(s -> new Encoded(
                checked(
                        words.isPresent()
                                ? Words.of(s.text()).stream()
                                        .mapToInt(words.get()::id)
                                        .toArray()
                                : tokenizer.encode(s.text()),
                        s.text()),
                letters.map(c -> Words.of(s.text()).stream().map(c::ids).toArray(int[][]::new)),
                labels.id(s.label())));
        UnknownDropout unknown = UnknownDropout.of(
                pipeline, encoded.training().stream().map(Encoded::ids).toArray(int[][]::new), units.unknownDropout());
        boolean balanced = settings.objective().balanced();
        return new NetworkCorpus(
                examples(encoded.training(), unknown, balanced ? labels : null),
                examples(encoded.validation(), unknown, null),
                encoded.test().isEmpty() ? Optional.empty() : Optional.of(examples(encoded.test(), unknown, null)),
                letters.<NetworkInput>map(c -> new NetworkInput.Words(
                                pipeline.vocabulary().size(),
                                c.tokenizer().pipeline().vocabulary().size()))
                        .orElse(new NetworkInput.Tokens(pipeline.vocabulary().size())),
                LayerStack.Results.CLASSES,
                labels.size(),
                labels.names(),
                Stream.of(
                                Stream.of(pipeline),
                                letters.stream().map(c -> c.tokenizer().pipeline()),
                                Stream.of(labels.pipeline()))
                        .flatMap(p -> p)
                        .toList(),
                Optional.empty(),
                Optional.empty(),
                start.filter(from -> from.labels().equals(labels.names())).isPresent(),
                Map.of(),
                fingerprint(all));
    }

    /** The characters are those of each word. */
    private record Encoded(int[] ids, Optional<int[][]> characters, int label) {}

    private static CharacterIds letters(
            TextUnits units, List<LabelledText> training, Optional<PretrainedNetwork> start) {
        if (units.unit() != Segmentation.WORDS) {
            throw new InputException(
                    "setting unit", "is words where a network spells them", "characters", "change the setting");
        }
        List<String> words =
                training.stream().flatMap(s -> Words.of(s.text()).stream()).toList();
        return CharacterIds.of(
                start.map(PretrainedNetwork::characters).orElseGet(() -> SentenceCorpus.learnedCharacters(words)));
    }

    private static Examples examples(List<Encoded> samples, UnknownDropout unknown, Labels balanced) {
        int[][] ids = samples.stream().map(Encoded::ids).toArray(int[][]::new);
        int[] classes = samples.stream().mapToInt(Encoded::label).toArray();
        var tokens = new Inputs.Tokens(ids, unknown);
        boolean spelt = samples.stream().anyMatch(s -> s.characters().isPresent());
        return new Examples(
                spelt
                        ? new Inputs.Words(
                                tokens,
                                samples.stream()
                                        .map(s -> s.characters().orElseThrow())
                                        .toArray(int[][][]::new))
                        : tokens,
                new Targets.Classes(classes),
                balanced == null ? Labels.even(classes.length) : balanced.balanced(classes));
    }

    private static int[] checked(int[] ids, String text) {
        if (ids.length == 0) {
            throw new InputException("data", "has a word in each text", "'" + text + "'", "leave such texts out");
        }
        Inputs.checkLength(ids.length);
        return ids;
    }

    private static TextPipeline learned(TextUnits units, List<LabelledText> training) {
        List<String> texts = training.stream().map(s -> normal(s.text(), units)).toList();
        return Vocabulary.reading(
                PIPELINE,
                units.unit(),
                units.lowercase() ? Normalisation.LOWERCASE : Normalisation.NONE,
                units.unit() == Segmentation.CHARACTERS
                        ? Vocabulary.countCharacters(texts)
                        : Vocabulary.countWords(texts),
                units.vocabularySize(),
                units.minCount());
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
