package dev.rondo.convert.pytorch;

import java.lang.foreign.MemorySegment;

/**
 * What a checkpoint holds, whatever its format.
 *
 * @param root what was saved
 * @param data of its storages
 * @param swap whether the data is big-endian
 */
record Checkpoint(PickleValue root, Data data, boolean swap) {
    /** Finds the data of a storage. */
    interface Data {
        /** @throws dev.rondo.error.FormatException when it is missing or damaged */
        MemorySegment of(TorchStorage storage);
    }
}
