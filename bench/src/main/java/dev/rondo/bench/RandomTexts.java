package dev.rondo.bench;

import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Vocabularies of letters drawn at random, for networks that are measured and not believed. */
final class RandomTexts {
    static final int SPECIAL_COUNT = 4;
    static final int LETTERS_OF_A_WORD = 6;

    private static final List<String> SPECIAL = List.of("<unk>", "<s>", "</s>", "<pad>");
    private static final SpecialIds IDS = new SpecialIds(0, 1, 2, 3);
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private static final long SEED = 20261121;

    /** Characters of a vocabulary, special ones included. */
    static final int CHARACTERS = SPECIAL_COUNT + LETTERS.length();

    private RandomTexts() {}

    /** Special tokens, and then letters. */
    static List<String> characters() {
        return Stream.concat(SPECIAL.stream(), LETTERS.chars().mapToObj(Character::toString))
                .toList();
    }

    /** Special tokens, and then words of {@link #LETTERS_OF_A_WORD} letters. */
    static List<String> words() {
        var words = new LinkedHashSet<>(SPECIAL);
        var random = new SplittableRandom(SEED);
        while (words.size() < LayeredNetwork.WORDS) {
            words.add(IntStream.range(0, LETTERS_OF_A_WORD)
                    .mapToObj(_ ->
                            LETTERS.substring(random.nextInt(LETTERS.length())).substring(0, 1))
                    .collect(Collectors.joining()));
        }
        return List.copyOf(words);
    }

    static TextPipeline words(String name) {
        return pipeline(name, Segmentation.WORDS, words());
    }

    static TextPipeline characters(String name) {
        return pipeline(name, Segmentation.CHARACTERS, characters());
    }

    private static TextPipeline pipeline(String name, Segmentation segmentation, List<String> vocabulary) {
        return new TextPipeline(name, Normalisation.NONE, segmentation, vocabulary, List.of(), IDS);
    }
}
