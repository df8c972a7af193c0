package dev.rondo.train.select;

import dev.rondo.error.InputException;
import dev.rondo.train.rule.Settings;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * One setting that a search chooses, and what it may be. Its values are texts, as a command line has them; its positions are
 * numbers from 0 to 1.
 */
public sealed interface Dimension {
    /** A letter, then letters, digits, {@code -} and {@code _}. */
    Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*");

    String name();

    /** The value at a position in [0, 1): equally long parts of it are equally probable. */
    String at(double position);

    /** The middle of the positions that have a value. */
    double position(String value);

    /** The values that a grid tries. */
    List<String> levels();

    /**
     * Reads a declaration: {@code hidden=32..256 log int}, {@code dropout=0..0.6}, {@code rate=1e-4..1e-1 log levels 4} or
     * {@code cell=lstm,gru}. {@code log}: equal factors are equally probable; {@code int}: whole numbers;
     * {@code levels N}: a grid has N of them, 3 otherwise.
     *
     * @throws InputException when it is none
     */
    static Dimension parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw new InputException(
                    "search space", "is NAME=FROM..TO or NAME=VALUE,VALUE…", "'" + text + "'", "write a dimension so");
        }
        String name = text.substring(0, equals).strip();
        String rest = text.substring(equals + 1).strip();
        return rest.contains("..") ? Range.parse(name, rest) : new Choice(name, List.of(rest.split("\\s*,\\s*", -1)));
    }

    private static void checkName(String name) {
        Settings.require(
                NAME.matcher(name).matches(),
                "name of a dimension",
                "is a letter, then letters, digits, - and _",
                "'" + name + "'");
    }

    /**
     * Numbers from one to another, both included.
     *
     * @param logarithmic whether equal factors are equally probable
     * @param whole       whether they are whole
     * @param steps       how many of them a grid tries
     */
    record Range(String name, double from, double to, boolean logarithmic, boolean whole, int steps)
            implements Dimension {
        private static final Pattern WORDS =
                Pattern.compile("(\\S+?)\\.\\.(\\S+)((?: +(?:log|int|levels +\\d{1,4}))*)");
        private static final int LEVELS = 3;
        private static final int DIGITS = 6;
        /** Powers of ten that an f64 holds exactly. */
        private static final int EXACT_POWERS = 22;

        private static final double LARGEST_WHOLE = 1e9;

        /** @throws InputException when there is no such range */
        public Range {
            checkName(name);
            String subject = "range of " + name;
            boolean finite = Double.isFinite(from) && Double.isFinite(to) && from < to;
            Settings.require(finite, subject, "goes from a number to a larger one", from + ".." + to);
            Settings.require(!logarithmic || from > 0, subject, "is above 0 where it is logarithmic", from);
            boolean fits = from == Math.rint(from)
                    && to == Math.rint(to)
                    && Math.abs(from) <= LARGEST_WHOLE
                    && Math.abs(to) <= LARGEST_WHOLE;
            Settings.require(!whole || fits, subject, "has whole ends to 10^9 where it is of int", from + ".." + to);
            Settings.require(steps >= 2 && steps <= 1000, subject, "has 2 to 1000 levels", steps);
        }

        private static Range parse(String name, String text) {
            Matcher words = WORDS.matcher(text);
            if (!words.matches()) {
                throw new InputException(
                        "range of " + name,
                        "is FROM..TO, then perhaps log, int and levels N",
                        "'" + text + "'",
                        "write, for example, 32..256 log int");
            }
            String more = words.group(3);
            Matcher levels = Pattern.compile("levels +(\\d+)").matcher(more);
            return new Range(
                    name,
                    number(name, words.group(1)),
                    number(name, words.group(2)),
                    more.contains("log"),
                    more.contains("int"),
                    levels.find() ? Integer.parseInt(levels.group(1)) : LEVELS);
        }

        private static double number(String name, String text) {
            try {
                return Double.parseDouble(text);
            } catch (NumberFormatException wrong) {
                throw new InputException(
                        "range of " + name, "has numbers", "'" + text + "'", "write, for example, 0..1");
            }
        }

        /** A whole number has the numbers that are rounded to it. */
        private double low() {
            return whole ? from - 0.5 : from;
        }

        private double high() {
            return whole ? to + 0.5 : to;
        }

        @Override
        public String at(double position) {
            double value = logarithmic
                    ? low() * StrictMath.exp(position * StrictMath.log(high() / low()))
                    : low() + position * (high() - low());
            return text(value);
        }

        private String text(double value) {
            if (whole) {
                return Long.toString(Math.round(Math.clamp(value, from, to)));
            }
            return Double.toString(Math.clamp(rounded(value), from, to));
        }

        /** To six digits: more that nobody wants to read change nothing. */
        private static double rounded(double value) {
            int shift = DIGITS - 1 - (int) Math.floor(StrictMath.log10(Math.abs(value)));
            if (value == 0 || Math.abs(shift) > EXACT_POWERS) {
                return value;
            }
            double power = StrictMath.pow(10, Math.abs(shift));
            return shift >= 0 ? Math.rint(value * power) / power : Math.rint(value / power) * power;
        }

        @Override
        public double position(String value) {
            double number = number(name, value);
            Settings.require(number >= from && number <= to, name, "lies in " + from + ".." + to, value);
            double place = logarithmic
                    ? StrictMath.log(number / low()) / StrictMath.log(high() / low())
                    : (number - low()) / (high() - low());
            return Math.clamp(place, 0, 1);
        }

        @Override
        public List<String> levels() {
            return IntStream.range(0, steps)
                    .mapToObj(i -> text(level((double) i / (steps - 1))))
                    .distinct()
                    .toList();
        }

        /** The ends are levels. */
        private double level(double part) {
            return logarithmic ? from * StrictMath.pow(to / from, part) : from + part * (to - from);
        }
    }

    /** One of a few texts. */
    record Choice(String name, List<String> values) implements Dimension {
        /** @throws InputException when one is empty or there twice */
        public Choice {
            checkName(name);
            values = List.copyOf(values);
            boolean clean = !values.isEmpty()
                    && values.stream().distinct().count() == values.size()
                    && values.stream()
                            .noneMatch(v -> v.isBlank() || v.codePoints().anyMatch(Character::isISOControl));
            Settings.require(
                    clean && values.size() <= 1000, "values of " + name, "are 1 to 1000 different texts", values);
        }

        @Override
        public String at(double position) {
            return values.get(Math.min(values.size() - 1, (int) (position * values.size())));
        }

        @Override
        public double position(String value) {
            Settings.require(values.contains(value), name, "is one of " + values, value);
            return (values.indexOf(value) + 0.5) / values.size();
        }

        @Override
        public List<String> levels() {
            return values;
        }
    }
}
