package dev.rondo.convert.pytorch;

import dev.rondo.convert.json.StrictJson;

/**
 * A run of bytes that tensors are views of.
 *
 * @param key   its name in the checkpoint
 * @param dtype of the elements it is declared with
 * @param bytes its length, as declared
 */
record TorchStorage(String key, TorchDtype dtype, long bytes) {
    String quotedKey() {
        return StrictJson.quote(key);
    }
}
