import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.sourceforge.pmd.PMDConfiguration;
import net.sourceforge.pmd.PmdAnalysis;
import net.sourceforge.pmd.lang.java.JavaLanguageModule;
import net.sourceforge.pmd.reporting.Report;

/**
 * Applies the rules of {@code build/pmd.xml} to every Java source of the project: {@code Lint.java ROOT REPORT}.
 *
 * <p>One run over all modules: a run of the Maven plugin per module costs two seconds each. The report is as in Format.
 */
final class Lint {
    private Lint() {}

    public static void main(String[] args) throws IOException {
        Path root = Path.of(args[0]).toRealPath();
        Path report = Path.of(args[1]);
        Files.deleteIfExists(report);
        PMDConfiguration configuration = new PMDConfiguration();
        configuration.setDefaultLanguageVersion(JavaLanguageModule.getInstance().getVersion("25"));
        configuration.addRuleSet(root.resolve("build/pmd.xml").toString());
        configuration.setIgnoreIncrementalAnalysis(true);
        List<String> faults;
        try (PmdAnalysis analysis = PmdAnalysis.create(configuration);
                Stream<Path> modules = Files.list(root)) {
            for (Path sources : modules.map(module -> module.resolve("src"))
                    .filter(Files::isDirectory)
                    .toList()) {
                analysis.files().addDirectory(sources);
            }
            faults = faults(root, analysis.performAnalysisAndCollectReport());
        }
        if (!faults.isEmpty()) {
            faults.forEach(System.out::println);
            Files.createDirectories(report.getParent());
            Files.write(report, faults);
        }
    }

    private static List<String> faults(Path root, Report report) {
        Stream<String> violations = report.getViolations().stream()
                .map(violation -> "%s:%d: %s (%s)"
                        .formatted(
                                root.relativize(Path.of(violation.getFileId().getAbsolutePath())),
                                violation.getBeginLine(),
                                violation.getDescription(),
                                violation.getRule().getName()));
        Stream<String> errors = Stream.concat(
                report.getProcessingErrors().stream()
                        .map(error -> error.getFileId().getAbsolutePath() + ": " + error.getMsg()),
                report.getConfigurationErrors().stream()
                        .map(error -> error.rule().getName() + ": " + error.issue()));
        return Stream.concat(violations, errors).sorted().toList();
    }
}
