package dev.rondo.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.kernel.KernelProvider;
import org.junit.jupiter.api.Test;

/** The engines are what their names say. */
class EngineTest {
    /** Otherwise every test of the best kernels would test the plain ones twice. */
    @Test
    void theBestKernelsAreVectorKernels() {
        KernelProvider best = KernelProvider.best();
        assertEquals("vector", best.name(), best.reason());
        assertTrue(best.bits() >= 128);
    }

    @Test
    void everyEngineHasANameOfItsOwn() {
        assertEquals(
                Engine.all().size(),
                Engine.all().stream().map(Engine::name).distinct().count());
    }
}
