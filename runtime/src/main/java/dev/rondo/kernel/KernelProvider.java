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
    private static final KernelProvider BEST = choose();

    /** The plain loops. */
    public static KernelProvider plain() {
        return PLAIN;
    }

    /** The fastest kernels that work on this machine and JVM; chosen once per JVM. */
    public static KernelProvider best() {
        return BEST;
    }

    private static KernelProvider plain(String reason) {
        return new KernelProvider(new PlainKernels(), "plain", 32, reason);
    }

    private static KernelProvider choose() {
        return plain("not yet");
    }
}
