/** The {@code rondo} command. */
module dev.rondo.cli {
    requires dev.rondo.runtime;
    requires dev.rondo.converters;
    requires dev.rondo.trainer;
    requires dev.rondo.decoding;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires info.picocli;
    requires dev.rondo.architectures;
    requires HdrHistogram;
    requires me.tongfei.progressbar;
    requires org.apache.xmlgraphics.batik.svggen;
    requires org.jline.terminal;
    requires org.jfree.jfreechart;
    requires java.desktop;
    requires java.xml;
    requires java.management;
    requires jdk.management;

    opens dev.rondo.cli to
            info.picocli;
}
