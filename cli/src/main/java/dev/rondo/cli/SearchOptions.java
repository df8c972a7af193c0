package dev.rondo.cli;

import dev.rondo.error.InputException;
import dev.rondo.search.BeamOptions;
import dev.rondo.search.Constraints;
import dev.rondo.search.LengthPenalty;
import dev.rondo.search.Stopping;
import dev.rondo.search.Variety;
import dev.rondo.translation.TranslationOptions;
import dev.rondo.translation.Translator;
import dev.rondo.translation.Unknowns;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import picocli.CommandLine.Option;

/** How translations are searched for. */
final class SearchOptions {
    private static final Map<String, DoubleFunction<LengthPenalty>> FORMS =
            Map.of("power", LengthPenalty.Power::new, "gnmt", LengthPenalty.Gnmt::new);

    private static final Map<String, BeamOptions.Policy> POLICIES =
            Map.of("refill", BeamOptions.Policy.REFILL, "shrink", BeamOptions.Policy.SHRINK);

    @Option(
            names = "--beam",
            paramLabel = "K",
            defaultValue = "5",
            description = "Hypotheses of a sentence that live at once; 1 is greedy (default: ${DEFAULT-VALUE}).")
    private int beam;

    @Option(
            names = "--length-penalty",
            paramLabel = "A",
            description = "Results are ranked by their log-probability divided by length^A; 0 for no penalty "
                    + "(default: 1).")
    private Double lengthPenalty;

    @Option(
            names = "--length-form",
            paramLabel = "FORM",
            description = "power, or gnmt: ((5 + length) / 6)^A (default: power).")
    private String lengthForm;

    @Option(
            names = "--coverage-penalty",
            paramLabel = "B",
            defaultValue = "0",
            description = "Punishes what of the source got no attention (default: ${DEFAULT-VALUE}).")
    private double coveragePenalty;

    @Option(
            names = "--patience",
            paramLabel = "P",
            description = "End when P times K hypotheses are finished (default: when none that lives can overtake).")
    private Double patience;

    @Option(
            names = "--policy",
            paramLabel = "POLICY",
            description =
                    "Whether the place of a hypothesis that has ended goes to the next (refill) or is lost (shrink) "
                            + "(default: refill; shrink with a beam of 1, which is then greedy).")
    private String policy;

    @Option(
            names = "--n-best",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Translations of each sentence, a line each, after the sentence's number; eval judges the best "
                            + "(default: ${DEFAULT-VALUE}).")
    private int nBest;

    @Option(
            names = "--diverse-groups",
            paramLabel = "G",
            description = "Divide the beam into groups that avoid each other's tokens (default: no groups).")
    private Integer groups;

    @Option(
            names = "--diversity",
            paramLabel = "X",
            description = "What a token costs that a group before has chosen (default: 0.5).")
    private Double diversity;

    @Option(
            names = "--sample",
            paramLabel = "SEED",
            description = "Draw K different translations instead of searching for the best (stochastic beam).")
    private Long sample;

    @Option(
            names = "--min-length",
            paramLabel = "N",
            defaultValue = "0",
            description = "Tokens of a translation at least, its end included (default: ${DEFAULT-VALUE}).")
    private int minLength;

    @Option(
            names = "--max-length",
            paramLabel = "N",
            defaultValue = "256",
            description = "Tokens of a translation at most (default: ${DEFAULT-VALUE}).")
    private int maxLength;

    @Option(
            names = "--max-length-factor",
            paramLabel = "X",
            description = "Tokens of a translation at most, as a factor of its source's (default: 3, and 10 more).")
    private Double maxFactor;

    @Option(
            names = "--no-repeat-ngram",
            paramLabel = "N",
            defaultValue = "0",
            description = "No N tokens in a row occur twice; 0 allows it (default: ${DEFAULT-VALUE}).")
    private int noRepeatNgram;

    @Option(
            names = "--suppress",
            paramLabel = "TOKEN",
            description = "A token of the vocabulary that must not occur; may be repeated.")
    private List<String> suppress = List.of();

