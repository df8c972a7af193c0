package dev.rondo.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.cli.Main;
import dev.rondo.tests.session.Places;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way on a model that PyTorch trained: converted, verified, evaluated, and made to speak. */
class ShakespeareTest {
    @TempDir
    Path folder;

    private static Fork rondo(Object... arguments) throws Exception {
        var texts = new ArrayList<String>();
        for (Object argument : arguments) {
            texts.add(argument.toString());
        }
        return Fork.of(Main.class, List.of(Fork.VECTORS), texts.toArray(String[]::new));
    }

    @Test
    void theCommandDoesWhatPyTorchDid() throws Exception {
        Path source = Places.shared("models/shakespeare_lm");
        Path text = Places.shared("data/shakespeare/input.txt");
        Assumptions.assumeTrue(Files.isDirectory(source), "the model of ../shared is absent");
        Assumptions.assumeTrue(Files.isRegularFile(text), "the text of ../shared is absent");
        JsonNode expected =
                new ObjectMapper().readTree(source.resolve("case.json").toFile());
        Path model = folder.resolve("shakespeare.rondo");
        Path io = source.resolve("io.safetensors");

        Path config = Places.root().resolve("samples/configs/shakespeare-lm.json");
        rondo("convert", source.resolve("model.safetensors"), "--config", config, "-o", model, "--io", io)
                .output();
        rondo("verify", model).output();

        String evaluated =
                rondo("eval", model, "--data", text, "--last", "0.1", "--json").output();
        double nats = expected.get("validation_nats_per_char_whole_split_once_state_carried")
                .doubleValue();
        assertEquals(
                nats,
                new ObjectMapper().readTree(evaluated).get("nats_per_token").doubleValue(),
                1e-4);

        String generated = rondo("generate", model, "--prompt", "ROMEO:", "--length", 200, "--temperature", 0)
                .out();
        assertEquals(expected.get("greedy_after_ROMEO_colon_200").textValue() + "\n", generated);

        // One weight off by a little, and verification answers no.
        byte[] bytes = Files.readAllBytes(source.resolve("model.safetensors"));
        int middle = bytes.length / 2 | 1;
        bytes[middle] ^= (byte) 0x40;
        Path spoilt = Files.write(folder.resolve("spoilt.safetensors"), bytes);
        Fork made = rondo("convert", spoilt, "--config", config, "-o", folder.resolve("spoilt.rondo"), "--io", io);
        assertTrue(
                made.code() == 1
                        || rondo("verify", folder.resolve("spoilt.rondo")).code() == 1,
                made::toString);
    }
}
