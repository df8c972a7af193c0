package dev.rondo.train.memory;

import dev.rondo.error.InputException;
import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.memory.QuestionAnswering;
import dev.rondo.memory.StoryReading;
import dev.rondo.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Questions as ids. Validation questions have the words of training alone; what they have beside is unknown.
 *
 * @param pipeline    of words: padding, the unknown, then all words and answers of training in alphabetical order
 * @param reading     of stories, the last sentence first
 * @param fingerprint SHA-256 of all
 */
record StoryCorpus(
        TextPipeline pipeline,
        StoryReading reading,
        List<Question> training,
        List<Question> validation,
        String fingerprint) {
    static final String PADDING = "<pad>";
    static final String UNKNOWN = "<unk>";

    /**
     * A question.
     *
     * @param places the ids of the sentences in the memory, from place 0 on, each J
     * @param query  J ids
     */
    record Question(List<int[]> places, int[] query, int answer) {}

    static StoryCorpus of(StoryTexts texts, int sentences) {
        List<StoryQuestion> training = StoryFile.read("training stories", texts.training());
        List<StoryQuestion> validation = StoryFile.read("validation stories", texts.validation());
        var words = new TreeSet<String>();
        int longest = 1;
        for (StoryQuestion q : training) {
            for (String sentence : q.sentences()) {
                List<String> found = StoryReading.words(sentence);
                words.addAll(found);
                longest = Math.max(longest, found.size());
            }
            List<String> asked = StoryReading.words(q.question());
            words.addAll(asked);
            longest = Math.max(longest, asked.size());
            words.add(q.answer());
        }
        words.remove(PADDING);
        words.remove(UNKNOWN);
        var vocabulary = new ArrayList<>(List.of(PADDING, UNKNOWN));
        vocabulary.addAll(words);
        var pipeline = new TextPipeline(
                QuestionAnswering.WORDS,
                Normalisation.NONE,
                Segmentation.WORDS,
                vocabulary,
                List.of(),
                new SpecialIds(1, -1, -1, 0));
        var reading = new StoryReading(Tokenizer.of(pipeline), longest, sentences, true);
        return new StoryCorpus(
                pipeline, reading, encode(reading, training), encode(reading, validation), fingerprint(texts));
    }

    /** Sentences of one text are one array: stories of several questions share them. */
    private static List<Question> encode(StoryReading reading, List<StoryQuestion> questions) {
        Map<String, int[]> known = new HashMap<>();
        var encoded = new ArrayList<Question>();
        for (StoryQuestion q : questions) {
            var places = new ArrayList<int[]>();
            for (int sentence : reading.places(q.sentences().size())) {
                places.add(known.computeIfAbsent(q.sentences().get(sentence), reading::sentence));
            }
            int answer = reading.tokenizer().pipeline().vocabulary().indexOf(q.answer());
            encoded.add(new Question(
                    List.copyOf(places), known.computeIfAbsent(q.question(), reading::sentence), Math.max(1, answer)));
        }
        if (encoded.stream().allMatch(q -> q.places.isEmpty())) {
            throw new InputException("stories", "have sentences", "questions only", "give stories");
        }
        return List.copyOf(encoded);
    }

    private static String fingerprint(StoryTexts texts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(texts.training().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0xFF); // no byte of UTF-8
            digest.update(texts.validation().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible); // every JDK has SHA-256
        }
    }
}
