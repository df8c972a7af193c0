package dev.rondo.convert.keras;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every model file of every case computes what Keras did. */
class KerasGoldenTest {
    private static final Path SHARED = Path.of("..", "..", "shared", "fixtures", "keras");
    private static final Path OURS = Path.of("src", "test", "resources", "keras");

    @TempDir
    Path temp;

    @TestFactory
    Stream<DynamicTest> shared() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(SHARED), "the Keras fixtures of ../shared are absent");
        return tests(SHARED);
    }

    @TestFactory
    Stream<DynamicTest> ours() throws IOException {
        return tests(OURS);
    }

    private Stream<DynamicTest> tests(Path root) throws IOException {
        var tests = new ArrayList<DynamicTest>();
        for (Path folder : KerasCase.folders(root)) {
            for (String file : List.of("model.keras", "model.h5", "model.weights.h5")) {
                if (Files.isRegularFile(folder.resolve(file))) {
                    String name = folder.getFileName() + ", " + file;
                    tests.add(DynamicTest.dynamicTest(
                            name, () -> KerasCase.of(folder).verify(file, temp)));
                }
            }
        }
        return tests.stream();
    }
}
