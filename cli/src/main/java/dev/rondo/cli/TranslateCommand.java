package dev.rondo.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.Model;
import dev.rondo.cli.chart.HeatMap;
import dev.rondo.error.InputException;
import dev.rondo.format.TextPipeline;
import dev.rondo.search.Hypothesis;
import dev.rondo.translation.NoisyChannel;
import dev.rondo.translation.Translation;
import dev.rondo.translation.TranslationOptions;
import dev.rondo.translation.Translator;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Translates. */
@Command(
        name = "translate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Translates standard input, a sentence a line, to standard output, a line each, both in UTF-8.",
            "Lines that are there together are translated together; a line that is typed is answered at once, Ctrl-D"
                    + " ends.",
            "A file: rondo translate MODEL < FILE."
        })
final class TranslateCommand implements Callable<Integer> {
    /** Lines that are read ahead, for each thread: sentences of like length share steps. */
    private static final int BATCHES_AHEAD = 8;

    private static final int MOST_MAPS = 100;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "A .rondo file with a translation model.")
    private Path file;

    @Mixin
    private SearchOptions search;

    @Mixin
    private FusionOptions fusion;

    @Mixin
    private PrefixOptions prefix;

    @Mixin
    private RescoreOptions rescore;

    @Option(
            names = "--scores",
            description =
                    "Print the score before each translation, and a tab: its log-probability with the penalties, by "
                            + "default a token's mean; higher is better.")
    private boolean scores;

    @Option(
            names = "--heatmap",
            paramLabel = "FILE",
            description = "Draw what each token attended to, as SVG, of the first " + MOST_MAPS + " sentences.")
    private Path heatMap;

    @Option(
            names = "--json",
            description = "Print a JSON object a sentence: translations with scores, and the scores of their tokens.")
    private boolean json;

    @Mixin
    private KernelOption kernels;

    private long line;
    private String endToken;
    private final List<HeatMap> maps = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        int threads = search.threads();
        if (heatMap != null) {
            OutputFile.check("--heatmap", heatMap, inputs());
        }
        PrefixOptions.Prefixes prefixes = prefix.prefixes();
        Optional<Model> language = fusion.open();
        Optional<Rescoring> rescoring = Optional.empty();
        try (Model model = Model.open(file)) {
            Translator translator = Translator.of(model, kernels.kernel());
            if (heatMap != null && model.function("step").output("attention").isEmpty()) {
                throw new InputException(
                        "--heatmap", "shows attention", "a model without attention", "leave the option out");
            }
            TranslationOptions options =
                    fusion.apply(search.options(translator, heatMap != null), translator, language);
            options = rescore.apply(prefix.apply(options));
            rescoring = rescore.open();
            Optional<Supplier<NoisyChannel>> channel = rescoring.map(r -> () -> r.channel(kernels.kernel()));
            try (var translation = new ParallelTranslation(translator, options, channel, threads)) {
                endToken = end(translator.target().pipeline());
                translate(translation, prefixes, threads * search.batch() * BATCHES_AHEAD);
            }
        } finally {
            rescoring.ifPresent(Rescoring::close);
            language.ifPresent(Model::close);
        }
        if (heatMap != null) {
            HeatMap.write(maps, heatMap);
        }
        return Main.DONE;
    }

    /** All files that are read. */
    private List<Path> inputs() {
        var inputs = new ArrayList<>(List.of(file));
        inputs.addAll(fusion.files());
        inputs.addAll(prefix.files());
        inputs.addAll(rescore.files());
        return inputs;
    }

    private void translate(ParallelTranslation translation, PrefixOptions.Prefixes prefixes, int most)
            throws IOException {
        Main main = (Main) spec.root().userObject();
        var input = new LineInput(main.in());
        if (main.isTerminal()) {
            // Else somebody waits for the command, which waits for them.
            spec.commandLine().getErr().println("a sentence a line; Ctrl-D ends");
        }
        PrintWriter out = spec.commandLine().getOut();
        for (List<String> lines = input.next(most); !lines.isEmpty(); lines = input.next(most)) {
            List<String> begins = prefixes.of(line, lines.size());
            for (Translation found : translation.translate(lines, begins, prefixes.bias())) {
                line++;
                Translation one = best(found);
                print(one, out);
                if (heatMap != null && maps.size() < MOST_MAPS) {
                    map(one).ifPresent(maps::add);
                }
            }
            out.flush();
        }
        prefixes.end(line);
    }

    /** A channel ranks more than is asked for. */
    private Translation best(Translation found) {
        int most = prefix.lists() ? found.nBest().size() : search.nBest();
        return new Translation(
                found.source(), found.nBest().stream().limit(most).toList());
    }

    private void print(Translation translation, PrintWriter out) {
        if (json) {
            out.println(json(translation));
            return;
        }
        List<Translation.Candidate> candidates = translation.nBest();
        if (search.nBest() == 1 && !prefix.lists()) {
            String score = scores ? String.format(Locale.ROOT, "%.6f\t", translation.score()) : "";
            out.print(score + translation.text() + "\n");
            return;
        }
        for (Translation.Candidate candidate : candidates) {
            String score = scores ? String.format(Locale.ROOT, "%.6f\t", candidate.score()) : "";
            out.print(line + "\t" + score + candidate.text() + "\n");
        }
    }

    private String json(Translation translation) {
        ObjectNode node = Json.object();
        node.put("line", line);
        ArrayNode source = node.putArray("source");
        translation.source().forEach(source::add);
        ArrayNode candidates = node.putArray("translations");
        for (Translation.Candidate candidate : translation.nBest()) {
            Hypothesis hypothesis = candidate.hypothesis();
            ObjectNode one = candidates.addObject();
            one.put("text", candidate.text());
            one.put("score", candidate.score());
            one.put("log_prob", hypothesis.logProb());
            one.put("ended", hypothesis.ended());
            ArrayNode tokens = one.putArray("tokens");
            candidate.tokens().forEach(tokens::add);
            ArrayNode tokenScores = one.putArray("token_scores");
            for (float score : hypothesis.tokenScores()) {
                tokenScores.add(score);
            }
        }
        try {
            return new ObjectMapper().writeValueAsString(node);
        } catch (JsonProcessingException impossible) {
            throw new AssertionError(impossible); // a tree of numbers and texts
        }
    }

    private static String end(TextPipeline target) {
        return target.vocabulary().get(target.special().end());
    }

    private Optional<HeatMap> map(Translation translation) {
        if (translation.nBest().isEmpty() || translation.source().isEmpty()) {
            return Optional.empty();
        }
        Translation.Candidate best = translation.nBest().getFirst();
        var rows = new ArrayList<>(best.tokens());
        if (best.hypothesis().ended()) {
            rows.add(endToken);
        }
        // Places of longer sentences in the same batch are padding.
        int places = translation.source().size();
        float[][] weights = Arrays.stream(best.hypothesis().attention())
                .map(row -> Arrays.copyOf(row, places))
                .toArray(float[][]::new);
        return Optional.of(new HeatMap(rows, translation.source(), weights));
    }
}
