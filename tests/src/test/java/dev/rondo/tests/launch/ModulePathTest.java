package dev.rondo.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.tests.session.Places;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two jars, or three to translate, and a module that requires one of them: what the README says a user needs. */
@Tag("packaged")
class ModulePathTest {
    private static final Pattern EXAMPLE = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    @TempDir
    Path folder;

    private final String jars =
            System.getProperty("rondo.formats.jar") + File.pathSeparator + System.getProperty("rondo.runtime.jar");

    private final String jarsToDecode = jars + File.pathSeparator + System.getProperty("rondo.decoding.jar");

    /** The n-th Java example of the README. */
    private static String example(int n) throws IOException {
        Matcher matcher = EXAMPLE.matcher(Files.readString(Places.root().resolve("README.md")));
        for (int i = 0; i <= n; i++) {
            assertTrue(matcher.find(), "example " + i + " of the README");
        }
        return matcher.group(1);
    }

    /** Compiles a module that requires the runtime, with one class around some statements, and runs it. */
    private Fork run(String statements) throws Exception {
        return run("dev.rondo.runtime", List.of("dev.rondo.decode"), jars, statements);
    }

    /** The same for another module and other packages to import from. */
    private Fork run(String required, List<String> imported, String path, String statements) throws Exception {
        Path classes = compile(required, imported, path, statements);
        return Fork.of(List.of("--module-path", path + File.pathSeparator + classes, "--module", "app/app.Main"));
    }

    private Path compile(String required, List<String> imported, String path, String statements) throws Exception {
        Path sources = folder.resolve("src");
        Files.createDirectories(sources.resolve("app"));
        Path module = sources.resolve("module-info.java");
        Path main = sources.resolve("app/Main.java");
        Files.writeString(module, "module app { requires " + required + "; }");
        Files.writeString(main, """
            package app;
            import dev.rondo.*;
            %s
            import java.nio.file.Path;
            import java.util.List;
            public class Main {
                public static void main(String[] args) throws Exception {
            %s    }
            }
            """.formatted(
                imported.stream().map(name -> "import " + name + ".*;").collect(Collectors.joining(" ")), statements));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        Path classes = folder.resolve("classes");
        var messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of("--module-path", path, "-d", classes.toString(), "-proc:none");
            boolean compiled = compiler.getTask(
                            messages, files, null, options, null, files.getJavaFileObjects(module, main))
                    .call();
            assertTrue(compiled, messages::toString);
        }
        return classes;
    }

    private static String tiny() {
        return Places.root().resolve("samples/models/tiny.rondo").toString().replace("\\", "/");
    }

    @Test
    void theThreeLinesOfTheReadmeGenerateText() throws Exception {
        String lines = example(0);
        assertTrue(lines.contains("\"shakespeare.rondo\"") && lines.contains("400"), lines);
        Fork fork = run(lines.replace("shakespeare.rondo", tiny()));
        assertEquals(0, fork.code(), () -> fork.err().toString());
        assertEquals(400, fork.out().codePointCount(0, fork.out().length()));
        assertEquals(List.of(), fork.complaints());
    }

    @Test
    void theThreeLinesOfTheReadmeTranslate() throws Exception {
        String model = Places.root().resolve("samples/models/dates.rondo").toString();
        String lines = example(1).replace("dates.rondo", model.replace("\\", "/"));
        Fork fork = run("dev.rondo.decoding", List.of("dev.rondo.translation"), jarsToDecode, lines);
        assertEquals("1998-03-05", fork.output().strip(), () -> fork.err().toString());
        assertEquals(List.of(), fork.complaints());
    }

    /** Their models are nobody's but the reader's. */
    @Test
    void theFacadesOfTheReadmeCompile() throws Exception {
        List<String> packages = Stream.of("tagging", "classification", "prediction", "memory")
                .map("dev.rondo."::concat)
                .toList();
        String lines = example(2);
        packages.forEach(name -> assertTrue(lines.contains("// " + name), lines));
        compile("dev.rondo.decoding", packages, jarsToDecode, "Model model = Model.open(Path.of(\"\"));\n" + lines);
    }

    @Test
    void theStepsOfTheReadmeRunOnVectorKernels() throws Exception {
        String lines = example(3);
        Fork fork = run("Model model = Model.open(Path.of(\"" + tiny() + "\"));\n" + lines
                + "System.out.println(logits.length + \" logits, \" + model.session().kernels());\n");
        assertTrue(fork.output().matches("[0-9]+ logits, vector [0-9]+ bit"), fork.out());
        assertEquals(List.of(), fork.complaints());
    }
}