    @Option(
            names = "--unknown",
            paramLabel = "WHAT",
            defaultValue = "keep",
            description = "What becomes of the unknown token: keep, suppress, or replace it by the source's token that "
                    + "attention was on (default: ${DEFAULT-VALUE}).")
    private String unknown;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "16",
            description = "Sentences that share a step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(names = "--threads", paramLabel = "N", description = "How many translate (default: one a core).")
    private Integer threads;

    int nBest() {
        return nBest;
    }

    int batch() {
        return batch;
    }

    int threads() {
        Range.check(threads == null || threads >= 1 && threads <= 64, "--threads", "is 1 to 64", threads);
        return threads == null ? Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 64) : threads;
    }

    /**
     * What the options say.
     *
     * @param attention whether results are to carry it
     */
    TranslationOptions options(Translator translator, boolean attention) {
        Range.check(batch >= 1 && batch <= 1024, "--batch", "is 1 to 1024", batch);
        return TranslationOptions.of(
                        beam(attention, translator.target().pipeline().vocabulary()))
                .withBatch(batch)
                .withUnknowns(Choice.of(
                        "--unknown",
                        unknown,
                        Map.of("keep", Unknowns.KEEP, "suppress", Unknowns.SUPPRESS, "replace", Unknowns.REPLACE)));
    }

    /**
     * What the options say.
     *
     * @param attention  whether results are to carry it
     * @param vocabulary of the target
     */
    private BeamOptions beam(boolean attention, List<String> vocabulary) {
        Range.check(beam >= 1 && beam <= 1024, "--beam", "is 1 to 1024", beam);
        Range.check(nBest >= 1 && nBest <= beam, "--n-best", "is 1 to the beam of " + beam, nBest);
        if (diversity != null && groups == null) {
            throw new InputException("--diversity", "belongs to --diverse-groups", "none", "give both");
        }
        if (sample != null && groups != null) {
            throw new InputException("--sample and --diverse-groups", "exclude each other", "both", "leave one out");
        }
        refuseOfSamples("--length-penalty", lengthPenalty);
        refuseOfSamples("--length-form", lengthForm);
        refuseOfSamples("--patience", patience);
        refuseOfSamples("--policy", policy);
        Variety variety = Variety.NONE;
        if (groups != null) {
            variety = new Variety.Diverse(groups, diversity == null ? 0.5 : diversity);
        } else if (sample != null) {
            variety = new Variety.Stochastic(sample);
        }
        BeamOptions usual = TranslationOptions.usual(beam);
        BeamOptions options = usual.withNBest(nBest)
                .withPolicy(policy == null ? usual.policy() : Choice.of("--policy", policy, POLICIES))
                .withStopping(patience == null ? usual.stopping() : new Stopping.Patience(patience))
                .withCoveragePenalty(coveragePenalty)
                .withAttention(attention)
                .withConstraints(constraints(usual.constraints(), vocabulary));
        // First the penalty: samples have none.
        return options.withLengthPenalty(lengthPenalty()).withVariety(variety);
    }

    private LengthPenalty lengthPenalty() {
        return sample != null
                ? LengthPenalty.NONE
                : Choice.of("--length-form", lengthForm == null ? "power" : lengthForm, FORMS)
                        .apply(lengthPenalty == null ? 1 : lengthPenalty);
    }

    /** Samples are drawn and not ranked: what says how to rank or when to stop has no meaning. */
    private void refuseOfSamples(String option, Object value) {
        if (sample != null && value != null) {
            throw new InputException(option, "is not given with --sample, which draws", "both", "leave one out");
        }
    }

    private Constraints constraints(Constraints usual, List<String> vocabulary) {
        var suppressed = new ArrayList<Integer>();
        for (String token : suppress) {
            int found = vocabulary.indexOf(token);
            if (found < 0) {
                throw new InputException(
                        "--suppress", "is a token of the target's vocabulary", "'" + token + "'", "check the spelling");
            }
            suppressed.add(found);
        }
        Constraints limited = maxFactor == null ? usual : usual.withMaxFactor(maxFactor, 0);
        return limited.withMaxLength(maxLength)
                .withMinLength(minLength)
                .withNoRepeatNgram(noRepeatNgram)
                .withSuppressed(suppressed);
    }
}
