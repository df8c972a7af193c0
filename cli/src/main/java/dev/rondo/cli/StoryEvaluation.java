package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.memory.Answer;
import dev.rondo.memory.AnsweringSession;
import dev.rondo.memory.QuestionAnswering;
import dev.rondo.train.memory.StoryFile;
import dev.rondo.train.memory.StoryQuestion;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** How often a model answers questions about stories as the file does. */
final class StoryEvaluation {
    private StoryEvaluation() {}

    static void run(QuestionAnswering answering, Path data, boolean json, PrintWriter out) throws IOException {
        List<StoryQuestion> questions = StoryFile.read(data.toString(), TextFile.read(data));
        AnsweringSession session = answering.session();
        long start = System.nanoTime();
        int correct = 0;
        int attended = 0;
        int supported = 0;
        for (StoryQuestion question : questions) {
            Answer answer = session.answer(question.sentences(), question.question());
            correct += answer.text().equals(question.answer()) ? 1 : 0;
            if (!question.supporting().isEmpty()) {
                supported++;
                attended += attends(answer.attention(), question.supporting()) ? 1 : 0;
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        double accuracy = 100.0 * correct / questions.size();
        if (json) {
            ObjectNode node = Json.object();
            node.put("questions", questions.size());
            node.put("correct", correct);
            node.put("accuracy", accuracy);
            if (supported > 0) {
                node.put("supporting_attended", 100.0 * attended / supported);
            }
            node.put("seconds", seconds);
            node.put("questions_per_second", questions.size() / seconds);
            Json.print(node, out);
            return;
        }
        out.printf(Locale.ROOT, "questions             %d%n", questions.size());
        out.printf(Locale.ROOT, "accuracy              %.2f%n", accuracy);
        if (supported > 0) {
            // Each supporting sentence is, in some hop, the one with the largest share.
            out.printf(Locale.ROOT, "supports attended to  %.2f%n", 100.0 * attended / supported);
        }
        out.printf(Locale.ROOT, "questions per second  %.0f%n", questions.size() / seconds);
    }

    private static boolean attends(float[][] attention, List<Integer> supporting) {
        return supporting.stream().allMatch(sentence -> {
            for (float[] hop : attention) {
                int best = 0;
                for (int i = 1; i < hop.length; i++) {
                    best = hop[i] > hop[best] ? i : best;
                }
                if (best == sentence) {
                    return true;
                }
            }
            return false;
        });
    }
}
