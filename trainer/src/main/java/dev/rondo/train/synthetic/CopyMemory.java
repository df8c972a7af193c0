package dev.rondo.train.synthetic;

import dev.rondo.train.SeededRandom;
import dev.rondo.train.rule.Settings;
import java.util.Arrays;

/**
 * Copy memory (Arjovsky, Shah and Bengio 2016, section 5.1): ten symbols of eight kinds, {@code delay − 1} blanks, a sign to
 * begin, ten blanks; at these last ten steps the symbols are to be given back in their order. Whoever remembers nothing has a
 * cross-entropy of ln 8 there. The paper also counts the blanks that are the answer of all steps before, which makes its
 * figure smaller by 10 / (delay + 20).
 *
 * @param delay steps between reading a symbol and giving it back, less ten
 */
public record CopyMemory(int delay) implements SequenceProblem {
    private static final int KINDS = 8;
    private static final int SYMBOLS = 10;
    private static final int BLANK = KINDS;
    private static final int SIGN = KINDS + 1;

    public CopyMemory {
        Settings.require(delay >= 1 && delay <= 1 << 20, "length", "lies between 1 and 1048576", delay);
    }

    @Override
    public int steps() {
        return delay + 2 * SYMBOLS;
    }

    @Override
    public SequenceProblem withSteps(int other) {
        return new CopyMemory(other - 2 * SYMBOLS);
    }

    @Override
    public int fewestSteps() {
        return 1 + 2 * SYMBOLS;
    }

    @Override
    public int inputSize() {
        return KINDS + 2;
    }

    @Override
    public boolean readsSymbols() {
        return true;
    }

    @Override
    public int outputSize() {
        return KINDS;
    }

    @Override
    public int answers() {
        return SYMBOLS;
    }

    @Override
    public void draw(SeededRandom random, float[] inputs, float[] targets) {
        Arrays.fill(inputs, 0, steps(), BLANK);
        for (int i = 0; i < SYMBOLS; i++) {
            targets[i] = random.nextInt(KINDS);
            inputs[i] = targets[i];
        }
        inputs[SYMBOLS + delay - 1] = SIGN;
    }

    @Override
    public Baseline baseline() {
        return new Baseline(Math.log(KINDS), 100.0 / KINDS);
    }

    @Override
    public String kind() {
        return "copy";
    }
}
