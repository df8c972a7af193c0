package dev.rondo.tests.modules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Arrows between modules and between the packages of the runtime point one way only. */
class ModuleBoundariesTest {
    private static final String VECTOR = "jdk.incubator.vector";

    /** Which modules of this project a module may use. */
    private static final Map<String, Set<String>> MAY_USE = Map.of(
            "dev.rondo.formats", Set.of(),
            "dev.rondo.runtime", Set.of("dev.rondo.formats"),
            "dev.rondo.decoding", Set.of("dev.rondo.formats", "dev.rondo.runtime"),
            "dev.rondo.architectures", Set.of("dev.rondo.formats", "dev.rondo.runtime"),
            "dev.rondo.converters", Set.of("dev.rondo.formats", "dev.rondo.runtime", "dev.rondo.architectures"),
            "dev.rondo.trainer",
                    Set.of("dev.rondo.formats", "dev.rondo.runtime", "dev.rondo.decoding", "dev.rondo.architectures"),
            "dev.rondo.cli",
                    Set.of(
                            "dev.rondo.formats",
                            "dev.rondo.runtime",
                            "dev.rondo.decoding",
                            "dev.rondo.architectures",
                            "dev.rondo.converters",
                            "dev.rondo.trainer"));

    /** The layers of the runtime, lowest first: each may use those before it, and those beside it only without cycles. */
    private static final List<Set<String>> LAYERS = List.of(
            Set.of("dev.rondo.error", "dev.rondo.format"),
            Set.of("dev.rondo.graph"),
            Set.of("dev.rondo.kernel"),
            Set.of("dev.rondo.plan"),
            Set.of("dev.rondo", "dev.rondo.decode", "dev.rondo.text"));

    private static final Map<String, CompiledModule> MODULES = new TreeMap<>();

    @BeforeAll
    static void read() throws Exception {
        for (CompiledModule module : CompiledModule.onClassPath()) {
            MODULES.put(module.name(), module);
        }
    }

    /** The exported packages of the JDK, with their modules. */
    private static Map<String, String> jdkPackages() {
        Map<String, String> packages = new HashMap<>();
        ModuleFinder.ofSystem().findAll().forEach(module -> {
            ModuleDescriptor descriptor = module.descriptor();
            descriptor.exports().stream()
                    .filter(e -> !e.isQualified())
                    .forEach(e -> packages.put(e.source(), descriptor.name()));
        });
        return packages;
    }

    @Test
    void everyModuleIsLookedAt() {
        assertEquals(new TreeSet<>(MAY_USE.keySet()), new TreeSet<>(MODULES.keySet()));
        MODULES.values().forEach(m -> assertFalse(m.references().isEmpty(), m.name() + " has classes"));
    }

