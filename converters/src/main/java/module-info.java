/** Models of other frameworks to {@code .rondo} files. */
@SuppressWarnings("requires-automatic") // protobuf and jhdf have no module descriptors
module dev.rondo.converters {
    requires transitive dev.rondo.runtime;
    requires transitive dev.rondo.architectures;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires com.google.protobuf;
    requires io.jhdf;
    requires org.slf4j; // what jhdf logs to; on the module path nobody else asks for it

    exports dev.rondo.convert;
    exports dev.rondo.convert.draft;
    exports dev.rondo.convert.safetensors;
    exports dev.rondo.verify;
}
