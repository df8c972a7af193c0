package dev.rondo.convert.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.convert.onnx.op.OperatorTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/onnx.md} lists what the table of operators converts and refuses: no more, no less. */
class OperatorDocumentTest {
    private static final Path DOCUMENT = Path.of("../docs/onnx.md");
    private static final Pattern ROW = Pattern.compile("^\\| (`[^|]*`) \\| (.*) \\|$", Pattern.MULTILINE);
    /** Operators with graphs in them, which the walk itself takes. */
    private static final Set<String> GRAPHS = Set.of("If", "Loop");

    @Test
    void converted() throws IOException {
        var operators = new TreeSet<>(OperatorTable.standard().operators());
        operators.addAll(GRAPHS);
        assertEquals(operators, new TreeSet<>(rows("### Converted").keySet()));
    }

    @Test
    void refused() throws IOException {
        assertEquals(new TreeMap<>(OperatorTable.standard().refused()), new TreeMap<>(rows("### Refused")));
    }

    /** What the table under a heading says, by operator. */
    private static Map<String, String> rows(String heading) throws IOException {
        String document = Files.readString(DOCUMENT);
        int begin = document.indexOf(heading) + heading.length();
        int end = document.indexOf("\n#", begin);
        var rows = new LinkedHashMap<String, String>();
        var matcher = ROW.matcher(document.substring(begin, end));
        while (matcher.find()) {
            Arrays.stream(matcher.group(1).split(", "))
                    .forEach(name -> rows.put(name.replace("`", ""), matcher.group(2)));
        }
        return rows;
    }
}
