/** Models of other frameworks to {@code .rondo} files. */
@SuppressWarnings("requires-automatic") // protobuf and jhdf have no module descriptors
module dev.rondo.converters {
    requires transitive dev.rondo.runtime;
    requires transitive dev.rondo.architectures;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires com.google.protobuf;
    requires io.jhdf;
    // What jhdf uses: having no descriptor it cannot ask for them itself.
    requires org.apache.commons.lang3;
    requires org.slf4j;

    exports dev.rondo.convert;
    exports dev.rondo.convert.draft;
    exports dev.rondo.convert.safetensors;
    exports dev.rondo.verify;
}
