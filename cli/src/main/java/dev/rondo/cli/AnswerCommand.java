package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.Model;
import dev.rondo.cli.chart.HeatMap;
import dev.rondo.memory.Answer;
import dev.rondo.memory.AnsweringSession;
import dev.rondo.memory.QuestionAnswering;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Answers questions about a story. */
@Command(
        name = "answer",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Reads a story from standard input, a sentence a line, and answers each line that ends with a question"
                    + " mark from what came before it. An empty line begins another story.",
            "Lines may be numbered as in bAbI, where 1 begins another story and what follows a question after a tab is"
                    + " left out."
        })
final class AnswerCommand implements Callable<Integer> {
    private static final Pattern NUMBERED = Pattern.compile("([0-9]{1,6}) (.*)");
    private static final int MOST_MAPS = 100;
    private static final int MOST_SENTENCES = 1 << 16;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "A .rondo file of 'rondo train stories'.")
    private Path file;

    @Option(
            names = "--heatmap",
            paramLabel = "FILE",
            description = "Draw what each hop attended to, as SVG; of the first " + MOST_MAPS + " questions.")
    private Path heatMap;

    @Option(names = "--json", description = "Print an object a question, with probabilities and attention.")
    private boolean json;

    @Mixin
    private KernelOption kernels;

    @Override
    public Integer call() throws IOException {
        if (heatMap != null) {
            OutputFile.check("--heatmap", heatMap, List.of(file));
        }
        var maps = new ArrayList<HeatMap>();
        Main main = (Main) spec.root().userObject();
        PrintWriter out = spec.commandLine().getOut();
        try (Model model = Model.open(file)) {
            AnsweringSession session =
                    QuestionAnswering.of(model, kernels.kernel()).session();
            if (main.isTerminal()) {
                // Else somebody waits for the command, which waits for them.
                spec.commandLine().getErr().println("a sentence a line, then a question; Ctrl-D ends");
            }
            var input = new LineInput(main.in());
            var story = new ArrayList<String>();
            for (List<String> lines = input.next(1); !lines.isEmpty(); lines = input.next(1)) {
                String line = lines.getFirst().strip();
                Matcher numbered = NUMBERED.matcher(line);
                boolean number = numbered.matches();
                if (line.isEmpty() || number && Integer.parseInt(numbered.group(1)) == 1) {
                    story.clear();
                }
                String text = (number ? numbered.group(2) : line).split("\t", 2)[0].strip();
                if (text.endsWith("?")) {
                    Answer answer = session.answer(story, text);
                    print(text, answer, out);
                    if (heatMap != null && maps.size() < MOST_MAPS && !story.isEmpty()) {
                        maps.add(map(story, text, answer));
                    }
                } else if (!text.isEmpty()) {
                    Range.check(
                            story.size() < MOST_SENTENCES,
                            "story",
                            "has at most " + MOST_SENTENCES + " sentences",
                            "more");
                    story.add(text);
                }
            }
        }
        if (heatMap != null) {
            HeatMap.write(maps, heatMap);
        }
        return Main.DONE;
    }

    private void print(String question, Answer answer, PrintWriter out) {
        if (json) {
            ObjectNode node = Json.object();
            node.put("question", question);
            node.put("answer", answer.text());
            node.put("probability", answer.probability());
            ArrayNode likeliest = node.putArray("likeliest");
            for (Answer.Candidate candidate : answer.likeliest()) {
                likeliest.addObject().put("answer", candidate.text()).put("probability", candidate.probability());
            }
            ArrayNode attention = node.putArray("attention");
            for (float[] hop : answer.attention()) {
                ArrayNode shares = attention.addArray();
                for (float share : hop) {
                    shares.add(share);
                }
            }
            Json.print(node, out);
        } else {
            out.print(answer.text() + "\n");
        }
        out.flush();
    }

    /** Sentences from above, hops from the left, the question and its answer above them. */
    private static HeatMap map(List<String> story, String question, Answer answer) {
        float[][] attention = answer.attention();
        float[][] shares = new float[story.size()][attention.length];
        for (int sentence = 0; sentence < shares.length; sentence++) {
            for (int hop = 0; hop < attention.length; hop++) {
                shares[sentence][hop] = attention[hop][sentence];
            }
        }
        return new HeatMap(
                question + " " + answer.text(),
                story,
                IntStream.rangeClosed(1, attention.length)
                        .mapToObj(hop -> "hop " + hop)
                        .toList(),
                shares);
    }
}
