package dev.rondo.train.network;

/** How numbers are scaled before a network reads them; fitted on the training data and stored in the model. */
public enum NumberScaling {
    /** As they are. */
    NONE,
    /** Each column to the mean 0 and the deviation 1. */
    STANDARD,
    /** Each column to 0 to 1. */
    UNIT,
    /** Each column to −1 to 1. */
    SYMMETRIC,
    /** All by one factor, so that the largest absolute value is 1: images keep their contrast. */
    COMMON
}
