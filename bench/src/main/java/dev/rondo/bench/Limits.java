package dev.rondo.bench;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.util.function.LongSupplier;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** What one core of this machine can do at most, by loops that do nothing else: multiply-adds, and reading of memory. */
final class Limits {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final int STRETCHES = 20;
    private static final long STRETCH_NANOS = 5_000_000;
    private static final int FMAS = 12;

    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private double flopsPerNano;
    private float sink;

    /** Operations a nanosecond, two for a multiply-add; measured once. */
    double flopsPerNano() {
        if (flopsPerNano == 0) {
            int times = 20_000;
            flopsPerNano = best(() -> {
                sink += multiplyAdds(times);
                return 2L * times * FMAS * F.length();
            });
        }
        return flopsPerNano;
    }

    /** Bytes a nanosecond when that many are read again and again: from the cache they fit into, or from memory. */
    double bytesPerNano(double workingSet) {
        long block = 8L * F.vectorByteSize();
        long bytes = Math.max(1, Math.round(workingSet / block)) * block;
        int times = (int) Math.max(1, 1_000_000 / bytes);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(bytes, 64).fill((byte) 0);
            return best(() -> {
                sink += sum(memory, bytes, times);
                return times * bytes;
            });
        }
    }

    /** The nanoseconds that the work takes at least: of its arithmetic and its reading, what is longer. */
    double floorNanos(Work work, Contender contender) {
        double reading = work.bytes(contender.encoding()) / bytesPerNano(work.workingSet(contender.encoding()));
        return switch (contender.encoding()) {
            // Integer arithmetic is not bound by the peak of floats.
            case INT8 -> reading;
            default -> Math.max(reading, work.flops() / flopsPerNano());
        };
    }

    /** The most units a nanosecond in any of some stretches, once all is compiled: then it allocates nothing. */
    private double best(LongSupplier work) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        long garbage = -1;
        while (garbage != 0 && System.nanoTime() < end) {
            garbage = -THREADS.getCurrentThreadAllocatedBytes();
            work.getAsLong();
            work.getAsLong();
            garbage += THREADS.getCurrentThreadAllocatedBytes();
        }
        double best = 0;
        for (int i = 0; i < STRETCHES; i++) {
            long start = THREADS.getCurrentThreadCpuTime();
            long units = 0;
            long nanos = 0;
            while (nanos < STRETCH_NANOS) {
                units += work.getAsLong();
                nanos = THREADS.getCurrentThreadCpuTime() - start;
            }
            best = Math.max(best, (double) units / nanos);
        }
        if (Float.isNaN(sink)) {
            throw new IllegalStateException("sums are numbers; got NaN");
        }
        return best;
    }

    private static float multiplyAdds(int times) {
        FloatVector x = FloatVector.broadcast(F, 0.5f);
        FloatVector y = FloatVector.broadcast(F, 0.25f);
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        FloatVector i = a;
        FloatVector j = a;
        FloatVector k = a;
        FloatVector l = a;
        for (long t = 0; t < times; t++) {
            a = x.fma(y, a);
            b = x.fma(y, b);
            c = x.fma(y, c);
            d = x.fma(y, d);
            e = x.fma(y, e);
            f = x.fma(y, f);
            g = x.fma(y, g);
            h = x.fma(y, h);
            i = x.fma(y, i);
            j = x.fma(y, j);
            k = x.fma(y, k);
            l = x.fma(y, l);
        }
        return a.add(b)
                .add(c.add(d))
                .add(e.add(f))
                .add(g.add(h))
                .add(i.add(j))
                .add(k.add(l))
                .lane(0);
    }

    private static float sum(MemorySegment memory, long bytes, int times) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        long v = F.vectorByteSize();
        for (int i = 0; i < times; i++) {
            for (long o = 0; o < bytes; o += 8 * v) {
                a = FloatVector.fromMemorySegment(F, memory, o, ByteOrder.nativeOrder())
                        .add(a);
                b = FloatVector.fromMemorySegment(F, memory, o + v, ByteOrder.nativeOrder())
                        .add(b);
                c = FloatVector.fromMemorySegment(F, memory, o + 2 * v, ByteOrder.nativeOrder())
                        .add(c);
                d = FloatVector.fromMemorySegment(F, memory, o + 3 * v, ByteOrder.nativeOrder())
                        .add(d);
                e = FloatVector.fromMemorySegment(F, memory, o + 4 * v, ByteOrder.nativeOrder())
                        .add(e);
                f = FloatVector.fromMemorySegment(F, memory, o + 5 * v, ByteOrder.nativeOrder())
                        .add(f);
                g = FloatVector.fromMemorySegment(F, memory, o + 6 * v, ByteOrder.nativeOrder())
                        .add(g);
                h = FloatVector.fromMemorySegment(F, memory, o + 7 * v, ByteOrder.nativeOrder())
                        .add(h);
            }
        }
        return a.add(b).add(c.add(d)).add(e.add(f)).add(g.add(h)).lane(0);
    }
}
