package dev.rondo.convert.pytorch;

import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * What a checkpoint holds, whatever its format.
 *
 * @param file for messages
 * @param root what was saved
 * @param data of its storages
 * @param swap whether the data is big-endian
 */
record Checkpoint(String file, PickleValue root, Data data, boolean swap) {
    /** Finds the data of a storage. */
    interface Data {
        /** @throws FormatException when it is missing or damaged */
        MemorySegment of(TorchStorage storage);
    }

    /** Reads a file of either format; data stays where it is. */
    static Checkpoint read(String file, MemorySegment bytes) {
        boolean zip = bytes.byteSize() >= 2
                && bytes.get(ValueLayout.JAVA_BYTE, 0) == 'P'
                && bytes.get(ValueLayout.JAVA_BYTE, 1) == 'K';
        return zip ? ZipCheckpoint.read(file, bytes) : LegacyCheckpoint.read(file, bytes);
    }

    /** As {@link PytorchFile#stateDict}. */
    PytorchFile.StateDict stateDict(Optional<String> path) {
        StateDictSearch.Candidate found = StateDictSearch.find(file, root, path);
        var tensors = new LinkedHashMap<String, SourceTensor>();
        found.tensors().forEach((name, tensor) -> tensors.put(name, source(name, tensor)));
        return new PytorchFile.StateDict(found.path(), tensors);
    }

    private SourceTensor source(String name, TorchTensor tensor) {
        MemorySegment bytes = data.of(tensor.storage());
        if (bytes.byteSize() != tensor.storage().bytes()) {
            throw new FormatException(
                    file,
                    -1,
                    "storage " + tensor.storage().quotedKey() + " of tensor " + StrictJson.quote(name),
                    "must have as many bytes as it is declared with, "
                            + tensor.storage().bytes(),
                    Long.toString(bytes.byteSize()),
                    "the file is damaged; save it anew",
                    null);
        }
        return new SourceTensor(
                name,
                tensor.shape(),
                tensor.dtype().text(),
                tensor.dtype().kept(),
                new StridedValues(name, tensor, bytes, swap));
    }
}
