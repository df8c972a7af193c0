package dev.rondo.train.synthetic;

import dev.rondo.train.SeededRandom;
import dev.rondo.train.rule.Settings;

/**
 * Brackets in a text that looks like a program: names, numbers and operators between round, square and curly brackets,
 * nested up to a depth. After each character the answer is the kind of the innermost bracket that is open, or none: a
 * network has to keep the whole stack, for as long as brackets stay open.
 *
 * @param steps T, characters of a text
 * @param depth brackets open at once at most
 */
public record BracketNesting(int steps, int depth) implements SequenceProblem {
    /** Opening and closing in turns, a kind at a time; then what lies between. */
    private static final String CHARACTERS = "()[]{}abcdefghijklmnopqrstuvwxyz0123456789+-*/=,.; ";

    private static final int KINDS = 3;
    private static final int LETTERS = CHARACTERS.indexOf('a');
    private static final int DIGITS = CHARACTERS.indexOf('0');
    private static final int OPERATORS = CHARACTERS.indexOf('+');
    /** Of a character: that a bracket opens, and that one closes. */
    private static final double OPENS = 0.12;

    private static final double CLOSES = 0.12;
    /** Of a word's character: that another one follows. */
    private static final double GOES_ON = 0.6;

    private static final int SAMPLES = 2000;

    public BracketNesting {
        Settings.require(steps >= 1 && steps <= 1 << 20, "length", "lies between 1 and 1048576", steps);
        Settings.require(depth >= 1 && depth <= 64, "depth", "lies between 1 and 64", depth);
    }

    @Override
    public SequenceProblem withSteps(int other) {
        return new BracketNesting(other, depth);
    }

    @Override
    public int fewestSteps() {
        return 1;
    }

    @Override
    public int inputSize() {
        return CHARACTERS.length();
    }

    @Override
    public boolean readsSymbols() {
        return true;
    }

    /** None, round, square, curly. */
    @Override
    public int outputSize() {
        return KINDS + 1;
    }

    @Override
    public int answers() {
        return steps;
    }

    @Override
    public void draw(SeededRandom random, float[] inputs, float[] targets) {
        int[] stack = new int[depth];
        int open = 0;
        int word = -1;
        for (int t = 0; t < steps; t++) {
            double dice = random.nextDouble();
            int symbol;
            if (dice < OPENS && open < depth) {
                int kind = random.nextInt(KINDS);
                stack[open++] = kind;
                symbol = 2 * kind;
                word = -1;
            } else if (dice >= OPENS && dice < OPENS + CLOSES && open > 0) {
                symbol = 2 * stack[--open] + 1;
                word = -1;
            } else {
                word = word >= 0 && random.nextDouble() < GOES_ON ? word : random.nextInt(KINDS);
                symbol = switch (word) {
                    case 0 -> LETTERS + random.nextInt(DIGITS - LETTERS);
                    case 1 -> DIGITS + random.nextInt(OPERATORS - DIGITS);
                    default -> OPERATORS + random.nextInt(CHARACTERS.length() - OPERATORS);
                };
            }
            inputs[t] = symbol;
            targets[t] = open == 0 ? 0 : 1 + stack[open - 1];
        }
    }

    /** The text of a row of inputs. */
    public static String text(float[] inputs) {
        var text = new StringBuilder();
        for (float symbol : inputs) {
            text.append(CHARACTERS.charAt((int) symbol));
        }
        return text.toString();
    }

    /** Of the answer that is the last bracket's kind when that opened, and none else; measured. */
    @Override
    public Baseline baseline() {
        float[] inputs = new float[steps];
        float[] targets = new float[steps];
        var random = SeededRandom.of(0, steps, depth);
        long right = 0;
        for (int i = 0; i < SAMPLES; i++) {
            draw(random, inputs, targets);
            int answer = 0;
            for (int t = 0; t < steps; t++) {
                int symbol = (int) inputs[t];
                if (symbol < 2 * KINDS) {
                    answer = symbol % 2 == 0 ? 1 + symbol / 2 : 0;
                }
                right += answer == (int) targets[t] ? 1 : 0;
            }
        }
        return new Baseline(Double.NaN, 100.0 * right / SAMPLES / steps);
    }

    @Override
    public String kind() {
        return "brackets";
    }
}
