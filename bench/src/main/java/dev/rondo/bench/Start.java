package dev.rondo.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * A program in a JVM of its own, by the clock on the wall: milliseconds from its launch to the first line it prints, and to
 * the second.
 */
record Start(double first, double last) {
    /**
     * Launches a program of this class path.
     *
     * @param flag  an option of its JVM
     * @param needed classes whose jars stand first, as where a program has no others
     */
    static Start of(String flag, List<Class<?>> needed, Class<?> program, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                flag,
                "-XX:+UseSerialGC",
                "-cp",
                classPath(needed),
                program.getName()));
        command.addAll(List.of(arguments));
        long launch = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines = process.inputReader()) {
            String first = lines.readLine();
            double afterFirst = (System.nanoTime() - launch) / 1e6;
            String last = lines.readLine();
            double afterLast = (System.nanoTime() - launch) / 1e6;
            if (first == null || last == null) {
                throw new IllegalStateException(command + ": prints two lines; it has ended");
            }
            process.waitFor();
            return new Start(afterFirst, afterLast);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String classPath(List<Class<?>> needed) {
        var path = new LinkedHashSet<String>();
        for (Class<?> type : needed) {
            path.add(Path.of(URI.create(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toString()))
                    .toString());
        }
        path.add(System.getProperty("java.class.path"));
        return String.join(File.pathSeparator, path);
    }
}