    @Test
    void modulesUseOnlyThoseBelowThem() {
        var wrong = new ArrayList<String>();
        for (CompiledModule user : MODULES.values()) {
            for (CompiledModule used : MODULES.values()) {
                boolean allowed = used == user || MAY_USE.get(user.name()).contains(used.name());
                if (!allowed && user.requires().contains(used.name())) {
                    wrong.add(user.name() + " requires " + used.name());
                }
                if (!allowed) {
                    user.references()
                            .forEach((from, all) -> all.stream()
                                    .filter(used.references()::containsKey)
                                    .forEach(to -> wrong.add(from + " uses " + to)));
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void formatsAndRuntimeNeedTheJdkOnly() {
        Map<String, String> jdk = jdkPackages();
        Map<String, Set<String>> allowed = Map.of(
                "dev.rondo.formats", Set.of("java.base"),
                "dev.rondo.runtime", Set.of("java.base", VECTOR));
        var wrong = new ArrayList<String>();
        allowed.forEach((name, jdkModules) -> {
            CompiledModule module = MODULES.get(name);
            var requires = new TreeSet<>(module.requires());
            requires.removeAll(jdkModules);
            requires.removeAll(MAY_USE.get(name));
            requires.forEach(r -> wrong.add(name + " requires " + r));
            module.references().forEach((from, all) -> {
                for (String to : all) {
                    String owner = jdk.get(CompiledModule.packageOf(to));
                    boolean own = MODULES.get("dev.rondo.formats").references().containsKey(to)
                            || module.references().containsKey(to);
                    if (!own && (owner == null || !jdkModules.contains(owner))) {
                        wrong.add(from + " uses " + to + (owner == null ? "" : " of " + owner));
                    }
                }
            });
        });
        assertEquals(List.of(), wrong);
    }

    /** The day the Vector API leaves the incubator, the packages of kernels change and no other: one for each module. */
    @Test
    void onlyKernelsUseTheVectorApi() {
        var users = new TreeSet<String>();
        MODULES.values()
                .forEach(m -> m.packageReferences().forEach((from, targets) -> {
                    if (targets.contains(VECTOR)) {
                        users.add(from);
                    }
                }));
        assertEquals(Set.of("dev.rondo.kernel", "dev.rondo.train.kernel"), users);
    }

    @Test
    void packagesOfTheRuntimeStandInLayers() {
        var wrong = new ArrayList<String>();
        CompiledModule runtime = MODULES.get("dev.rondo.runtime");
        runtime.packageReferences().forEach((from, targets) -> {
            for (String to : targets) {
                if (layer(to) > layer(from)) {
                    wrong.add(from + " uses " + to);
                }
            }
        });
        assertEquals(List.of(), wrong);
        for (String own : runtime.packages()) {
            assertTrue(layer(own) >= 0, "package " + own + " has a layer");
        }
    }

    /** The layer of a package or of the one that it lies in, −1 outside this project. */
    private static int layer(String packageName) {
        for (int i = 0; i < LAYERS.size(); i++) {
            for (String root : LAYERS.get(i)) {
                boolean below = packageName.startsWith(root + ".") && !root.equals("dev.rondo");
                if (packageName.equals(root) || below) {
                    return i;
                }
            }
        }
        return -1;
    }

    @Test
    void packagesHaveNoCycles() {
        Map<String, Set<String>> arrows = new TreeMap<>();
        MODULES.values().forEach(m -> arrows.putAll(m.packageReferences()));
        assertEquals(List.of(), cycle(arrows));
    }

    /** Some cycle, as the packages on it; empty when there is none. */
    private static List<String> cycle(Map<String, Set<String>> arrows) {
        var finished = new TreeSet<String>();
        for (String start : arrows.keySet()) {
            var path = new ArrayList<String>();
            List<String> found = cycle(start, arrows, path, finished);
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    private static List<String> cycle(
            String at, Map<String, Set<String>> arrows, List<String> path, Set<String> finished) {
        if (path.contains(at)) {
            return List.copyOf(path.subList(path.indexOf(at), path.size()));
        }
        if (finished.contains(at)) {
            return List.of();
        }
        path.add(at);
        for (String next : arrows.getOrDefault(at, Set.of())) {
            List<String> found = cycle(next, arrows, path, finished);
            if (!found.isEmpty()) {
                return found;
            }
        }
        path.removeLast();
        finished.add(at);
        return List.of();
    }

    @Test
    void theSearchForCyclesFindsOne() {
        Map<String, Set<String>> circle = Map.of("a", Set.of("b"), "b", Set.of("c"), "c", Set.of("b"), "d", Set.of());
        assertEquals(Set.of("b", "c"), Set.copyOf(cycle(circle)));
        assertEquals(List.of(), cycle(Map.of("a", Set.of("b", "c"), "b", Set.of("c"), "c", Set.of("java.util"))));
    }

    /** Mentions {@link TreeMap} in a signature, {@link ModuleFinder} in a descriptor, {@link Thread} in code only. */
    private abstract static class Mentions {
        private List<TreeMap<String, String>> generic;

        abstract ModuleFinder descriptor();

        boolean code() {
            return Thread.interrupted() && generic == null;
        }
    }

    @Test
    void everyKindOfMentionIsSeen() throws Exception {
        String file = Mentions.class.getName().replace('.', '/') + ".class";
        try (InputStream in = Mentions.class.getClassLoader().getResourceAsStream(file)) {
            Set<String> seen = CompiledModule.mentioned(ClassFile.of().parse(in.readAllBytes()));
            assertTrue(
                    seen.containsAll(Set.of("java.util.TreeMap", "java.lang.module.ModuleFinder", "java.lang.Thread")),
                    seen.toString());
        }
    }
}
