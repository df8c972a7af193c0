package dev.rondo.cli.chart;

import dev.rondo.format.AtomicFile;
import java.awt.Graphics2D;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.w3c.dom.DOMImplementation;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** What is drawn onto it becomes SVG that keeps lines and texts. */
final class Canvas {
    private Canvas() {}

    /**
     * The document.
     *
     * @throws IOException when this machine has no fonts to measure texts with
     */
    static String svg(int width, int height, Consumer<Graphics2D> drawing) throws IOException {
        try {
            SVGGeneratorContext context = SVGGeneratorContext.createDefault(document());
            context.setComment("Rondo");
            var canvas = new SVGGraphics2D(context, false);
            drawing.accept(canvas);
            Element root = canvas.getRoot();
            root.setAttributeNS(null, "width", Integer.toString(width));
            root.setAttributeNS(null, "height", Integer.toString(height));
            root.setAttributeNS(null, "viewBox", "0 0 " + width + " " + height);
            var out = new StringWriter();
            canvas.stream(root, out, true, false);
            return out.toString();
        } catch (LinkageError | InternalError | RuntimeException failed) {
            // A small container image has no fonts, or not the libraries for them; the JDK says so in many ways.
            throw new IOException("the chart cannot be drawn; got " + failed.getMessage(), failed);
        }
    }

    private static Document document() {
        try {
            DOMImplementation dom = DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation();
            return dom.createDocument("http://www.w3.org/2000/svg", "svg", null);
        } catch (ParserConfigurationException impossible) {
            throw new AssertionError(impossible); // the JDK's own parser, as it comes
        }
    }

    /** Writes a document, whole or not at all. */
    static void write(Path path, String svg) throws IOException {
        AtomicFile.write(path, fresh -> {
            Files.writeString(fresh, svg);
            return true;
        });
    }
}
