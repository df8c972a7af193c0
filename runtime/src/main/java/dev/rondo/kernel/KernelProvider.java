package dev.rondo.kernel;

/**
 * Which kernels run, and why.
 *
 * @param kernels the implementation
 * @param name "plain" or "vector"
 * @param bits width of a vector; 32 for plain
 * @param reason why these; one line for {@code rondo doctor} and the log
 */
public record KernelProvider(Kernels kernels, String name, int bits, String reason) {

    private static final KernelProvider PLAIN = plain("asked for");

    /** Initialised when first asked for: the Vector API's classes cost a young JVM tens of milliseconds. */
    private static final class Best {
        static final KernelProvider PROVIDER = choose();

        private Best() {}
    }

    /** The plain loops. */
    public static KernelProvider plain() {
        return PLAIN;
    }

    /** The fastest kernels that work on this machine and JVM; chosen once per JVM. */
    public static KernelProvider best() {
        return Best.PROVIDER;
    }

    private static KernelProvider plain(String reason) {
        return new KernelProvider(new PlainKernels(), "plain", Float.SIZE, reason);
    }

    private static KernelProvider choose() {
        try {
            return vector();
        } catch (NoClassDefFoundError missing) {
            return plain(
                    "the module jdk.incubator.vector is missing; start java with --add-modules jdk.incubator.vector");
        }
    }

    /** In a method of its own: the Vector API is first needed here. */
    private static KernelProvider vector() {
        int machine = Vectors.machineBits();
        // On x86 fma comes with AVX2 and so with 256 bits; without it the Vector API computes fma in software.
        int needed = System.getProperty("os.arch").equals("amd64") ? 256 : 128;
        if (machine < needed) {
            return plain("this machine or JVM has vectors of " + machine + " bits; the vector kernels need " + needed);
        }
        int bits = Vectors.BYTES * Byte.SIZE;
        String why = bits < machine
                ? "rondo.vector.bits asks for less than the " + machine + " of this machine"
                : "the widest here";
        return new KernelProvider(new VectorKernels(), "vector", bits, why);
    }
}
