package dev.rondo.translation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.Normalisation;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.search.BeamOptions;
import dev.rondo.search.Constraints;
import dev.rondo.search.Hypothesis;
import dev.rondo.search.SessionSteps;
import dev.rondo.search.TinyTranslator;
import dev.rondo.search.TokenListener;
import dev.rondo.search.Variety;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What a translator adds to a search: texts in, texts out. */
class TranslatorTest {
    private static final List<String> TEXTS =
            List.of("w7 w8 w9", "", "w250 w11", "w12 Zanzibar w13 w14 w15", "w16", "  w17\tw18 ");

    private static RondoFileWriter file(String task, int tokens, String... pipelines) {
        return file(0, task, tokens, pipelines);
    }

    /** @param unknown the unknown token; -1 for none */
    private static RondoFileWriter file(int unknown, String task, int tokens, String... pipelines) {
        var writer = new RondoFileWriter();
        writer.metadata("task", task);
        var words = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        for (int i = 3; i < tokens; i++) {
            words.add("w" + i);
        }
        for (String name : pipelines) {
            writer.text(new TextPipeline(
                    name,
                    Normalisation.NONE,
                    Segmentation.WORDS,
                    words,
                    List.of(),
                    new SpecialIds(unknown, TinyTranslator.BEGIN, TinyTranslator.END, -1)));
        }
        return writer;
    }

    private static Model model() {
        return TinyTranslator.load(true, file("translation", TinyTranslator.TOKENS, "source", "target"));
    }

    private static TranslationOptions options() {
        return TranslationOptions.DEFAULT.withBeam(
                TranslationOptions.DEFAULT.beam().withNBest(3).withAttention(true));
    }

    @Test
    void textsComeBackInTheirOrder() {
        try (Model model = model()) {
            Translator translator = Translator.of(model, Model.Kernel.PLAIN);
            List<Translation> together = translator.translate(TEXTS, options().withBatch(2));
            TranslationSession session = translator.session(options());
            for (int i = 0; i < TEXTS.size(); i++) {
                Translation alone = session.translate(TEXTS.get(i));
                assertEquals(alone.text(), together.get(i).text());
                assertEquals(alone.score(), together.get(i).score());
                assertEquals(alone.source(), together.get(i).source());
            }
            assertEquals("", together.get(1).text());
            assertEquals(
                    List.of("w12", "Zanzibar", "w13", "w14", "w15"),
                    together.get(3).source());
            assertEquals(List.of("w17", "w18"), together.get(5).source());
            assertEquals(3, together.getFirst().nBest().size());
            assertEquals(
                    translator.translate(TEXTS.getFirst()).text(),
                    together.getFirst().text());
        }
    }

    /** What a model was trained to see around its sources is put there, and shown there. */
    @Test
    void draws() {
        try (Model model = model()) {
            Translator translator = Translator.of(model, Model.Kernel.PLAIN);
            Function<Long, TranslationOptions> drawn = seed ->
                    TranslationOptions.of(BeamOptions.of(3).withNBest(3).withVariety(new Variety.Stochastic(seed)));
            List<String> expected =
                    texts(translator.translate(TEXTS, drawn.apply(1L).withBatch(6)));
            // Neither batches nor the order of sentences change a draw, a seed does.
            assertEquals(
                    expected, texts(translator.translate(TEXTS, drawn.apply(1L).withBatch(1))));
            List<Translation> reversed =
                    translator.translate(TEXTS.reversed(), drawn.apply(1L).withBatch(2));
            assertEquals(expected, texts(reversed.reversed()));
            assertNotEquals(expected, texts(translator.translate(TEXTS, drawn.apply(2L))));
        }
    }

    private static List<String> texts(List<Translation> translations) {
        return translations.stream().map(Translation::text).toList();
    }

