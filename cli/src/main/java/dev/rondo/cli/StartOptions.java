package dev.rondo.cli;

import dev.rondo.error.InputException;
import dev.rondo.format.RondoFile;
import dev.rondo.train.network.NetworkStart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** What a network of texts begins as. */
final class StartOptions {
    static final Set<String> NAMES = Set.of("--from", "--vectors");

    /** The embedding of words. */
    private static final String EMBEDDING = "embedding";

    @Option(
            names = "--from",
            paramLabel = "MODEL",
            description = "Begin as this model, with its vocabularies and, if it was trained by this command and no"
                    + " --network is named, its network. Of a converted model name the --network; of a language"
                    + " model, too: its embedding, its recurrent layers, and what follows them. What gives classes"
                    + " begins anew where they are others.")
    private Path from;

    @Option(
            names = "--vectors",
            paramLabel = "FILE",
            description =
                    "Begin with these word vectors, of word2vec (text or binary) or GloVe. The embedding must have"
                            + " their size: --network 'embedding(300) ...' (default: 100).")
    private Path vectors;

    @Option(names = "--freeze-vectors", description = "Leave the vectors of --vectors as they are.")
    private boolean freezeVectors;

    /** @throws InputException when options do not fit each other */
    void check() {
        if (freezeVectors && vectors == null) {
            throw new InputException("--freeze-vectors", "belongs to --vectors", "none", "give vectors, too");
        }
        if (from != null && vectors != null) {
            throw new InputException("--from and --vectors", "exclude each other", "both", "leave one of them out");
        }
    }

    /** @throws InputException when a model is named that scales numbers as it does, and another scaling */
    void checkScale(boolean scaled) {
        checkScale(from, scaled);
    }

    static void checkScale(Path from, boolean scaled) {
        if (from != null && scaled) {
            throw new InputException(
                    "--from and --scale",
                    "exclude each other",
                    "both",
                    "leave --scale out: numbers are scaled as the model does");
        }
    }

    NetworkStart start() {
        return new NetworkStart(Optional.ofNullable(from), Optional.ofNullable(vectors));
    }

    List<Path> files() {
        return Stream.of(from, vectors).filter(file -> file != null).toList();
    }

    /** Parameters that stay as they are. */
    List<String> frozen() {
        return freezeVectors ? List.of(EMBEDDING) : List.of();
    }

    /** The network of the model that it begins as, or the usual one. */
    String network(String usual) throws IOException {
        // Of a language model that --hidden and others describe it is empty.
        String network = from == null ? "" : metadata(from).getOrDefault("settings.network", "");
        return network.isBlank() ? usual : network;
    }

    /** What a model says about itself. */
    static Map<String, String> metadata(Path model) throws IOException {
        try (RondoFile file = RondoFile.load(model)) {
            return Map.copyOf(file.metadata());
        }
    }

    /** Options that say it again, to resume; each with a space before it. */
    String commandLine() {
        var words = new ArrayList<String>();
        PartOptions.add(words, "--from", from == null ? null : CorpusOptions.quoted(from));
        PartOptions.add(words, "--vectors", vectors == null ? null : CorpusOptions.quoted(vectors));
        return words.isEmpty() ? "" : " " + String.join(" ", words);
    }
}
