/** The {@code .rondo} container: reader, writer and the errors they raise. */
module dev.rondo.formats {
    exports dev.rondo.error;
    exports dev.rondo.format;
}
