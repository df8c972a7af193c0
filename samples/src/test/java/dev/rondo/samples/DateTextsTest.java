package dev.rondo.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.samples.DateTexts.Pair;
import dev.rondo.samples.DateTexts.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DateTextsTest {
    private static List<Pair> all() {
        var all = new ArrayList<Pair>();
        for (Part part : Part.values()) {
            all.addAll(DateTexts.pairs(part, 20_000, 3));
        }
        return all;
    }

    @Test
    void aTextMeansOneDate() {
        var meaning = new HashMap<String, String>();
        for (Pair pair : all()) {
            String before = meaning.put(pair.text().toLowerCase(Locale.ROOT), pair.iso());
            assertTrue(before == null || before.equals(pair.iso()), pair + " and " + before);
        }
    }

    /** Read back by the stated rules alone: what says a date in figures. */
    @Test
    void figuresFollowTheRules() {
        Pattern points = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+)");
        Pattern slashes = Pattern.compile("(\\d{1,2})/(\\d+)/(\\d+)");
        Pattern yearFirst = Pattern.compile("(\\d{4})[-/]?(\\d\\d)[-/]?(\\d\\d)");
        int read = 0;
        for (Pair pair : all()) {
            String text = pair.text().substring(pair.text().lastIndexOf(' ') + 1);
            Matcher first = yearFirst.matcher(text);
            Matcher dotted = points.matcher(text);
            Matcher slashed = slashes.matcher(text);
            if (first.matches()) {
                read += check(pair, first.group(1), first.group(2), first.group(3));
            } else if (dotted.matches()) {
                read += check(pair, dotted.group(3), dotted.group(2), dotted.group(1));
            } else if (slashed.matches()) {
                read += check(pair, slashed.group(3), slashed.group(1), slashed.group(2));
            }
        }
        assertTrue(read > 10_000, "" + read);
    }

    private static int check(Pair pair, String year, String month, String day) {
        int number = Integer.parseInt(year);
        int full = year.length() == 4 ? number : number < 69 ? 2000 + number : 1900 + number;
        LocalDate date = LocalDate.of(full, Integer.parseInt(month), Integer.parseInt(day));
        assertEquals(date.toString(), pair.iso(), pair::text);
        return 1;
    }

    @Test
    void wordsNameTheMonthTheDayAndTheWeekday() {
        int months = 0;
        int weekdays = 0;
        Set<String> forms = new HashSet<>();
        for (Pair pair : all()) {
            LocalDate date = LocalDate.parse(pair.iso());
            String text = pair.text().toLowerCase(Locale.ROOT);
            String month = date.getMonth().name().toLowerCase(Locale.ROOT);
            String weekday = date.getDayOfWeek().name().toLowerCase(Locale.ROOT);
            months += text.contains(month) ? 1 : 0;
            weekdays += text.contains(weekday) ? 1 : 0;
            if (text.matches(".*[a-z]{6,}day.*|.*(mon|sun|fri)day.*")) {
                assertTrue(text.contains(weekday), pair::toString);
            }
            forms.add(text.replaceAll("\\d", "9").replaceAll("[a-z]+", "a"));
        }
        assertTrue(months > 20_000 && weekdays > 5_000, months + " " + weekdays);
        assertTrue(forms.size() > 40, "" + forms.size());
        String words = all().toString();
        for (String word : List.of(
                "1st",
                "2nd",
                "3rd",
                "4th",
                "11th",
                "12th",
                "13th",
                "21st",
                "22nd",
                "23rd",
                "30th",
                "31st",
                "the twenty-first of",
                "thirtieth",
                "thirty-first",
                "Sept.",
                " '")) {
            assertTrue(words.contains(word), word);
        }
        assertTrue(!words.matches("(?s).*(11st|12nd|13rd|\\b[123]th|May\\.|-tenth).*"));
    }

    @Test
    void noDayOfOnePartIsInAnother() {
        var train = new HashSet<String>();
        DateTexts.pairs(Part.TRAIN, 40_000, 1).forEach(pair -> train.add(pair.iso()));
        var valid = new HashSet<String>();
        DateTexts.pairs(Part.VALID, 2_000, 2).forEach(pair -> valid.add(pair.iso()));
        for (Pair pair : DateTexts.pairs(Part.TEST, 2_000, 3)) {
            assertTrue(!train.contains(pair.iso()) && !valid.contains(pair.iso()), pair::toString);
        }
        assertTrue(valid.stream().noneMatch(train::contains));
    }

    @Test
    void aSeedDecides(@TempDir Path folder) throws IOException {
        assertEquals(DateTexts.pairs(Part.TEST, 50, 1), DateTexts.pairs(Part.TEST, 50, 1));
        assertNotEquals(DateTexts.pairs(Part.TEST, 50, 1), DateTexts.pairs(Part.TEST, 50, 2));
        DateTexts.main(new String[] {folder.toString()});
        List<String> source = Files.readAllLines(folder.resolve("dates.test.src"));
        List<String> target = Files.readAllLines(folder.resolve("dates.test.tgt"));
        assertEquals(2_000, source.size());
        assertEquals(DateTexts.pairs(Part.TEST, 1, 1).getFirst(), new Pair(source.getFirst(), target.getFirst()));
        assertEquals(
                40_000, Files.readAllLines(folder.resolve("dates.train.tgt")).size());
        assertEquals(
                2_000, Files.readAllLines(folder.resolve("dates.valid.src")).size());
    }
}
