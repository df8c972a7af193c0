package dev.rondo;

import dev.rondo.kernel.KernelProvider;

/**
 * The kernels that {@link Model.Kernel#BEST} stands for on this machine and JVM.
 *
 * @param name   {@code plain} or {@code vector}
 * @param bits   the width of a vector; 32 for plain kernels
 * @param reason why these, in one line
 */
public record KernelChoice(String name, int bits, String reason) {
    /** What sessions run unless they ask for plain kernels; chosen once per JVM. */
    public static KernelChoice best() {
        KernelProvider best = KernelProvider.best();
        return new KernelChoice(best.name(), best.bits(), best.reason());
    }

    /** Whether the plain loops run, which are several times slower. */
    public boolean isPlain() {
        return name.equals("plain");
    }

    /** Initialised, and so printed, at most once per JVM: when the first session with the best kernels is opened. */
    static final class Notice {
        private Notice() {}

        static {
            KernelChoice best = best();
            if (best.isPlain()) {
                System.err.println("rondo: running on plain kernels, slower: " + best.reason());
            }
        }

        /** Does nothing but the above. */
        static void giveOnce() {}
    }
}
