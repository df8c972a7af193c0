package dev.rondo.kernel;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width of this JVM, chosen once, and what every vector kernel needs with it: loads, stores and sums in a fixed order.
 *
 * <p>System property {@code rondo.vector.bits} asks for 128, 256 or 512; the machine's own width is the most it can give, because a
 * species wider than the hardware boxes every vector.
 */
public final class Vectors {

    /** The species of f32. */
    public static final VectorSpecies<Float> F = choose(Integer.getInteger("rondo.vector.bits", 512));

    /** The species of i32 of the same width. */
    public static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());

    /** The species of i16 of the same width. */
    static final VectorSpecies<Short> S = VectorSpecies.of(short.class, F.vectorShape());

    /** Lanes of a vector: 4, 8 or 16. */
    public static final int LANES = F.length();

    /**
     * Every lane its own number. {@code LANE.compare(LT, n)} masks the first n lanes without a branch, where {@code indexInRange} joins several masks.
     * {@link PanelsF32#tail} says where masks cost memory.
     */
    static final FloatVector LANE = FloatVector.zero(F).addIndex(1);

    /** Bytes of a vector. */
    public static final int BYTES = F.vectorByteSize();

    /** Byte order of values. */
    public static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    /** Byte order of stored weights. */
    static final ByteOrder STORED = ByteOrder.LITTLE_ENDIAN;

    static final VectorShuffle<Float> HALF = rotation(LANES / 2);
    static final VectorShuffle<Float> QUARTER = rotation(LANES / 4);
    static final VectorShuffle<Float> EIGHTH = rotation(LANES / 8);
    static final VectorShuffle<Float> SIXTEENTH = rotation(LANES / 16);

    private Vectors() {}

    /** The widest vectors that this JVM uses on this machine, in bits. */
    static int machineBits() {
        return FloatVector.SPECIES_PREFERRED.vectorBitSize();
    }

    private static VectorSpecies<Float> choose(int wanted) {
        int bits = Math.min(wanted, machineBits());
        if (bits >= 512) {
            return FloatVector.SPECIES_512;
        }
        return bits >= 256 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;
    }

    /** The shape of a vector of that many bits: 64, 128, 256 or 512. */
    static VectorShape shape(int bits) {
        return VectorShape.forBitSize(bits);
    }

    private static VectorShuffle<Float> rotation(int distance) {
        return VectorShuffle.iota(F, distance, 1, true);
    }

    /**
     * The sum of all lanes as a tree: halves onto each other until one lane is left. {@code reduceLanes} would leave the order to the compiler.
     */
    public static float sum(FloatVector v) {
        FloatVector s = v;
        if (LANES >= 16) {
            s = s.add(s.rearrange(HALF));
            s = s.add(s.rearrange(QUARTER));
            s = s.add(s.rearrange(EIGHTH));
            s = s.add(s.rearrange(SIXTEENTH));
        } else if (LANES >= 8) {
            s = s.add(s.rearrange(HALF));
            s = s.add(s.rearrange(QUARTER));
            s = s.add(s.rearrange(EIGHTH));
        } else {
            s = s.add(s.rearrange(HALF));
            s = s.add(s.rearrange(QUARTER));
        }
        return s.lane(0);
    }
}
