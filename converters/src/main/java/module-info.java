/** Models of other frameworks to {@code .rondo} files. */
module dev.rondo.converters {
    requires transitive dev.rondo.runtime;
    requires transitive dev.rondo.architectures;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;

    exports dev.rondo.convert;
    exports dev.rondo.convert.draft;
    exports dev.rondo.convert.safetensors;
    exports dev.rondo.verify;
}
