package dev.rondo.bench;

import java.util.List;

/**
 * The texts of a network as ids, a row for each text.
 *
 * @param tokens  [texts][T]
 * @param letters of words that are spelled, [texts][T*C], word by word; else empty rows
 */
record LayeredTexts(int[][] tokens, int[][] letters) {
    static LayeredTexts of(LayeredNetwork network) {
        List<String> vocabulary = network.readsCharacters() ? RandomTexts.characters() : RandomTexts.words();
        var ids = new java.util.HashMap<String, Integer>();
        vocabulary.forEach(token -> ids.put(token, ids.size()));
        List<String> characters = RandomTexts.characters();
        List<List<String>> texts = network.texts();
        var tokens = new int[texts.size()][];
        var letters = new int[texts.size()][];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = texts.get(i).stream().mapToInt(ids::get).toArray();
            letters[i] = network.letters() == 0
                    ? new int[0]
                    : String.join("", texts.get(i))
                            .chars()
                            .map(c -> characters.indexOf(Character.toString(c)))
                            .toArray();
        }
        return new LayeredTexts(tokens, letters);
    }

    int count() {
        return tokens.length;
    }
}
