package dev.rondo.tests.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A JVM like this one, run to its end.
 *
 * @param code its exit code
 * @param out what it printed
 * @param err the lines of its error stream
 */
record Fork(int code, String out, List<String> err) {
    private static final int LIMIT_SECONDS = 30;

    static final String VECTORS = "--add-modules=jdk.incubator.vector";

    /** Runs a class of the tests on their class path, with options of java before it. */
    static Fork of(Class<?> main, List<String> options, String... args) throws IOException, InterruptedException {
        var command = new ArrayList<>(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(args));
        return of(command);
    }

    /** Runs java with a whole command line; it is killed, and the test fails, when it takes too long. */
    static Fork of(List<String> arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(arguments);
        Path out = Files.createTempFile("fork", ".out");
        Path err = Files.createTempFile("fork", ".err");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("no end after " + LIMIT_SECONDS + " s: " + arguments + "\n"
                        + Files.readString(out) + Files.readString(err));
            }
            return new Fork(process.exitValue(), Files.readString(out), Files.readAllLines(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** What it printed, when all went well. */
    String output() {
        if (code != 0) {
            throw new AssertionError("exit code " + code + "\n" + out + String.join("\n", err));
        }
        return out.strip();
    }

    /** The error stream without the line that the JVM prints about incubator modules. */
    List<String> complaints() {
        return err.stream()
                .filter(l -> !l.equals("WARNING: Using incubator modules: jdk.incubator.vector"))
                .toList();
    }
}
