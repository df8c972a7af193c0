import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.JavaFormatterOptions.Style;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Checks or rewrites the format of every Java source of the project: {@code Format.java check|apply ROOT REPORT}.
 *
 * <p>The report exists afterwards if the check found something. The build fails on that file with a readable message,
 * which an exit code would bury under a stack trace of Maven.
 */
final class Format {
    private static final Formatter FORMATTER = Formatter.createFormatter(
            JavaFormatterOptions.builder().style(Style.PALANTIR).build());

    private Format() {}

    public static void main(String[] args) throws IOException {
        boolean apply = switch (args[0]) {
            case "apply" -> true;
            case "check" -> false;
            default -> throw new IllegalArgumentException("-Dformat takes check or apply; got " + args[0]);
        };
        Path root = Path.of(args[1]).toRealPath();
        Path report = Path.of(args[2]);
        Files.deleteIfExists(report);
        List<String> faults = sources(root).parallelStream()
                .flatMap(source -> fault(root.relativize(source), source, apply).stream())
                .sorted()
                .toList();
        if (!faults.isEmpty()) {
            faults.forEach(System.out::println);
            Files.createDirectories(report.getParent());
            Files.write(report, faults);
        }
    }

    private static List<Path> sources(Path root) throws IOException {
        try (Stream<Path> modules = Files.list(root)) {
            return modules.filter(module -> Files.isRegularFile(module.resolve("pom.xml")))
                    .flatMap(Format::javaFiles)
                    .toList();
        }
    }

    private static Stream<Path> javaFiles(Path module) {
        Path start = Files.isDirectory(module.resolve("src")) ? module.resolve("src") : module;
        try (Stream<Path> files = Files.walk(start)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is wrong with the source and stays wrong. */
    private static Optional<String> fault(Path name, Path source, boolean apply) {
        try {
            String before = Files.readString(source);
            String after = FORMATTER.formatSourceAndFixImports(before);
            if (after.equals(before)) {
                return Optional.empty();
            }
            if (apply) {
                Files.writeString(source, after);
                System.out.println("formatted " + name);
                return Optional.empty();
            }
            return Optional.of(name + ": badly formatted");
        } catch (FormatterException e) {
            // The formatter takes "var _" in a record pattern, but not yet the bare "_".
            String hint = e.getMessage().contains("'_'") ? " (in a record pattern write \"var _\" for \"_\")" : "";
            return Optional.of(name + ": cannot be formatted: " + e.getMessage() + hint);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
