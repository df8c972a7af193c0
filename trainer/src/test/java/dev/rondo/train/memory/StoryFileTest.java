package dev.rondo.train.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoryFileTest {
    private static final String STORIES = """
        1 Mary moved to the bathroom.
        2 John went to the hallway.
        3 Where is Mary?\tbathroom\t1
        4 Mary took the milk.
        5 Where is the milk? \tbathroom\t4 1
        1 Sandra left.
        2 Who left?\tSandra,Mary
        """;

    private static String stories(int facts, int count, long seed) {
        var text = new StringBuilder();
        try {
            StoryGenerator.of(facts, seed).write(count, text);
        } catch (IOException impossible) {
            throw new AssertionError(impossible); // a builder does not fail
        }
        return text.toString();
    }

    @Test
    void readsStoriesOfSeveralQuestions() {
        for (String text : List.of(STORIES, STORIES.replace("\n", "\r\n"))) {
            List<StoryQuestion> questions = StoryFile.read("test", text);
            List<String> first = List.of("Mary moved to the bathroom.", "John went to the hallway.");
            assertEquals(3, questions.size());
            assertEquals(new StoryQuestion(first, "Where is Mary?", "bathroom", List.of(0)), questions.getFirst());
            // Line 4 is the third sentence: questions are none.
            assertEquals(List.of(2, 0), questions.get(1).supporting());
            assertEquals(3, questions.get(1).sentences().size());
            assertEquals(
                    new StoryQuestion(List.of("Sandra left."), "Who left?", "Sandra,Mary", List.of()),
                    questions.get(2));
        }
    }

    /** What is replaced in the stories above, by what, and the line that is named. */
    private static Stream<Arguments> wrongLines() {
        return Stream.of(
                Arguments.of("2 John", "3 John", "line 2"),
                Arguments.of("2 John", "99999999999999 John", "line 2"),
                Arguments.of("1 Mary", "Mary", "line 1"),
                Arguments.of("1 Mary", "2 Mary", "line 1"),
                Arguments.of("1 Mary moved to the bathroom.", "1 ", "line 1"),
                Arguments.of("\t1\n", "\t9\n", "line 3"),
                Arguments.of("\t1\n", "\t3\n", "line 3"),
                Arguments.of("\t1\n", "\tone\n", "line 3"),
                Arguments.of("bathroom\t1\n", "bathroom\t1\t2\n", "line 3"),
                Arguments.of("\tbathroom\t", "\tthe bathroom\t", "line 3"));
    }

    @ParameterizedTest
    @MethodSource("wrongLines")
    void errorsNameTheLine(String right, String wrong, String line) {
        assertTrue(STORIES.contains(right));
        String text = STORIES.replaceFirst(Pattern.quote(right), wrong);
        String message = assertThrows(FormatException.class, () -> StoryFile.read("test", text))
                .getMessage();
        assertTrue(message.contains("test, " + line), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "1 A sentence.\n"})
    void aFileWithoutQuestionsIsRefused(String text) {
        assertTrue(assertThrows(FormatException.class, () -> StoryFile.read("test", text))
                .getMessage()
                .contains("questions"));
    }

    @Test
    void generatedStoriesAreThoseOfTheirSeed() {
        for (int facts = 1; facts <= 2; facts++) {
            assertEquals(stories(facts, 50, 3), stories(facts, 50, 3));
            assertNotEquals(stories(facts, 50, 3), stories(facts, 50, 4));
            assertEquals(50, StoryFile.read("test", stories(facts, 50, 3)).size());
            assertEquals(777, StoryFile.read("test", stories(facts, 777, 3)).size());
        }
        assertThrows(InputException.class, () -> StoryGenerator.of(3, 1));
        assertThrows(InputException.class, () -> new StoryGenerator(1, 5, 6, 1));
    }

    /** Whoever follows a story from its beginning, sentence by sentence, comes to the same answers. */
    @Test
    void generatedAnswersFollowFromTheirStories() {
        for (int facts = 1; facts <= 2; facts++) {
            Set<String> answers = new HashSet<>();
            for (StoryQuestion q : StoryFile.read("test", stories(facts, 2000, 5))) {
                Map<String, String> where = follow(q.sentences());
                String[] words = q.question().replace("?", "").split(" ");
                String asked = words[words.length - 1];
                assertEquals(where.get(asked), q.answer(), q.toString());
                assertEquals(facts, new HashSet<>(q.supporting()).size(), q.toString());
                // What supports names the thing or the place.
                assertTrue(q.sentences().get(q.supporting().getFirst()).contains(asked), q.toString());
                assertTrue(q.sentences().get(q.supporting().getLast()).contains(q.answer()), q.toString());
                answers.add(q.answer());
            }
            assertEquals(6, answers.size());
        }
    }

    /** Where each person and each object is in the end. */
    private static Map<String, String> follow(List<String> sentences) {
        Map<String, String> where = new HashMap<>();
        Map<String, String> holder = new HashMap<>();
        for (String sentence : sentences) {
            String[] words = sentence.replace(".", "").split(" ");
            String person = words[0];
            String thing = words[words.length - 1];
            String verb = String.join(" ", List.of(words).subList(1, words.length - 2));
            switch (verb) {
                case "moved to", "went to", "journeyed to", "travelled to", "went back to" -> where.put(person, thing);
                case "took", "got", "grabbed", "picked up" -> {
                    assertEquals(null, holder.put(thing, person), "nobody takes what another carries");
                    assertEquals(where.get(person), where.getOrDefault(thing, where.get(person)), "from afar");
                }
                case "dropped", "left", "put down", "discarded" ->
                    assertEquals(person, holder.remove(thing), "nobody drops what another carries");
                default -> throw new AssertionError(verb);
            }
            holder.forEach((object, who) -> where.put(object, where.get(who)));
        }
        return where;
    }
}
