package dev.rondo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.format.SpecialIds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the class path without the vector module everything works, and says once that it could be faster. */
class PlainNoticeTest {
    @TempDir
    Path folder;

    /** What the forked JVM runs. */
    static final class Program {
        private Program() {}

        public static void main(String[] args) throws IOException {
            try (Model model = Model.open(Path.of(args[0]))) {
                LanguageModel language = LanguageModel.of(model, Model.Kernel.valueOf(args[1]));
                language.score("abba");
                System.out.print(language.score("abba").tokens());
            }
        }
    }

    private record Outcome(int code, String out, List<String> err) {}

    private Outcome fork(String kernel) throws IOException, InterruptedException {
        Path model = new TinyLanguageModel(List.of("a", "b"), SpecialIds.NONE, true)
                .write(folder.resolve("tiny.rondo"), LanguageModel.TASK);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Program.class.getName()));
        command.addAll(List.of(model.toString(), kernel));
        int code = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start()
                .waitFor();
        return new Outcome(code, Files.readString(out), Files.readAllLines(err));
    }

    @Test
    void withoutTheModuleOneLineNamesTheFlag() throws Exception {
        Outcome outcome = fork("BEST");
        assertEquals(0, outcome.code(), () -> outcome.err().toString());
        assertEquals("3", outcome.out());
        assertEquals(1, outcome.err().size(), () -> outcome.err().toString());
        assertTrue(outcome.err().getFirst().contains("--add-modules jdk.incubator.vector"), outcome.err()::toString);
    }

    @Test
    void aSessionThatWarmsUpHasNothingToSwitchTo() throws Exception {
        Outcome outcome = fork("WARMING");
        assertEquals(0, outcome.code(), () -> outcome.err().toString());
        assertEquals("3", outcome.out());
    }

    @Test
    void whoAsksForPlainKernelsIsNotTold() throws Exception {
        Outcome outcome = fork("PLAIN");
        assertEquals(0, outcome.code());
        assertEquals(List.of(), outcome.err());
    }
}
