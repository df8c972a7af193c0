package dev.rondo.samples;

import dev.rondo.train.SeededRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Dates as people write them in English, and as ISO 8601 has them: pairs to train a translator of dates with.
 * {@code java … dev.rondo.samples.DateTexts FOLDER [SEED]} writes {@code dates.train.src}, {@code dates.train.tgt}, and so for
 * {@code valid} and {@code test}, a date a line.
 *
 * <p>Days lie between 1900 and 2099. Each belongs to one of the three parts, whatever the seed: no day of the test is seen in training in any
 * form. What would be ambiguous follows rules:
 *
 * <ul>
 *   <li>numbers with points are day, month, year ({@code 5.3.1998} is in March), with slashes month, day, year
 *       ({@code 5/3/1998} is in May); a year of four figures in front is followed by month and day;
 *   <li>years of two figures, 00 to 68, are 2000 to 2068, and 69 to 99 are 1969 to 1999, as in POSIX.
 * </ul>
 */
public final class DateTexts {
    private static final LocalDate FIRST = LocalDate.of(1900, 1, 1);
    private static final LocalDate LAST = LocalDate.of(2099, 12, 31);
    /** The days that a year of two figures can mean. */
    private static final LocalDate FIRST_OF_TWO = LocalDate.of(1969, 1, 1);

    private static final LocalDate LAST_OF_TWO = LocalDate.of(2068, 12, 31);

