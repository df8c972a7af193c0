package dev.rondo.train.memory;

import dev.rondo.train.SeededRandom;
import dev.rondo.train.rule.Settings;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Stories of our own in the manner of bAbI: persons walk through rooms and, in stories of two facts, take and drop objects. The
 * same for the same seed.
 *
 * <p>With one fact it is asked where a person is: the last sentence in which that person moves tells. With two facts it is
 * asked where an object is, which takes two sentences: who took it, and where that person went, or where the person was who
 * dropped it. Objects whose place the story does not tell are not asked for.
 *
 * @param facts     1 or 2
 * @param sentences of a story
 * @param questions of a story: it is asked in even distances, where something can be asked
 * @param seed      of all that is random
 */
public record StoryGenerator(int facts, int sentences, int questions, long seed) {
    private static final List<String> PERSONS = List.of("Mary", "John", "Sandra", "Daniel");
    private static final List<String> ROOMS = List.of("kitchen", "bathroom", "bedroom", "garden", "office", "hallway");
    private static final List<String> OBJECTS = List.of("football", "apple", "milk");
    private static final List<String> MOVES =
            List.of("moved to", "went to", "journeyed to", "travelled to", "went back to");
    private static final List<String> TAKES = List.of("took", "got", "grabbed", "picked up");
    private static final List<String> DROPS = List.of("dropped", "left", "put down", "discarded");
    private static final int MAX_SENTENCES = 1000;

    /** @throws dev.rondo.error.InputException when a number is out of range */
    public StoryGenerator {
        Settings.require(facts == 1 || facts == 2, "facts", "is 1 or 2", facts);
        Settings.require(
                sentences >= 1 && sentences <= MAX_SENTENCES, "sentences", "is from 1 to " + MAX_SENTENCES, sentences);
        Settings.require(
                questions >= 1 && questions <= sentences, "questions", "is from 1 to the sentences", questions);
    }

    /** Ten sentences and five questions a story with one fact, twenty and five with two. */
    public static StoryGenerator of(int facts, long seed) {
        return new StoryGenerator(facts, facts == 1 ? 10 : 20, 5, seed);
    }

    /** Writes stories until there are so many questions, in the format of {@link StoryFile}. */
    public void write(int count, Appendable out) throws IOException {
        int written = 0;
        for (long story = 0; written < count; story++) {
            written += new World(SeededRandom.of(seed, facts, story)).write(count - written, out);
        }
    }

    /** What a story has told so far. */
    private final class World {
        private final SeededRandom random;
        /** By person: the room, and the line that told it. */
        private final Map<String, String> room = new HashMap<>();

        private final Map<String, Integer> roomLine = new HashMap<>();
        /** By object: who carries it, where it lies, and the lines that told it. */
        private final Map<String, String> carrier = new HashMap<>();

        private final Map<String, String> place = new HashMap<>();
        private final Map<String, Integer> handLine = new HashMap<>();
        private final Map<String, Integer> placeLine = new HashMap<>();

        World(SeededRandom random) {
            this.random = random;
        }

        private <T> T one(List<T> choices) {
            return choices.get(random.nextInt(choices.size()));
        }

        /** Writes at most so many questions; gives how many. */
        int write(int most, Appendable out) throws IOException {
            int line = 0;
            int asked = 0;
            for (int sentence = 1; sentence <= sentences; sentence++) {
                line++;
                out.append(line + " " + happen(line) + "\n");
                boolean due = sentence * questions / sentences > (sentence - 1) * questions / sentences;
                String question = due && asked < most ? question() : "";
                if (!question.isEmpty()) {
                    line++;
                    asked++;
                    out.append(line + " " + question + "\n");
                }
            }
            return asked;
        }

        /** Lets something happen, and tells it. */
        private String happen(int line) {
            String person = one(PERSONS);
            // Whoever was not yet anywhere goes somewhere; else hands are busy as often as feet.
            if (facts == 2 && room.containsKey(person) && random.nextInt(2) == 0) {
                String object = one(OBJECTS);
                if (person.equals(carrier.get(object))) {
                    carrier.remove(object);
                    place.put(object, room.get(person));
                    handLine.put(object, line);
                    placeLine.put(object, roomLine.get(person));
                    return person + " " + one(DROPS) + " the " + object + ".";
                }
                boolean here = !place.containsKey(object) || place.get(object).equals(room.get(person));
                if (!carrier.containsKey(object) && here) {
                    carrier.put(object, person);
                    handLine.put(object, line);
                    return person + " " + one(TAKES) + " the " + object + ".";
                }
            }
            String to =
                    one(ROOMS.stream().filter(r -> !r.equals(room.get(person))).toList());
            room.put(person, to);
            roomLine.put(person, line);
            return person + " " + one(MOVES) + " the " + to + ".";
        }

        /** A question that can be answered, with answer and lines; empty when there is none. */
        private String question() {
            if (facts == 1) {
                String person = one(PERSONS.stream().filter(room::containsKey).toList());
                return "Where is " + person + "?\t" + room.get(person) + "\t" + roomLine.get(person);
            }
            List<String> known = OBJECTS.stream().filter(handLine::containsKey).toList();
            if (known.isEmpty()) {
                return "";
            }
            String object = one(known);
            String person = carrier.get(object);
            String where = person == null ? place.get(object) : room.get(person);
            int second = person == null ? placeLine.get(object) : roomLine.get(person);
            return "Where is the " + object + "?\t" + where + "\t" + handLine.get(object) + " " + second;
        }
    }
}
