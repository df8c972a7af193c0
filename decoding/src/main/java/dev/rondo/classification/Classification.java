package dev.rondo.classification;

/**
 * What a text was taken for.
 *
 * @param label         of the class
 * @param id            of the class
 * @param probabilities of all classes [K]
 */
public record Classification(String label, int id, float[] probabilities) {
    /** How probable the class is. */
    public float probability() {
        return probabilities[id];
    }

    /** The label. */
    @Override
    public String toString() {
        return label;
    }
}