    @Test
    void specialTokensStandAroundSources() {
        RondoFileWriter both = file("translation", TinyTranslator.TOKENS, "source", "target");
        both.metadata("text.source.surround", "both");
        try (Model plain = model();
                Model around = TinyTranslator.load(true, both)) {
            Translator translator = Translator.of(around, Model.Kernel.PLAIN);
            Translation found = translator.translate("w17 Zanzibar");
            Translation spelt = Translator.of(plain, Model.Kernel.PLAIN).translate("<s> w17 Zanzibar </s>");
            assertEquals(List.of("<s>", "w17", "Zanzibar", "</s>"), found.source());
            assertEquals(spelt.text(), found.text());
            assertEquals(spelt.score(), found.score());
            assertEquals("", translator.translate(" ").text());
            assertArrayEquals(
                    new int[] {TinyTranslator.BEGIN, 17, 0, TinyTranslator.END}, translator.sourceIds("w17 Zanzibar"));
            assertArrayEquals(new int[0], translator.sourceIds(" "));
        }
        RondoFileWriter wrong = file("translation", TinyTranslator.TOKENS, "source", "target");
        wrong.metadata("text.source.surround", "brackets");
        try (Model model = TinyTranslator.load(true, wrong)) {
            FormatException refused = assertThrows(FormatException.class, () -> Translator.of(model));
            assertTrue(refused.getMessage().contains("brackets"), refused.getMessage());
        }
    }

    @Test
    void tokensAndTextAreThoseOfTheHypothesis() {
        try (Model model = model()) {
            for (Translation translation : Translator.of(model).translate(TEXTS, options())) {
                for (Translation.Candidate candidate : translation.nBest()) {
                    assertEquals(String.join(" ", candidate.tokens()), candidate.text());
                    assertEquals(
                            candidate.hypothesis().words().length,
                            candidate.tokens().size());
                    assertEquals(candidate.hypothesis().score(), candidate.score());
                }
            }
        }
    }

    @Test
    void whatNoSearchCanDoIsRefusedAgainAndAgain() {
        try (Model model = model()) {
            Constraints impossible = Constraints.NONE.withSuppressed(List.of(1 << 20));
            TranslationSession session = Translator.of(model)
                    .session(TranslationOptions.of(BeamOptions.of(2).withConstraints(impossible)));
            for (int i = 0; i < 2; i++) {
                var refused = assertThrows(InputException.class, () -> session.translate("w7 w8"));
                assertTrue(refused.getMessage().contains("token id"), refused.getMessage());
            }
        }
    }

    @Test
    void unknownTokens() {
        try (Model model = model()) {
            Translator translator = Translator.of(model);
            List<Translation> kept = translator.translate(TEXTS, options());
            List<Translation> replaced = translator.translate(TEXTS, options().withUnknowns(Unknowns.REPLACE));
            List<Translation> suppressed = translator.translate(TEXTS, options().withUnknowns(Unknowns.SUPPRESS));
            int count = 0;
            for (int i = 0; i < TEXTS.size(); i++) {
                assertFalse(suppressed.get(i).text().contains("<unk>"));
                assertFalse(replaced.get(i).text().contains("<unk>"));
                for (int n = 0; n < kept.get(i).nBest().size(); n++) {
                    Translation.Candidate before = kept.get(i).nBest().get(n);
                    Translation.Candidate after = replaced.get(i).nBest().get(n);
                    for (int t = 0; t < before.tokens().size(); t++) {
                        boolean unknown = before.hypothesis().words()[t] == 0;
                        count += unknown ? 1 : 0;
                        int place = before.hypothesis().alignment()[t];
                        assertEquals(
                                unknown
                                        ? kept.get(i).source().get(place)
                                        : before.tokens().get(t),
                                after.tokens().get(t));
                    }
                }
            }
            assertTrue(count > 0);
        }
    }

