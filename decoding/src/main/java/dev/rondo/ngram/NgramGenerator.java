package dev.rondo.ngram;

import dev.rondo.decode.Sampler;
import dev.rondo.decode.Sampling;
import dev.rondo.error.InputException;
import dev.rondo.text.Tokenizer;
import java.lang.foreign.MemorySegment;
import java.util.function.Predicate;

/** Continues texts with a model of n-grams. Shared by threads. */
public final class NgramGenerator {
    private final NgramModel model;
    private final Tokenizer text;

    /** @throws InputException when the model has no vocabulary */
    public NgramGenerator(NgramModel model) {
        this.model = model;
        this.text = model.tokenizer()
                .orElseThrow(
                        () -> new InputException("model", "has a vocabulary", "none", "train it with its vocabulary"));
    }

    /**
     * Continues a sentence token by token, up to its end or as many tokens as are asked for.
     *
     * @param prompt how it begins; may be empty
     * @param reader gets what each token adds to the text, and says whether to go on
     * @return how many tokens the reader got
     * @throws InputException when the vocabulary lacks something of the prompt
     */
    public int generate(String prompt, int length, Sampling sampling, Predicate<String> reader) {
        if (length < 0) {
            throw new InputException("length", "is not negative", "" + length, "give the number of tokens");
        }
        NgramContext context = model.context();
        model.begin(context);
        int[] given = text.encode(prompt);
        var sampler = new Sampler(sampling, model.size());
        for (int id : given) {
            model.advance(context, id);
            sampler.read(id);
        }
        var row = new float[model.size()];
        MemorySegment scores = MemorySegment.ofArray(row);
        boolean empty = text.decode(given).isEmpty();
        for (int count = 0; count < length; count++) {
            model.logProbs(context, scores, 0);
            int id = sampler.pick(row);
            if (id == model.special().end()) {
                return count;
            }
            model.advance(context, id);
            sampler.read(id);
            String piece = text.piece(id, empty);
            empty &= piece.isEmpty();
            if (!reader.test(piece)) {
                return count + 1;
            }
        }
        return length;
    }
}
