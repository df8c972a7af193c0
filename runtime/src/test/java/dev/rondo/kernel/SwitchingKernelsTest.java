package dev.rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.graph.Activation;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a kernel does for a step is done by the kernels that are in use, and by no other. */
class SwitchingKernelsTest {
    private static boolean isKernel(Method method) {
        return Modifier.isPublic(method.getModifiers())
                && !Modifier.isStatic(method.getModifiers())
                && !method.isSynthetic();
    }

    private static Object anything(Class<?> type) {
        if (type == boolean.class) {
            return true;
        }
        if (type == float.class) {
            return 0.5f;
        }
        return type == int.class ? (Object) 3 : null;
    }

    /** Also those that an interface of kernels has a default for and an implementation does better. */
    @Test
    void everyKernelOfAnImplementationIsPassedOnWithItsArguments() throws Exception {
        List<Method> methods = Stream.of(Kernels.class, PlainKernels.class, VectorKernels.class)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(SwitchingKernelsTest::isKernel)
                .filter(method -> !method.isDefault())
                .toList();
        assertTrue(methods.size() > 40, methods::toString);
        for (Method method : methods) {
            var called = new ArrayList<String>();
            var given = new ArrayList<Object>();
            var switching = new SwitchingKernels();
            switching.use((Kernels) Proxy.newProxyInstance(
                    Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, (_, kernel, arguments) -> {
                        called.add(kernel.getName() + Arrays.toString(kernel.getParameterTypes()));
                        given.addAll(Arrays.asList(arguments));
                        return null;
                    }));
            Object[] arguments = Arrays.stream(method.getParameterTypes())
                    .map(SwitchingKernelsTest::anything)
                    .toArray();
            try {
                SwitchingKernels.class
                        .getDeclaredMethod(method.getName(), method.getParameterTypes())
                        .invoke(switching, arguments);
            } catch (InvocationTargetException wrong) {
                throw new AssertionError(method + " is not passed on", wrong);
            }
            assertEquals(List.of(method.getName() + Arrays.toString(method.getParameterTypes())), called);
            assertArrayEquals(arguments, given.toArray());
        }
    }

    @Test
    void itBeginsWithPlainKernels() {
        try (Arena arena = Arena.ofConfined()) {
            View x = View.f32(arena.allocate(64, 64), 1, 1);
            x.segment.set(ValueLayout.JAVA_FLOAT, 0, -2);
            new SwitchingKernels().activate(Activation.RELU, x, x);
            assertEquals(0, x.segment.get(ValueLayout.JAVA_FLOAT, 0));
        }
    }
}
