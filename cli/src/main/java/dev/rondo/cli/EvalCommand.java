package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.Score;
import dev.rondo.classification.Classifier;
import dev.rondo.error.InputException;
import dev.rondo.memory.QuestionAnswering;
import dev.rondo.ngram.NgramModel;
import dev.rondo.prediction.Predictor;
import dev.rondo.tagging.Tagger;
import dev.rondo.text.Tokenizer;
import dev.rondo.train.data.ParallelText;
import dev.rondo.train.memory.TuringMachineTraining;
import dev.rondo.train.synthetic.SyntheticEvaluation;
import dev.rondo.translation.NoisyChannel;
import dev.rondo.translation.TranslationOptions;
import dev.rondo.translation.Translator;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures how well a model does on data. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures how well a language model predicts a text, a translation model translates one, a tagger tags"
                    + " sentences, a classifier classifies texts, rows of numbers or images, or how far predicted"
                    + " numbers are from the right ones.",
            "Every token is predicted from all before it: the text is read once, with the state carried through. The "
                    + "first token is predicted from the model's begin token; a model without one is given it.",
            "With a model of n-grams each line is a sentence: it is predicted from its beginning, and its end too.",
            "Translations are judged by BLEU, of words as the lines have them (tok:none) and as mteval's 13a divides "
                    + "them, and by chrF. BLEU counts four words in a row: of references of fewer words it is 0, and "
                    + "exact, how many are the same as their reference, says more.",
            "Taggers and classifiers are judged by accuracy, and each tag or class by precision, recall and F1.",
            "Of a memory network it says how many questions of --data, stories in the format of bAbI, it answers"
                    + " right.",
            "A model of 'rondo train synthetic' answers new sequences of its task and length, one of 'train ntm'"
                    + " copies new ones."
        })
final class EvalCommand implements Callable<Integer> {
    private static final int MAX_DIGITS = 100;

