/** The {@code .rondo} container: reader, writer, and the exceptions of the whole project. Needs the JDK and nothing else. */
module dev.rondo.formats {
    exports dev.rondo.error;
    exports dev.rondo.format;
}
