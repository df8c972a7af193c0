package dev.rondo.cli.chart;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

/** What a chart's file shows, read as any program would. */
public final class SvgFile {
    private static final Pattern POINT = Pattern.compile("[ML](-?[0-9.]+) (-?[0-9.]+)");
    private static final Pattern COLOUR = Pattern.compile("stroke:(rgb\\([0-9,]+\\))");
    private static final String GREY = "rgb\\(([0-9]+),\\1,\\1\\)";

    private final Document document;

    private SvgFile(Document document) {
        this.document = document;
    }

    /** A curve. */
    public record Line(String colour, double[] x, double[] y) {}

    /** Fails when the text is no XML. */
    public static SvgFile parse(String svg) {
        try {
            DocumentBuilder builder =
                    DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder();
            // The document type names an address; nothing is fetched.
            builder.setEntityResolver((publicId, systemId) -> new InputSource(new StringReader("")));
            return new SvgFile(builder.parse(new InputSource(new StringReader(svg))));
        } catch (Exception wrong) {
            throw new AssertionError("no SVG", wrong);
        }
    }

    /** Open paths in a colour: the grid is grey, the legend's lines have two points. */
    public List<Line> lines() {
        var lines = new ArrayList<Line>();
        for (Element path : elements("path")) {
            String data = path.getAttribute("d");
            String colour = colour(path);
            if (data.contains("Z") || data.contains("C") || colour.isEmpty() || colour.matches(GREY)) {
                continue;
            }
            List<MatchResult> points = POINT.matcher(data).results().toList();
            if (points.size() < 3) {
                continue;
            }
            lines.add(new Line(
                    colour,
                    points.stream()
                            .mapToDouble(p -> Double.parseDouble(p.group(1)))
                            .toArray(),
                    points.stream()
                            .mapToDouble(p -> Double.parseDouble(p.group(2)))
                            .toArray()));
        }
        return lines;
    }

    /** All that can be read. */
    public List<String> texts() {
        return elements("text").stream().map(Element::getTextContent).toList();
    }

    /** Its own, or that of the group around it. */
    private static String colour(Element element) {
        for (org.w3c.dom.Node node = element; node instanceof Element e; node = e.getParentNode()) {
            var colour = COLOUR.matcher(e.getAttribute("style"));
            if (colour.find()) {
                return colour.group(1);
            }
        }
        return "";
    }

    private List<Element> elements(String name) {
        var found = new ArrayList<Element>();
        var nodes = document.getElementsByTagName(name);
        for (int i = 0; i < nodes.getLength(); i++) {
            found.add((Element) nodes.item(i));
        }
        return found;
    }
}
