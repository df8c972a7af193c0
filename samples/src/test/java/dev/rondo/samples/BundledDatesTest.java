package dev.rondo.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.translation.Translation;
import dev.rondo.translation.TranslationOptions;
import dev.rondo.translation.Translator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bundled translator of dates is small, and right about days that no training has seen. */
class BundledDatesTest {
    private static final Path FILE = file();

    /** Tests run in the module's folder or in the project's. */
    private static Path file() {
        Path here = Path.of("models/dates.rondo");
        return Files.exists(here) ? here : Path.of("samples").resolve(here);
    }

    @Test
    void readsDatesAsPeopleWriteThem() throws IOException {
        assertTrue(Files.size(FILE) <= 1_000_000, Files.size(FILE) + " bytes");
        try (Model model = Model.load(FILE)) {
            Translator translator = Translator.of(model);
            assertEquals("1998-03-05", translator.translate("5.3.1998").text());
            assertEquals("1998-05-03", translator.translate("5/3/1998").text());
            assertEquals(
                    "2024-02-29",
                    translator.translate("Thursday, the 29th of February 2024").text());
        }
    }

    @Test
    void isRightAboutDaysItHasNotSeen() throws IOException {
        // Another seed than the results': other forms of the same days.
        List<DateTexts.Pair> pairs = DateTexts.pairs(DateTexts.Part.TEST, 2_000, 7);
        try (Model model = Model.open(FILE)) {
            List<Translation> translations = Translator.of(model)
                    .translate(
                            pairs.stream().map(DateTexts.Pair::text).toList(),
                            TranslationOptions.DEFAULT.withBatch(64));
            int right = 0;
            for (int i = 0; i < pairs.size(); i++) {
                right += translations.get(i).text().equals(pairs.get(i).iso()) ? 1 : 0;
            }
            assertTrue(right >= 0.995 * pairs.size(), right + " of " + pairs.size());
        }
    }
}
