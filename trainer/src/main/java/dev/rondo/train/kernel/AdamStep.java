package dev.rondo.train.kernel;

/**
 * The constants of one step of Adam (Kingma and Ba 2015), those of its bias corrections included.
 *
 * @param keep    1 - the decay
 * @param beta1   of the first moment
 * @param beta2   of the second
 * @param share1  1 - beta1
 * @param share2  1 - beta2
 * @param size    the learning rate over the first moment's correction
 * @param scale   of the root of the second moment
 * @param epsilon beside it
 */
public record AdamStep(
        float keep, float beta1, float beta2, float share1, float share2, float size, float scale, float epsilon) {

    /** The constants. */
    public AdamStep {}
}
