package dev.rondo.kernel;

/**
 * Which kernels run, and why.
 *
 * @param kernels the implementation
 * @param name "plain" or "vector"
 * @param bits width of a vector; 32 for plain
 * @param reason one line for {@code rondo doctor} and the log: why these
 */
public record KernelProvider(Kernels kernels, String name, int bits, String reason) {
    static KernelProvider plain() {
        throw new UnsupportedOperationException("not yet");
    }

    static KernelProvider best() {
        return plain();
    }
}
