package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.train.Evaluation;
import org.junit.jupiter.api.Test;

class MeasuresTest {
    @Test
    void textsHaveAPerplexity() {
        var words = Measures.ofText("word").withQuality("macro F1");
        assertEquals("0.6931 nats per word, perplexity 2.0000", words.lossText(Math.log(2)));
        assertEquals("macro F1 71.25", words.qualityText(Evaluation.ofQuality(1, 71.25)));
        assertEquals("", words.qualityText(Evaluation.ofLoss(1)));
        assertEquals("validation_macro_f1", words.qualityKey());
        assertEquals("validation_bleu", words.withQuality("BLEU").qualityKey());
    }

    @Test
    void whatIsNoTextHasNone() {
        assertEquals("0.6931 nats per sentence", Measures.nats("sentence").lossText(Math.log(2)));
        assertEquals(
                "0.2500 squared error per value",
                Measures.error("squared", "value").lossText(0.25));
    }
}
