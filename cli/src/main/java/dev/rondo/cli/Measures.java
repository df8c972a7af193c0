package dev.rondo.cli;

import dev.rondo.train.Evaluation;
import java.util.Locale;

/**
 * What the numbers of a kind of training are called.
 *
 * @param unit    what a target is: {@code character} or {@code word}
 * @param loss    what a loss is measured in, for each unit: {@code nats}
 * @param quality what is better when it is more: {@code BLEU}; of 100, as all qualities are
 * @param text    whether tokens of a text are predicted, whose loss has a perplexity
 */
record Measures(String unit, String loss, String quality, boolean text) {
    private static final String NATS = "nats";
    private static final String QUALITY = "quality";

    /** Cross-entropies of the tokens of a text, and no quality. */
    static Measures ofText(String unit) {
        return new Measures(unit, NATS, QUALITY, true);
    }

    /** Cross-entropies, and no quality. */
    static Measures nats(String unit) {
        return new Measures(unit, NATS, QUALITY, false);
    }

    /** Errors of that kind, and no quality. */
    static Measures error(String kind, String unit) {
        return new Measures(unit, kind + " error", QUALITY, false);
    }

    /** The same with a quality. */
    Measures withQuality(String name) {
        return new Measures(unit, loss, name, text);
    }

    /** {@code nats per word}. */
    String lossUnit() {
        return loss + " per " + unit;
    }

    /** A loss with its unit; of texts also the perplexity. */
    String lossText(double value) {
        return String.format(Locale.ROOT, "%.4f %s", value, lossUnit())
                + (text ? String.format(Locale.ROOT, ", perplexity %.4f", Math.exp(value)) : "");
    }

    /** {@code BLEU 12.34}; nothing where there is no quality. */
    String qualityText(Evaluation evaluation) {
        return evaluation.hasQuality() ? String.format(Locale.ROOT, "%s %.2f", quality, evaluation.quality()) : "";
    }

    /** The quality's key in JSON: {@code validation_macro_f1} of {@code macro F1}. */
    String qualityKey() {
        return "validation_" + quality.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
    }
}
