package dev.rondo.tests.modules;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.attribute.ModuleAttribute;
import java.lang.classfile.attribute.SignatureAttribute;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MethodTypeEntry;
import java.lang.classfile.constantpool.NameAndTypeEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A module of this project as it was compiled.
 *
 * @param requires the modules that its descriptor requires
 * @param references for each of its classes the classes that it mentions, itself included; {@code .} between packages
 */
record CompiledModule(String name, Set<String> requires, Map<String, Set<String>> references) {
    private static final Pattern CLASS_IN_DESCRIPTOR = Pattern.compile("L([\\w$/]+)[;<]");

    /** The modules of this project on the class path. */
    static List<CompiledModule> onClassPath() throws IOException, URISyntaxException {
        var modules = new ArrayList<CompiledModule>();
        ClassLoader loader = CompiledModule.class.getClassLoader();
        for (URL descriptor : Collections.list(loader.getResources("module-info.class"))) {
            ModuleAttribute module = moduleOf(descriptor);
            if (!module.moduleName().name().stringValue().startsWith("dev.rondo.")) {
                continue;
            }
            URI uri = descriptor.toURI();
            if (uri.getScheme().equals("jar")) {
                String jar = uri.getRawSchemeSpecificPart().split("!/")[0];
                modules.add(inJar(Path.of(URI.create(jar))));
            } else {
                modules.add(read(module, Path.of(uri).getParent()));
            }
        }
        return modules;
    }

    /** The module in a jar. */
    static CompiledModule inJar(Path jar) throws IOException {
        try (FileSystem files = FileSystems.newFileSystem(jar)) {
            Path root = files.getPath("/");
            return read(moduleOf(root.resolve("module-info.class").toUri().toURL()), root);
        }
    }

    private static ModuleAttribute moduleOf(URL descriptor) throws IOException {
        try (InputStream in = descriptor.openStream()) {
            return ClassFile.of()
                    .parse(in.readAllBytes())
                    .findAttribute(Attributes.module())
                    .orElseThrow();
        }
    }

    private static CompiledModule read(ModuleAttribute module, Path root) throws IOException {
        var requires = new TreeSet<String>();
        module.requires().forEach(r -> requires.add(r.requires().name().stringValue()));
        var references = new TreeMap<String, Set<String>>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                if (!file.endsWith("module-info.class")) {
                    ClassModel parsed = parse(file);
                    references.put(dotted(parsed.thisClass().asInternalName()), mentioned(parsed));
                }
            }
        }
        return new CompiledModule(module.moduleName().name().stringValue(), requires, references);
    }

    private static ClassModel parse(Path file) throws IOException {
        return ClassFile.of().parse(Files.readAllBytes(file));
    }

    /** Every class that a class file names: in its constants, descriptors and generic signatures. */
    static Set<String> mentioned(ClassModel parsed) {
        var names = new TreeSet<String>();
        for (PoolEntry entry : parsed.constantPool()) {
            switch (entry) {
                case ClassEntry c -> {
                    String internal = c.asInternalName();
                    if (internal.startsWith("[")) {
                        addAll(names, internal);
                    } else {
                        names.add(dotted(internal));
                    }
                }
                case NameAndTypeEntry n -> addAll(names, n.type().stringValue());
                case MethodTypeEntry m -> addAll(names, m.descriptor().stringValue());
                default -> {}
            }
        }
        parsed.fields().forEach(f -> addAll(names, f.fieldType().stringValue()));
        parsed.methods().forEach(m -> addAll(names, m.methodType().stringValue()));
        Stream.of(
                        parsed.attributes().stream(),
                        parsed.fields().stream().flatMap(f -> f.attributes().stream()),
                        parsed.methods().stream().flatMap(m -> m.attributes().stream()))
                .flatMap(s -> s)
                .filter(SignatureAttribute.class::isInstance)
                .forEach(s -> addAll(names, ((SignatureAttribute) s).signature().stringValue()));
        return names;
    }

    private static void addAll(Set<String> names, String descriptor) {
        Matcher matcher = CLASS_IN_DESCRIPTOR.matcher(descriptor);
        while (matcher.find()) {
            names.add(dotted(matcher.group(1)));
        }
    }

    private static String dotted(String internal) {
        return internal.replace('/', '.');
    }

    static String packageOf(String className) {
        int dot = className.lastIndexOf('.');
        return dot < 0 ? "" : className.substring(0, dot);
    }

    Set<String> packages() {
        var packages = new TreeSet<String>();
        references.keySet().forEach(c -> packages.add(packageOf(c)));
        return packages;
    }

    /** For each package of this module the packages that it mentions, itself excluded. */
    Map<String, Set<String>> packageReferences() {
        var arrows = new TreeMap<String, Set<String>>();
        references.forEach((from, all) -> {
            Set<String> targets = arrows.computeIfAbsent(packageOf(from), p -> new TreeSet<>());
            all.forEach(to -> targets.add(packageOf(to)));
            targets.remove(packageOf(from));
        });
        return arrows;
    }
}
