package dev.rondo.tests.modules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a user embeds holds our classes and nothing else: no native code, no library, no data. */
@Tag("packaged")
class JarContentsTest {
    private static Path jar(String module) {
        return Path.of(System.getProperty("rondo." + module + ".jar"));
    }

    @Test
    void formatsNeedsTheJdkOnly() throws IOException {
        check("formats", Set.of("java.base"));
    }

    @Test
    void runtimeNeedsFormatsAndTheJdkOnly() throws IOException {
        check("runtime", Set.of("java.base", "jdk.incubator.vector", "dev.rondo.formats"));
    }

    private static void check(String name, Set<String> allowed) throws IOException {
        CompiledModule module = CompiledModule.inJar(jar(name));
        assertEquals("dev.rondo." + name, module.name());
        assertTrue(allowed.containsAll(module.requires()), "requires " + module.requires());
        assertTrue(
                module.references().size() > 10,
                "classes " + module.references().keySet());
        try (JarFile file = new JarFile(jar(name).toFile())) {
            List<String> others = file.stream()
                    .map(Object::toString)
                    .filter(e -> !e.matches("dev/|dev/.*(\\.class|/)|module-info\\.class|META-INF/.*"))
                    .toList();
            assertEquals(List.of(), others);
        }
        var packages = new TreeSet<>(module.packages());
        packages.removeIf(p -> p.equals("dev.rondo") || p.startsWith("dev.rondo."));
        assertEquals(Set.of(), packages);
    }
}
