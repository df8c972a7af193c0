/** Models of other frameworks to {@code .rondo} files. */
@SuppressWarnings("requires-automatic") // protobuf has a stable name, but no descriptor
module dev.rondo.converters {
    requires transitive dev.rondo.runtime;
    requires transitive dev.rondo.architectures;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires com.google.protobuf;

    exports dev.rondo.convert;
    exports dev.rondo.convert.draft;
    exports dev.rondo.convert.safetensors;
    exports dev.rondo.verify;
}
