package dev.rondo.memory;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.error.InputException;
import dev.rondo.sequence.Given;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Answers question after question in the same buffers; they grow with the longest story. Belongs to the thread that made it. */
public final class AnsweringSession {
    private static final int LIKELIEST = 5;

    private final QuestionAnswering answering;
    private final Model.Kernel kernel;
    private int capacity;
    private Session session;

    AnsweringSession(QuestionAnswering answering, Model.Kernel kernel) {
        this.answering = answering;
        this.kernel = kernel;
    }

    /**
     * Answers a question about a story.
     *
     * @param story its sentences, in order; of more than the memory has places, the last ones count
     * @throws InputException when a sentence or the question is too long, or the question has no words
     */
    public Answer answer(List<String> story, String question) {
        Given.all("sentences of the story", story);
        Given.given("question", question);
        StoryReading reading = answering.reading();
        if (StoryReading.words(question).isEmpty()) {
            throw new InputException("question", "has words", "'" + question + "'", "ask something");
        }
        int[] query = reading.sentence(question);
        int[] places = reading.places(story.size());
        int size = Math.max(1, places.length);
        int[] ids = new int[size * reading.words()];
        for (int place = 0; place < places.length; place++) {
            int[] sentence = reading.sentence(story.get(places[place]));
            System.arraycopy(sentence, 0, ids, place * reading.words(), reading.words());
        }
        if (size > capacity) {
            capacity = Math.max(size, Math.min(2 * capacity, reading.sentences()));
            session = answering.model().session(new Capacity(Map.of("B", 1, "S", capacity)), kernel);
        }
        session.size("S", size);
        Call call = session.call("answer");
        call.input("story").copyFrom(ids);
        call.input("query").copyFrom(query);
        call.input("sentences").set(0, (long) places.length);
        call.run();
        return answer(call, places, size, story.size());
    }

    private Answer answer(Call call, int[] places, int size, int sentences) {
        float[] looks = call.output("hop_attention").toFloats();
        float[][] attention = new float[looks.length / size][sentences];
        for (int hop = 0; hop < attention.length; hop++) {
            for (int place = 0; place < places.length; place++) {
                attention[hop][places[place]] = looks[hop * size + place];
            }
        }
        List<Answer.Candidate> likeliest = likeliest(call.output("logits").toFloats());
        Answer.Candidate best = likeliest.getFirst();
        return new Answer(best.text(), best.probability(), likeliest, attention);
    }

    private List<Answer.Candidate> likeliest(float[] logits) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - largest);
        }
        var likeliest = new ArrayList<Answer.Candidate>();
        List<Integer> order = IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparingDouble(id -> -logits[id]))
                .limit(LIKELIEST)
                .toList();
        for (int id : order) {
            String text = answering.reading().tokenizer().token(id);
            likeliest.add(new Answer.Candidate(text, Math.exp(logits[id] - largest) / sum));
        }
        return likeliest;
    }
}