    /** What a search says of a translation is what scoring it says. */
    @Test
    void scoresAreThoseOfTheSearch() {
        try (Model model = model()) {
            Translator translator = Translator.of(model);
            TranslationOptions known = options().withUnknowns(Unknowns.SUPPRESS);
            var sources = new ArrayList<String>();
            var targets = new ArrayList<String>();
            var expected = new ArrayList<Double>();
            for (Translation translation : translator.translate(TEXTS, known)) {
                for (Translation.Candidate candidate : translation.nBest()) {
                    if (candidate.hypothesis().ended()) {
                        sources.add(String.join(" ", translation.source()));
                        targets.add(candidate.text());
                        expected.add(candidate.hypothesis().logProb());
                    }
                }
            }
            assertTrue(expected.size() > 5);
            List<Double> scores = translator.session(known.withBatch(4)).score(sources, targets);
            for (int i = 0; i < expected.size(); i++) {
                assertEquals(expected.get(i), scores.get(i), 1e-4);
                assertEquals(expected.get(i), translator.score(sources.get(i), targets.get(i)), 1e-4);
            }
            assertThrows(InputException.class, () -> translator.score("", "w5"));
        }
    }

    @Test
    void noisyChannelRanksAnew() {
        try (Model model = model()) {
            Translator translator = Translator.of(model);
            Translation translation =
                    translator.translate(List.of("w7 w8 w9"), options()).getFirst();
            TranslationSession reverse = translator.session(TranslationOptions.DEFAULT);
            var channel = new NoisyChannel(reverse, text -> -100.0 * text.length(), 0.3, 2);
            Translation ranked = channel.rank("w7 w8 w9", translation);
            assertEquals(translation.nBest().size(), ranked.nBest().size());
            double before = Double.POSITIVE_INFINITY;
            for (Translation.Candidate candidate : ranked.nBest()) {
                assertTrue(candidate.score() <= before);
                before = candidate.score();
                if (!candidate.tokens().isEmpty()) {
                    double back = translator.score(candidate.text(), "w7 w8 w9");
                    double expected = candidate.hypothesis().logProb()
                            + 0.3 * back
                            - 2 * 100.0 * candidate.text().length();
                    assertEquals(expected, candidate.score(), 1e-3);
                }
            }
        }
    }

    private static Translation.Candidate candidate(String text, double logProb) {
        var hypothesis =
                new Hypothesis(List.of(5, 2), true, logProb, logProb, new float[2], new int[0], new float[0][]);
        return new Translation.Candidate(text, List.of("w5"), logProb, hypothesis);
    }

    /** What the reverse model cannot read comes last, and nothing fails: no source comes of it. */
    @Test
    void candidatesThatAChannelCannotReadComeLast() {
        try (Model model =
                TinyTranslator.load(true, file(-1, "translation", TinyTranslator.TOKENS, "source", "target"))) {
            TranslationSession reverse = Translator.of(model).session(TranslationOptions.DEFAULT);
            // A space that is none to String.isBlank.
            var given = new Translation(
                    List.of("w7"),
                    List.of(
                            candidate("Zanzibar", -0.1),
                            candidate("w5", -0.2),
                            candidate("\u00a0", -0.3),
                            candidate("w6 w8", -0.4)));
            for (double weight : new double[] {1, -1}) {
                Translation ranked = new NoisyChannel(reverse, _ -> 0, weight, 0).rank("w7", given);
                assertEquals(
                        Set.of("w5", "w6 w8"),
                        Set.of(
                                ranked.nBest().get(0).text(),
                                ranked.nBest().get(1).text()));
                assertEquals(List.of("Zanzibar", "\u00a0"), texts(ranked, 2));
                for (int i = 0; i < 4; i++) {
                    assertEquals(i < 2, Double.isFinite(ranked.nBest().get(i).score()));
                }
            }
            // A channel that has no weight is not asked, nor is a language model.
            Translation unasked = new NoisyChannel(reverse, _ -> Double.NaN, 0, 0).rank("Zanzibar", given);
            assertEquals(List.of("Zanzibar", "w5", "\u00a0", "w6 w8"), texts(unasked, 0));
            var impossible = new NoisyChannel(reverse, t -> t.equals("w5") ? Double.NEGATIVE_INFINITY : -1, 0, -2);
            assertEquals(List.of("Zanzibar", "\u00a0", "w6 w8", "w5"), texts(impossible.rank("w7", given), 0));
            assertThrows(InputException.class, () -> new NoisyChannel(reverse, _ -> 0, 1, 0).rank("Zanzibar", given));
            for (double wrong : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
                var broken = new NoisyChannel(reverse, _ -> wrong, 0, 1);
                assertThrows(InputException.class, () -> broken.rank("w7", given));
            }
        }
    }

