import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.JavaFormatterOptions.Style;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** Checks or rewrites the format of every Java source of the project: {@code Format.java check|apply ROOT}. */
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
        Queue<Path> wrong = new ConcurrentLinkedQueue<>();
        sources(root).parallelStream().forEach(source -> {
            if (!formatted(source, apply)) {
                wrong.add(root.relativize(source));
            }
        });
        if (wrong.isEmpty()) {
            return;
        }
        wrong.stream()
                .sorted()
                .forEach(path -> System.out.println((apply ? "formatted " : "badly formatted: ") + path));
        if (!apply) {
            System.out.println("To format them: mvn -q -N -f build verify -Dformat=apply");
            System.exit(1);
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
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Whether the source was formatted before this call. */
    private static boolean formatted(Path source, boolean apply) {
        try {
            String before = Files.readString(source);
            String after = FORMATTER.formatSourceAndFixImports(before);
            if (apply && !after.equals(before)) {
                Files.writeString(source, after);
            }
            return after.equals(before);
        } catch (IOException | FormatterException e) {
            throw new IllegalStateException(source + ": " + e.getMessage(), e);
        }
    }
}