    private static final List<String> MONTHS = List.of(
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December");
    private static final List<String> ROMAN =
            List.of("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII");
    private static final List<String> WEEKDAYS =
            List.of("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday");
    private static final List<String> ORDINALS = List.of(
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth");

    /**
     * Orders of the parts: d day, D day with two figures, o ordinal (3rd), O ordinal in words, m and M month in figures, n name of the
     * month, s short, r Roman, y year, z year of two figures, w weekday, v short.
     */
    private static final List<String> FORMS = List.of(
            "y-M-D",
            "y/M/D",
            "yMD",
            "y n d",
            "d.m.y",
            "D.M.y",
            "d.m.z",
            "D.M.z",
            "d. n y",
            "d.r.y",
            "m/d/y",
            "M/D/y",
            "m/d/z",
            "M/D/z",
            "d n y",
            "d s y",
            "d-s-y",
            "d s z",
            "d-s-z",
            "d s 'z",
            "n d, y",
            "s d, y",
            "n d y",
            "s d y",
            "s d, 'z",
            "o n y",
            "o of n y",
            "the o of n, y",
            "n o, y",
            "n the o, y",
            "the O of n y",
            "O of n, y",
            "n O, y",
            "w, n d, y",
            "w d n y",
            "v, d s y",
            "v d s z",
            "w, the o of n y",
            "w, d.m.y",
            "v m/d/y");

    /** The three parts. */
    public enum Part {
        TRAIN(40_000),
        VALID(2_000),
        TEST(2_000);

        private final int pairs;

        Part(int pairs) {
            this.pairs = pairs;
        }
    }

    /**
     * A date.
     *
     * @param text as somebody writes it
     * @param iso  year, month and day: {@code 1998-03-05}
     */
    public record Pair(String text, String iso) {}

    private DateTexts() {}

    public static void main(String[] args) throws IOException {
        if (args.length < 1 || args.length > 2) {
            System.err.println("usage: DateTexts FOLDER [SEED]");
            System.exit(2);
        }
        Path folder = Path.of(args[0]);
        long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
        for (Part part : Part.values()) {
            List<Pair> pairs = pairs(part, part.pairs, seed);
            String name = "dates." + part.name().toLowerCase(Locale.ROOT);
            Files.write(
                    folder.resolve(name + ".src"),
                    pairs.stream().map(Pair::text).toList());
            Files.write(
                    folder.resolve(name + ".tgt"), pairs.stream().map(Pair::iso).toList());
        }
    }

    /** Random pairs of a part; the same for the same seed. Some may be equal. */
    public static List<Pair> pairs(Part part, int count, long seed) {
        var random = SeededRandom.of(seed, part.ordinal());
        var pairs = new ArrayList<Pair>();
        while (pairs.size() < count) {
            String form = FORMS.get(random.nextInt(FORMS.size()));
            boolean two = form.indexOf('z') >= 0;
            LocalDate first = two ? FIRST_OF_TWO : FIRST;
            LocalDate last = two ? LAST_OF_TWO : LAST;
            int days = (int) (last.toEpochDay() - first.toEpochDay() + 1);
            LocalDate date = first.plusDays(random.nextInt(days));
            if (part(date) == part) {
                pairs.add(new Pair(inCase(write(date, form, random), random), date.toString()));
            }
        }
        return pairs;
    }

    /** Nine days of ten are for training; half of the others each to choose a model and to judge it. */
    private static Part part(LocalDate date) {
        return switch ((int) Long.remainderUnsigned(SeededRandom.hash(0, date.toEpochDay()), 20)) {
            case 0 -> Part.VALID;
            case 1 -> Part.TEST;
            default -> Part.TRAIN;
        };
    }

    private static String write(LocalDate date, String form, SeededRandom random) {
        int day = date.getDayOfMonth();
        int month = date.getMonthValue();
        var out = new StringBuilder();
        int at = 0;
        while (at < form.length()) {
            // Words of a form are written as they are; a part is one letter.
            int end = at;
            while (end < form.length() && Character.isLetter(form.charAt(end))) {
                end++;
            }
            String word = form.substring(at, end);
            if (word.equals("of") || word.equals("the")) {
                out.append(word);
                at = end;
                continue;
            }
            char letter = form.charAt(at++);
            switch (letter) {
                case 'd' -> out.append(day);
                case 'D' -> out.append(two(day));
                case 'o' -> out.append(day).append(ending(day));
                case 'O' -> out.append(ordinal(day));
                case 'm' -> out.append(month);
                case 'M' -> out.append(two(month));
                case 'n' -> out.append(MONTHS.get(month - 1));
                case 's' -> out.append(shortMonth(month, random));
                case 'r' -> out.append(ROMAN.get(month - 1));
                case 'y' -> out.append(date.getYear());
                case 'z' -> out.append(two(date.getYear() % 100));
                case 'w' -> out.append(WEEKDAYS.get(date.getDayOfWeek().getValue() - 1));
                case 'v' -> out.append(WEEKDAYS.get(date.getDayOfWeek().getValue() - 1), 0, 3);
                default -> out.append(letter);
            }
        }
        return out.toString();
    }

    private static String two(int number) {
        return (number < 10 ? "0" : "") + number;
    }

    private static String ending(int day) {
        boolean teen = day / 10 == 1;
        return teen || day % 10 == 0 || day % 10 > 3
                ? "th"
                : List.of("st", "nd", "rd").get(day % 10 - 1);
    }

    private static String ordinal(int day) {
        if (day <= 20) {
            return ORDINALS.get(day - 1);
        }
        return day == 30 ? "thirtieth" : (day < 30 ? "twenty-" : "thirty-") + ORDINALS.get(day % 10 - 1);
    }

    /** Three letters; September also has four. One in two has a point, unless the name is that short. */
    private static String shortMonth(int month, SeededRandom random) {
        String name = MONTHS.get(month - 1);
        int letters = month == 9 && random.nextInt(2) == 0 ? 4 : 3;
        return name.substring(0, letters) + (name.length() > letters && random.nextInt(2) == 0 ? "." : "");
    }

    /** One of two as it is, the others in small or in capital letters. */
    private static String inCase(String text, SeededRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> text.toLowerCase(Locale.ROOT);
            case 1 -> text.toUpperCase(Locale.ROOT);
            default -> text;
        };
    }
}
