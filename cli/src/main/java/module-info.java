/** The {@code rondo} command. */
module dev.rondo.cli {
    requires dev.rondo.runtime;
    requires dev.rondo.converters;
    requires dev.rondo.trainer;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires info.picocli;
    requires HdrHistogram;
    requires java.management;
    requires jdk.management;

    opens dev.rondo.cli to
            info.picocli;
}
