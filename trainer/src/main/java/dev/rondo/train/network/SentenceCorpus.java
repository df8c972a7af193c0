package dev.rondo.train.network;

import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.NetworkInput;
import dev.rondo.error.InputException;
import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.format.TextPipeline;
import dev.rondo.tagging.CharacterIds;
import dev.rondo.tagging.WordIds;
import dev.rondo.train.data.Vocabulary;
import dev.rondo.train.tagging.TaggedSentence;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Tagged sentences as ids: of words, and of their characters where the network reads them. */
final class SentenceCorpus {
    private static final String WORDS = "words";
    private static final String CHARACTERS = "characters";
    private static final Pattern SPELLS = Pattern.compile("\\b" + CHARACTERS + "\\s*\\(");

    private final TextPipeline words;
    private final WordIds wordIds;
    private final Optional<CharacterIds> characterIds;
    private final Labels labels;
    /** The characters of a word, which many sentences share. */
    private final Map<String, int[]> spellings = new HashMap<>();

    private SentenceCorpus(
            NetworkTrainingSettings settings, List<TaggedSentence> training, Optional<PretrainedNetwork> start) {
        if (settings.units().unit() != Segmentation.WORDS) {
            throw new InputException("setting unit", "is words for taggers", "characters", "change the setting");
        }
        this.words = start.map(PretrainedNetwork::words).orElseGet(() -> learnedWords(settings.units(), training));
        this.wordIds = WordIds.of(words);
        this.labels = new Labels(
                "tags",
                training.stream().flatMap(s -> s.tags().stream()),
                start.map(PretrainedNetwork::labels).orElse(List.of()));
        this.characterIds = spells(settings)
                ? Optional.of(CharacterIds.of(start.map(PretrainedNetwork::characters)
                        .orElseGet(() -> learnedCharacters(training.stream()
                                .flatMap(s -> s.tokens().stream())
                                .toList()))))
                : Optional.empty();
    }

    private static TextPipeline learnedWords(TextUnits units, List<TaggedSentence> training) {
        var counts = new HashMap<String, Long>();
        training.forEach(s -> s.tokens().forEach(token -> counts.merge(normal(token, units), 1L, Long::sum)));
        return Vocabulary.reading(
                WORDS,
                Segmentation.WORDS,
                units.lowercase() ? Normalisation.LOWERCASE : Normalisation.NONE,
                counts,
                units.vocabularySize(),
                units.minCount());
    }

    /** Whether a network reads how words are spelt. */
    static boolean spells(NetworkTrainingSettings settings) {
        return SPELLS.matcher(settings.network()).find();
    }

    /** Letters as they are written: a capital says something. */
    static TextPipeline learnedCharacters(List<String> tokens) {
        return Vocabulary.reading(
                CHARACTERS, Segmentation.CHARACTERS, Normalisation.NONE, Vocabulary.countCharacters(tokens), 0, 1);
    }

    private static String normal(String token, TextUnits units) {
        return units.lowercase() ? token.toLowerCase(Locale.ROOT) : token;
    }

    static NetworkCorpus of(
            NetworkTrainingSettings settings, Parts<TaggedSentence> all, Optional<PretrainedNetwork> start) {
        int most = settings.units().maxLength();
        List<TaggedSentence> training = all.training().stream()
                .filter(s -> most == 0 || s.tokens().size() <= most)
                .toList();
        var corpus = new SentenceCorpus(settings, training, start);
        UnknownDropout unknown = UnknownDropout.of(
                corpus.words,
                training.stream().map(corpus::ids).toArray(int[][]::new),
                settings.units().unknownDropout());
        int vocabulary = corpus.words.vocabulary().size();
        List<TextPipeline> pipelines = Stream.of(
                        Stream.of(corpus.words),
                        corpus.characterIds.stream().map(c -> c.tokenizer().pipeline()),
                        Stream.of(corpus.labels.pipeline()))
                .flatMap(p -> p)
                .toList();
        return new NetworkCorpus(
                corpus.examples(training, unknown),
                corpus.examples(all.validation(), unknown),
                all.test().isEmpty() ? Optional.empty() : Optional.of(corpus.examples(all.test(), unknown)),
                corpus.characterIds
                        .<NetworkInput>map(c -> new NetworkInput.Words(
                                vocabulary,
                                c.tokenizer().pipeline().vocabulary().size()))
                        .orElse(new NetworkInput.Tokens(vocabulary)),
                LayerStack.Results.TAGS,
                corpus.labels.size(),
                corpus.labels.names(),
                pipelines,
                Optional.empty(),
                Optional.empty(),
                start.filter(from -> from.labels().equals(corpus.labels.names()))
                        .isPresent(),
                Map.of(),
                fingerprint(all));
    }

    private int[] ids(TaggedSentence sentence) {
        Inputs.checkLength(sentence.tokens().size());
        return sentence.tokens().stream().mapToInt(wordIds::id).toArray();
    }

    private Examples examples(List<TaggedSentence> sentences, UnknownDropout unknown) {
        int[][] ids = sentences.stream().map(this::ids).toArray(int[][]::new);
        int[][] tags = sentences.stream()
                .map(s -> s.tags().stream().mapToInt(labels::id).toArray())
                .toArray(int[][]::new);
        var tokens = new Inputs.Tokens(ids, unknown);
        Inputs inputs = characterIds
                .<Inputs>map(c -> new Inputs.Words(
                        tokens,
                        sentences.stream()
                                .map(s -> s.tokens().stream()
                                        .map(token -> spellings.computeIfAbsent(token, c::ids))
                                        .toArray(int[][]::new))
                                .toArray(int[][][]::new)))
                .orElse(tokens);
        return new Examples(
                inputs,
                new Targets.Tags(
                        tags,
                        labels.classWeights(
                                Arrays.stream(tags).flatMapToInt(Arrays::stream).toArray())),
                Labels.even(ids.length));
    }

    private static String fingerprint(Parts<TaggedSentence> parts) {
        var fingerprint = new Fingerprint();
        Stream.of(parts.training(), parts.validation(), parts.test()).forEach(part -> {
            fingerprint.add("" + part.size());
            part.forEach(sentence -> {
                sentence.tokens().forEach(fingerprint::add);
                sentence.tags().forEach(fingerprint::add);
            });
        });
        return fingerprint.hex();
    }
}