    private static final Set<String> COMMON = Set.of("--json", "--kernel", "--plain", "--debug");
    private static final Set<String> OF_TEXTS =
            Set.of("--data", "--first", "--last", "--interpolate", "--weight", "--weight-from");
    private static final Predicate<String> LANGUAGE_MODELS = o -> COMMON.contains(o) || OF_TEXTS.contains(o);
    private static final Predicate<String> TAGGERS =
            o -> COMMON.contains(o) || LabelledData.COMMON.contains(o) || TaggedTextOptions.NAMES.contains(o);
    private static final Predicate<String> CLASSIFIERS =
            o -> COMMON.contains(o) || LabelledData.COMMON.contains(o) || LabelledData.OF_CLASSES.contains(o);
    private static final Predicate<String> CLASSES_OF_NUMBERS = o -> COMMON.contains(o)
            || LabelledData.COMMON.contains(o)
            || NumberData.OF_CLASSES.contains(o)
            || o.equals("--label-column");
    private static final Predicate<String> NUMBERS =
            o -> COMMON.contains(o) || NumberData.OF_NUMBERS.contains(o) || o.equals("--data");
    private static final Predicate<String> SYNTHETIC = o -> COMMON.contains(o) || SyntheticOptions.NAMES.contains(o);
    private static final Predicate<String> ANSWERS = o -> COMMON.contains(o) || o.equals("--data");
    private static final Predicate<String> TRANSLATION = o -> !OF_TEXTS.contains(o)
            && !LabelledData.COMMON.contains(o)
            && !LabelledData.OF_CLASSES.contains(o)
            && !TaggedTextOptions.NAMES.contains(o)
            && !NumberData.OF_CLASSES.contains(o)
            && !NumberData.OF_NUMBERS.contains(o)
            && !SyntheticOptions.NAMES.contains(o);

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "MODEL",
            description =
                    "A .rondo file with a language model, a translation model, a tagger, a classifier, a network of"
                            + " numbers or a memory network.")
    private Path file;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "A text in UTF-8, for a language model; tagged sentences; texts or rows of numbers with their"
                    + " classes; rows with the numbers to predict; stories.")
    private Path data;

    @Option(names = "--source", paramLabel = "FILE", description = "Sentences to translate, a line each.")
    private Path source;

    @Option(names = "--reference", paramLabel = "FILE", description = "Their translations.")
    private Path reference;

    @Mixin
    private ComparisonOptions comparison;

    @Option(
            names = "--first",
            paramLabel = "SHARE",
            description = "Only the first part of the text, for example 0.9 (characters, rounded down).")
    private BigDecimal first;

    @Option(
            names = "--last",
            paramLabel = "SHARE",
            description = "Only the last part of the text: --last 0.1 is what --first 0.9 leaves out.")
    private BigDecimal last;

    @Mixin
    private InterpolationOptions interpolation;

    @Mixin
    private LabelledData labelled;

    @Mixin
    private NumberData numbers;

    @Mixin
    private SyntheticOptions synthetic;

    @Mixin
    private SearchOptions search;

    @Mixin
    private FusionOptions fusion;

    @Mixin
    private RescoreOptions rescore;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Mixin
    private KernelOption kernels;

    @Override
    public Integer call() throws IOException {
        if (source != null || reference != null) {
            evaluateTranslation();
            return Main.DONE;
        }
        if (data == null && !numbers.hasImages() && !synthetic.isGiven()) {
            throw missing("none of them");
        }
        try (Model model = Model.open(file)) {
            switch (model.metadata().getOrDefault("task", "")) {
                case Tagger.TASK -> evaluateTagger(model);
                case Classifier.TASK -> evaluateClassifier(model);
                case Predictor.TASK -> evaluateNumbers(model);
                case QuestionAnswering.TASK -> evaluateAnswers(model);
                case SyntheticEvaluation.TASK -> evaluateSynthetic();
                case TuringMachineTraining.TASK -> evaluateCopies(model);
                default -> evaluateText(model);
            }
        }
        return Main.DONE;
    }

    private static InputException missing(String got) {
        return new InputException(
                "eval",
                "needs --data; or --source and --reference for a translation model, --images and --labels for one of"
                        + " images, --sequences for one of a synthetic task",
                got,
                "name the texts");
    }

    /** @throws InputException when there is none */
    private Path data() {
        if (data == null) {
            throw missing("no --data for this model");
        }
        return data;
    }

    private void evaluateTagger(Model model) throws IOException {
        refuse(TAGGERS, "is for models of another task than " + Tagger.TASK);
        labelled.evaluate(Tagger.of(model, kernels.kernel()), file, data(), json, out());
    }

    private void evaluateClassifier(Model model) throws IOException {
        if (Predictor.isIn(model)) {
            refuse(CLASSES_OF_NUMBERS, "is not for classifiers of numbers");
            if (!numbers.hasImages()) {
                data();
            }
            List<Path> read = numbers.files(data);
            var all = new ArrayList<>(read);
            all.add(file);
            labelled.check(all);
            Predictor predictor = Predictor.of(model, kernels.kernel());
            labelled.report(numbers.classify(model, predictor, data, labelled.label()), read.getFirst(), json, out());
            return;
        }
        refuse(CLASSIFIERS, "is for models of another task than " + Classifier.TASK);
        labelled.evaluate(Classifier.of(model, kernels.kernel()), file, data(), json, out());
    }

    private void evaluateNumbers(Model model) throws IOException {
        refuse(NUMBERS, "is for models of another task than " + Predictor.TASK);
        numbers.predict(model, Predictor.of(model, kernels.kernel()), data()).print(json, out());
    }

    private void evaluateSynthetic() throws IOException {
        refuse(SYNTHETIC, "is for models of another task than " + SyntheticEvaluation.TASK);
        synthetic.run(file, kernels.kernel(), json, out());
    }

    private void evaluateCopies(Model model) {
        refuse(SYNTHETIC, "is for models of another task than " + TuringMachineTraining.TASK);
        synthetic.copy(model, kernels.kernel(), json, out());
    }

    private void evaluateAnswers(Model model) throws IOException {
        refuse(ANSWERS, "is for models of another task than " + QuestionAnswering.TASK);
        StoryEvaluation.run(QuestionAnswering.of(model, kernels.kernel()), data(), json, out());
    }

    private void evaluateText(Model model) throws IOException {
        refuse(LANGUAGE_MODELS, "is for models of another task than prediction of texts");
        checkShare("--first", first);
        checkShare("--last", last);
        if (first != null && last != null) {
            throw new InputException(
                    "--first and --last", "exclude each other", "both", "evaluate the parts one after the other");
        }
        interpolation.check();
        if (interpolation.isGiven()) {
            interpolation.run(NgramModel.of(model), part(), kernels.kernel(), json, out());
        } else if (NgramModel.isIn(model)) {
            kernels.refuse("n-grams, which compute nothing");
            NgramEvaluation.run(NgramModel.of(model), part(), json, out());
        } else {
            LanguageModel language = LanguageModel.of(model, kernels.kernel());
            String text = language.tokenizer().normalise(part());
            int[] tokens = language.tokenizer().encode(text);
            long start = System.nanoTime();
            Score score = language.score(tokens);
            double seconds = (System.nanoTime() - start) / 1e9;
            int given = tokens.length - score.tokens();
            long characters = text.codePoints().count()
                    - (given == 0
                            ? 0
                            : language.tokenizer().token(tokens[0]).codePoints().count());
            print(score, characters, unknown(language.tokenizer(), tokens), seconds);
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private void evaluateTranslation() throws IOException {
        if (source == null || reference == null) {
            throw new InputException(
                    "--source and --reference",
                    "belong together",
                    "one of them",
                    "name both, line i of one translates " + "line i of the other");
        }
        refuse(TRANSLATION, "is for models of another task than translation");
        comparison.check(file, List.of(source, reference));
        ParallelText text = ParallelText.of(
                source.toString(), TextFile.read(source), reference.toString(), TextFile.read(reference));
        List<Path> models = comparison.models(file);
        Optional<Model> language = fusion.open();
        Optional<Rescoring> rescoring = Optional.empty();
        try {
            var found = new ArrayList<TranslationEvaluation>();
            // What is no translation model is found out before the work begins.
            for (Path one : models) {
                try (Model model = Model.open(one)) {
                    options(Translator.of(model, kernels.kernel()), language);
                }
            }
            rescoring = rescore.open();
            for (Path one : models) {
                found.add(evaluate(one, text, language, rescoring));
            }
            comparison.report(models, found, json, spec.commandLine().getOut());
        } finally {
            rescoring.ifPresent(Rescoring::close);
            language.ifPresent(Model::close);
        }
    }

    private TranslationEvaluation evaluate(
            Path path, ParallelText text, Optional<Model> language, Optional<Rescoring> rescoring) throws IOException {
        try (Model model = Model.open(path)) {
            Translator translator = Translator.of(model, kernels.kernel());
            TranslationOptions options = options(translator, language);
            Optional<Supplier<NoisyChannel>> channel = rescoring.map(r -> () -> r.channel(kernels.kernel()));
            try (var translation = new ParallelTranslation(translator, options, channel, search.threads())) {
                return TranslationEvaluation.of(translation, translator.target(), text);
            }
        }
    }

    private TranslationOptions options(Translator translator, Optional<Model> language) {
        return rescore.apply(fusion.apply(search.options(translator, false), translator, language));
    }

    /** Refuses what has no meaning here. */
    private void refuse(Predicate<String> takes, String rule) {
        for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            if (!takes.test(option.longestName())) {
                throw new InputException(option.longestName(), rule, "it for this model", "leave it out");
            }
        }
    }

    private static void checkShare(String option, BigDecimal share) {
        Range.check(
                share == null || share.signum() > 0 && share.compareTo(BigDecimal.ONE) <= 0,
                option,
                "is above 0 and at most 1",
                share);
        // More would only cost time, a billion of them hours.
        Range.check(
                share == null || Math.abs((long) share.scale()) <= MAX_DIGITS,
                option,
                "has at most " + MAX_DIGITS + " digits",
                share);
    }

    private String part() throws IOException {
        String text = TextFile.read(data());
        if (first != null) {
            return TextFile.first(text, first);
        }
        return last == null ? text : TextFile.last(text, last);
    }

    /** How many tokens stand for what the vocabulary lacks. */
    private static long unknown(Tokenizer tokenizer, int[] tokens) {
        int unknown = tokenizer.pipeline().special().unknown();
        return unknown < 0 ? 0 : Arrays.stream(tokens).filter(t -> t == unknown).count();
    }

    private void print(Score score, long characters, long unknown, double seconds) {
        PrintWriter out = spec.commandLine().getOut();
        double bits = -score.logProb() / Math.log(2) / characters;
        double speed = score.tokens() / seconds;
        if (json) {
            ObjectNode result = Json.object();
            result.put("tokens", score.tokens());
            result.put("unknown_tokens", unknown);
            result.put("characters", characters);
            result.put("nats_per_token", score.crossEntropy());
            result.put("perplexity", score.perplexity());
            if (unknown == 0) {
                result.put("bits_per_character", bits);
            }
            result.put("seconds", seconds);
            result.put("tokens_per_second", speed);
            Json.print(result, out);
            return;
        }
        out.printf(Locale.ROOT, "tokens              %d%n", score.tokens());
        if (unknown > 0) {
            out.printf(Locale.ROOT, "unknown tokens      %d, not comparable with other vocabularies%n", unknown);
        }
        out.printf(Locale.ROOT, "nats per token      %.6f%n", score.crossEntropy());
        out.printf(Locale.ROOT, "perplexity          %.4f%n", score.perplexity());
        if (unknown == 0) {
            // Who predicts "unknown" has not said the characters.
            out.printf(Locale.ROOT, "bits per character  %.6f%n", bits);
        }
        out.printf(Locale.ROOT, "tokens per second   %.0f%n", speed);
    }
}