    private static List<String> texts(Translation translation, int from) {
        return translation.nBest().stream()
                .skip(from)
                .map(Translation.Candidate::text)
                .toList();
    }

    /** The decoder itself is a language model of a kind: with no source it says something else. */
    @Test
    void fusionChangesScores() {
        try (Model model = model()) {
            Translator translator = Translator.of(model);
            var own = new Fusion(
                    rows -> {
                        var session = model.session(
                                dev.rondo.Capacity.of("B", options().batch())
                                        .and("K", 5)
                                        .and("S", 1));
                        return SessionSteps.of(session);
                    },
                    0.5);
            List<Translation> plain = translator.translate(TEXTS, options());
            List<Translation> none = translator.translate(TEXTS, options().withFusion(new Fusion(own.language(), 0)));
            List<Translation> fused = translator.translate(TEXTS, options().withFusion(own));
            for (int i = 0; i < TEXTS.size(); i++) {
                assertEquals(plain.get(i).text(), none.get(i).text());
                assertEquals(plain.get(i).score(), none.get(i).score(), 1e-4);
            }
            assertTrue(fused.getFirst().score() < plain.getFirst().score());
            // Its step would do, its task does not.
            InputException wrong = assertThrows(InputException.class, () -> Fusion.of(model, 0.5));
            assertTrue(wrong.getMessage().contains("task language-model"), wrong.getMessage());
        }
    }

    @Test
    void prefixes() {
        try (Model model = model()) {
            TranslationSession session = Translator.of(model).session(options());
            List<String> prefixes = List.of("w99 w98", "w97", "", "w96", "w95", "");
            List<Translation> hard = session.translate(TEXTS, prefixes, 0, TokenListener.NONE);
            List<Translation> biased = session.translate(TEXTS, prefixes, 0.999999, TokenListener.NONE);
            List<Translation> free = session.translate(TEXTS);
            for (int i = 0; i < TEXTS.size(); i++) {
                if (i != 1) {
                    assertTrue(hard.get(i).text().startsWith(prefixes.get(i)));
                    assertTrue(biased.get(i).text().startsWith(prefixes.get(i)));
                }
            }
            assertEquals("", hard.get(1).text(), "no source, no translation");
            assertEquals(free.get(2).text(), hard.get(2).text());
            assertTrue(biased.getFirst().score() > hard.getFirst().score());
            assertThrows(InputException.class, () -> session.translate(TEXTS, List.of("w5"), 0, TokenListener.NONE));
        }
    }

    @Test
    void listenerHearsOfEachTextByItsIndex() {
        try (Model model = model()) {
            TranslationSession session = Translator.of(model)
                    .session(TranslationOptions.of(BeamOptions.of(2)
                            .withConstraints(Constraints.NONE.withMinLength(3).withMaxLength(20))));
            var heard = new ArrayList<Integer>();
            List<Translation> found = session.translate(TEXTS, (text, length, token, logProb) -> {
                if (!heard.contains(text)) {
                    heard.add(text);
                }
                return text != 0;
            });
            assertEquals(List.of(0, 2, 3, 4, 5), heard.stream().sorted().toList());
            assertEquals(1, found.getFirst().nBest().getFirst().tokens().size());
        }
    }

    @Test
    void filesThatDoNotTranslateAreRefused() {
        try (Model model = TinyTranslator.load(true, file("language-model", 300, "source", "target"))) {
            assertThrows(InputException.class, () -> Translator.of(model));
        }
        try (Model model = TinyTranslator.load(true, file("translation", 300, "source"))) {
            assertThrows(FormatException.class, () -> Translator.of(model));
        }
        try (Model model = TinyTranslator.load(true, file("translation", 299, "source", "target"))) {
            assertThrows(FormatException.class, () -> Translator.of(model));
        }
    }
}
