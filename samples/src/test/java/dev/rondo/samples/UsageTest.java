package dev.rondo.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sample that is started without what it needs says what that is. */
class UsageTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DateTexts FOLDER [SEED]",
                "DetectSpeech MODEL [WAV]",
                "GenerateText MODEL PROMPT",
                "StreamSteps MODEL",
                "TrainNetwork MODEL"
            })
    void isOneLine(String usage) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.rondo.samples." + usage.substring(0, usage.indexOf(' ')))
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals("usage: " + usage, said.strip());
        assertEquals(2, process.waitFor());
    }
}
