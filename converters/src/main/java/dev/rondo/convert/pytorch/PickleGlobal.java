package dev.rondo.convert.pytorch;

import java.util.Optional;

/** What a pickle may name: all of it is interpreted here, nothing is looked up anywhere. */
sealed interface PickleGlobal {
    /** The element type of a typed storage, as {@code torch.FloatStorage}. */
    record StorageType(TorchDtype dtype) implements PickleGlobal {}

    /** An element type, as {@code torch.float32}. */
    record ElementType(TorchDtype dtype) implements PickleGlobal {}

    /** What is called, or stands for a type without elements. */
    enum Known implements PickleGlobal {
        UNTYPED_STORAGE,
        ORDERED_DICT,
        COUNTER,
        SET,
        TENSOR_V1,
        TENSOR_V2,
        TENSOR_V3,
        PARAMETER,
        PARAMETER_WITH_STATE,
        SIZE,
        /** Makes a value that no weight is made of. */
        PLAIN
    }

    /** The meaning of a name; empty when it is none of the list. */
    static Optional<PickleGlobal> of(String module, String name) {
        if (module.equals("torch")) {
            Optional<TorchDtype> storage = TorchDtype.ofStorage(name);
            if (storage.isPresent()) {
                return Optional.of(new StorageType(storage.get()));
            }
            Optional<TorchDtype> element = TorchDtype.named(name);
            if (element.isPresent()) {
                return Optional.of(new ElementType(element.get()));
            }
        }
        Known known = switch (module + " " + name) {
            case "collections OrderedDict" -> Known.ORDERED_DICT;
            case "collections Counter" -> Known.COUNTER;
            case "__builtin__ set", "builtins set", "__builtin__ frozenset", "builtins frozenset" -> Known.SET;
            case "torch._utils _rebuild_tensor" -> Known.TENSOR_V1;
            case "torch._utils _rebuild_tensor_v2" -> Known.TENSOR_V2;
            case "torch._utils _rebuild_tensor_v3" -> Known.TENSOR_V3;
            case "torch._utils _rebuild_parameter" -> Known.PARAMETER;
            case "torch._utils _rebuild_parameter_with_state" -> Known.PARAMETER_WITH_STATE;
            case "torch.storage UntypedStorage" -> Known.UNTYPED_STORAGE;
            case "torch Size" -> Known.SIZE;
            case "torch device",
                    "torch.serialization _get_layout",
                    "__builtin__ bytearray",
                    "builtins bytearray",
                    "__builtin__ complex",
                    "builtins complex",
                    "_codecs encode",
                    "numpy dtype",
                    "numpy.core.multiarray scalar",
                    "numpy._core.multiarray scalar" -> Known.PLAIN;
            default -> null;
        };
        return Optional.ofNullable(known);
    }
}
