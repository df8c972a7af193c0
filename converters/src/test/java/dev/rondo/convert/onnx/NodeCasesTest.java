package dev.rondo.convert.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.convert.onnx.NodeCases.NodeCase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every node case of the onnx package is converted, run and held to its tolerance, except for those that
 * {@code node-cases-failing.txt} lists with a reason; {@code docs/onnx.md} has both. To write that section anew:
 *
 * <pre>{@code
 * mvn -pl converters -am test -Dtest=NodeCasesTest -Dsurefire.failIfNoSpecifiedTests=false -Drondo.onnx.docs=true
 * }</pre>
 */
class NodeCasesTest {
    private static final Path DOCUMENT = Path.of("../docs/onnx.md");
    private static final String BEGIN = "<!-- node cases: begin -->\n";
    private static final String END = "<!-- node cases: end -->\n";
    private static final double SHARE = 0.98;

    @TempDir
    Path folder;

    @Test
    void nodeCases() throws IOException {
        NodeCases bundle = NodeCases.load("node-cases");
        Map<String, String> listed = listed();
        var run = new CaseRun(bundle, folder);
        String only = System.getProperty("rondo.onnx.case", "");
        var wrong = new TreeMap<String, String>();
        var passed = new ArrayList<NodeCase>();
        for (NodeCase node : bundle.cases()) {
            if (node.aside().isPresent() || !node.name().contains(only)) {
                continue;
            }
            Optional<String> failure = run.failure(node);
            if (failure.isPresent() && !listed.containsKey(node.name())) {
                wrong.put(node.name(), failure.get());
            } else if (failure.isEmpty() && listed.containsKey(node.name())) {
                wrong.put(node.name(), "passes, but is listed as failing");
            } else if (failure.isEmpty()) {
                passed.add(node);
            }
        }
        if (System.getProperty("rondo.onnx.failures") != null) {
            var lines = new ArrayList<String>();
            wrong.forEach((name, why) -> lines.add(name + ": " + why.replace('\n', ' ')));
            Files.write(Path.of(System.getProperty("rondo.onnx.failures")), lines);
        }
        assertEquals(Map.of(), wrong, passed.size() + " cases pass");
        if (only.isEmpty()) {
            long scope =
                    bundle.cases().stream().filter(c -> c.aside().isEmpty()).count();
            assertTrue(passed.size() >= SHARE * scope, passed.size() + " of " + scope);
            checkDocument(section(bundle, passed, listed));
        }
    }

    private static Map<String, String> listed() throws IOException {
        try (InputStream in = NodeCasesTest.class.getResourceAsStream("/onnx/node-cases-failing.txt")) {
            var listed = new TreeMap<String, String>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                String[] parts = line.split(": ", 2);
                listed.put(parts[0], parts[1]);
            }
            return listed;
        }
    }

    private static String section(NodeCases bundle, List<NodeCase> passed, Map<String, String> listed) {
        var text = new StringBuilder(BEGIN);
        Map<String, Long> aside = bundle.cases().stream()
                .flatMap(c -> c.aside().stream())
                .map(why -> why.startsWith("element type")
                        ? "an element type other than f32, f64, f16, bf16, i32, i64, bool"
                        : why)
                .collect(Collectors.groupingBy(why -> why, TreeMap::new, Collectors.counting()));
        long scope = bundle.cases().stream().filter(c -> c.aside().isEmpty()).count();
        text.append(String.format(
                Locale.ROOT, "%d of %d cases pass (%.1f %%).", passed.size(), scope, 100.0 * passed.size() / scope));
        text.append(" Aside are ")
                .append(aside.entrySet().stream()
                        .map(e -> e.getValue() + " with " + e.getKey())
                        .collect(Collectors.joining(", ")))
                .append(".\n\n| operator | pass | of |\n|---|---|---|\n");
        Map<String, List<NodeCase>> operators = bundle.cases().stream()
                .filter(c -> c.aside().isEmpty())
                .collect(Collectors.groupingBy(NodeCase::operator, TreeMap::new, Collectors.toList()));
        operators.forEach((operator, cases) -> text.append("| ")
                .append(operator)
                .append(" | ")
                .append(cases.stream().filter(passed::contains).count())
                .append(" | ")
                .append(cases.size())
                .append(" |\n"));
        text.append("\n| failing case | reason |\n|---|---|\n");
        listed.forEach((name, why) ->
                text.append("| `").append(name).append("` | ").append(why).append(" |\n"));
        return text.append(END).toString();
    }

    private static void checkDocument(String section) throws IOException {
        String document = Files.readString(DOCUMENT);
        int begin = document.indexOf(BEGIN);
        int end = document.indexOf(END) + END.length();
        assertTrue(begin >= 0 && end > begin, DOCUMENT + " has the two comments around the section");
        if (Boolean.getBoolean("rondo.onnx.docs")) {
            Files.writeString(DOCUMENT, document.substring(0, begin) + section + document.substring(end));
            return;
        }
        assertEquals(section, document.substring(begin, end), "docs/onnx.md is written anew");
    }
}
