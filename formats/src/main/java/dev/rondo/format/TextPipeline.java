package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.util.List;
import java.util.Objects;

/**
 * How text becomes ids and ids become text.
 *
 * @param name          unique in the file, for example {@code source}, {@code target}, {@code labels}
 * @param normalisation done first
 * @param segmentation  done second
 * @param vocabulary    the token of each id, all different; any text, line breaks included
 * @param merges        for byte pairs: {@code left right} with one space between, the one that joins first comes first;
 *                      empty for the other segmentations
 * @param special       ids inside the vocabulary, or -1
 */
public record TextPipeline(
        String name,
        Normalisation normalisation,
        Segmentation segmentation,
        List<String> vocabulary,
        List<String> merges,
        SpecialIds special) {
    /** @throws FormatException when a name, a token, a merge or an id breaks a rule */
    public TextPipeline {
        Names.name("text pipeline name", name);
        Objects.requireNonNull(normalisation);
        Objects.requireNonNull(segmentation);
        Objects.requireNonNull(special);
        vocabulary = List.copyOf(vocabulary);
        merges = List.copyOf(merges);
        String subject = "text pipeline " + Names.quote(name);
        for (String token : vocabulary) {
            Names.text(subject + ", token", token);
        }
        Names.distinct(subject + ", vocabulary", vocabulary);
        if (!merges.isEmpty() && segmentation != Segmentation.BYTE_PAIRS) {
            throw new FormatException(
                    subject,
                    "only byte pairs have merges",
                    merges.size() + " merges with " + segmentation,
                    "set the segmentation to BYTE_PAIRS");
        }
        for (String merge : merges) {
            Names.text(subject + ", merge", merge);
            int space = merge.indexOf(' ');
            if (space < 1 || space == merge.length() - 1 || merge.indexOf(' ', space + 1) >= 0) {
                throw new FormatException(
                        subject + ", merge",
                        "must be two parts with one space between",
                        Names.quote(merge),
                        "skip the header line of a merges file");
            }
        }
        Names.distinct(subject + ", merges", merges);
        checkId(subject, "unknown", special.unknown(), vocabulary.size());
        checkId(subject, "begin", special.begin(), vocabulary.size());
        checkId(subject, "end", special.end(), vocabulary.size());
        checkId(subject, "padding", special.padding(), vocabulary.size());
    }

    private static void checkId(String subject, String role, int id, int size) {
        if (id < -1 || id >= size) {
            throw new FormatException(
                    subject + ", special id " + role,
                    "must be -1 or below the vocabulary's size",
                    id + " with " + size + " tokens",
                    "write the id of a token of this vocabulary");
        }
    }
}
