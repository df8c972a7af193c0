package dev.rondo.convert.onnx.op;

import static dev.rondo.convert.onnx.op.NodeScope.one;

import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Sums of products over named axes: operands are multiplied pair by pair as batches of matrices. */
final class Einsum {
    /** The last axis that an ellipsis stands for; those before it count upwards. No letter is near. */
    private static final char ELLIPSIS = '\u2460';

    private final NodeScope node;
    private final Expressions e;

    private Einsum(NodeScope node) {
        this.node = node;
        this.e = new Expressions(node.graph());
    }

    static void addTo(OperatorTable table) {
        table.add("Einsum", 12, node -> new Einsum(node).lower());
    }

    /** A value and the names of its axes. */
    private record Term(Value value, String axes) {}

    private List<Operand> lower() {
        ElementType element = node.type(0).element();
        if (element != ElementType.F32) {
            node.interpret(element.text() + " is multiplied and summed as f32: exact up to 2^24");
        }
        String equation = node.attributes().text("equation", "").replace(" ", "");
        String[] sides = equation.split("->", -1);
        String[] inputs = sides[0].split(",", -1);
        if (sides.length > 2 || inputs.length != node.count()) {
            throw wrong(equation, "has a part for each of " + node.count() + " inputs");
        }
        var terms = new ArrayList<Term>();
        int widest = 0;
        for (int i = 0; i < inputs.length; i++) {
            Value value = node.value(i);
            int covered = value.type().rank() - inputs[i].replace("...", "").length();
            boolean ellipsis = inputs[i].contains("...");
            if (covered < 0 || covered > 0 && !ellipsis) {
                throw wrong(equation, "names the axes of input " + i + ", " + value.type());
            }
            widest = Math.max(widest, covered);
            terms.add(new Term(e.floats(value), letters(equation, inputs[i], covered)));
        }
        String wanted = sides.length == 2 ? letters(equation, sides[1], widest) : implied(terms);
        if (wanted.chars().distinct().count() != wanted.length()
                || wanted.chars()
                        .anyMatch(c -> terms.stream().noneMatch(t -> t.axes().indexOf(c) >= 0))) {
            throw wrong(equation, "has each axis of the result once, and in an input");
        }
        Term product = summed(diagonal(terms.getFirst()), axesOf(terms, 1) + wanted);
        for (int i = 1; i < terms.size(); i++) {
            String later = axesOf(terms, i + 1) + wanted;
            product = multiplied(product, summed(diagonal(terms.get(i)), product.axes() + later), later);
        }
        Value ordered = e.transpose(
                product.value(),
                wanted.chars().mapToObj(product.axes()::indexOf).toList());
        return one(e.cast(ordered, element));
    }

    private RuntimeException wrong(String equation, String rule) {
        return node.attributes().error("equation", rule, "'" + equation + "'");
    }

    private static String axesOf(List<Term> terms, int from) {
        return terms.subList(from, terms.size()).stream().map(Term::axes).collect(Collectors.joining());
    }

    private String letters(String equation, String part, int covered) {
        var dots = new StringBuilder();
        for (int i = covered - 1; i >= 0; i--) {
            dots.append((char) (ELLIPSIS + i));
        }
        String letters = part.replace("...", dots);
        if (part.indexOf("...") != part.lastIndexOf("...")
                || !part.replace("...", "").matches("[A-Za-z]*")) {
            throw wrong(equation, "consists of letters and at most one ellipsis a part");
        }
        return letters;
    }

    /** Without a right side: the ellipsis, then every letter that stands once, in order of the alphabet. */
    private static String implied(List<Term> terms) {
        var counts = new TreeMap<Character, Integer>();
        terms.forEach(t -> t.axes().chars().forEach(c -> counts.merge((char) c, 1, Integer::sum)));
        var dots = new StringBuilder();
        var letters = new StringBuilder();
        counts.forEach((axis, count) -> {
            if (axis >= ELLIPSIS) {
                dots.append(axis);
            } else if (count == 1) {
                letters.append(axis);
            }
        });
        return dots.reverse().append(letters).toString();
    }

    /** Axes of one name become one. */
    private Term diagonal(Term term) {
        Value value = term.value();
        var axes = new StringBuilder(term.axes());
        for (int second = axes.length() - 1; second > 0; second--) {
            int first = axes.indexOf(axes.substring(second, second + 1));
            if (first < second) {
                int rank = value.type().rank();
                Value same = e.compare(
                        Comparison.EQUAL,
                        e.along(e.iota(value.type().dim(first)), first, rank),
                        e.along(e.iota(value.type().dim(second)), second, rank));
                Value kept = e.where(same, value, e.number(0, ElementType.F32));
                value = e.reduce(Reduction.SUM, kept, List.of(second), false);
                axes.deleteCharAt(second);
            }
        }
        return new Term(value, axes.toString());
    }

    /** The sum over axes that nobody else has. */
    private Term summed(Term term, String others) {
        var gone = new ArrayList<Integer>();
        var left = new StringBuilder();
        for (int i = 0; i < term.axes().length(); i++) {
            if (others.indexOf(term.axes().charAt(i)) >= 0) {
                left.append(term.axes().charAt(i));
            } else {
                gone.add(i);
            }
        }
        return new Term(e.reduce(Reduction.SUM, term.value(), gone, false), left.toString());
    }

    private Term multiplied(Term a, Term b, String later) {
        String batch = pick(a.axes(), c -> b.axes().indexOf(c) >= 0 && later.indexOf(c) >= 0);
        String sum = pick(a.axes(), c -> b.axes().indexOf(c) >= 0 && later.indexOf(c) < 0);
        String rows = pick(a.axes(), c -> b.axes().indexOf(c) < 0);
        String columns = pick(b.axes(), c -> a.axes().indexOf(c) < 0);
        Value product = e.matmul(matrix(a, batch, rows, sum), matrix(b, batch, columns, sum), true);
        var dims = new ArrayList<>(product.type().dims().subList(0, batch.length()));
        rows.chars().forEach(c -> dims.add(dim(a, (char) c)));
        columns.chars().forEach(c -> dims.add(dim(b, (char) c)));
        return new Term(e.reshape(product, dims), batch + rows + columns);
    }

    private Value matrix(Term term, String batch, String rows, String columns) {
        List<Integer> order =
                (batch + rows + columns).chars().mapToObj(term.axes()::indexOf).toList();
        Value moved = e.transpose(term.value(), order);
        int first = batch.length();
        Value merged = e.merge(moved, first + rows.length(), order.size());
        return e.merge(merged, first, first + rows.length());
    }

    private static Dim dim(Term term, char axis) {
        return term.value().type().dim(term.axes().indexOf(axis));
    }

    private interface Choice {
        boolean takes(int axis);
    }

    private static String pick(String axes, Choice choice) {
        return axes.chars()
                .filter(choice::takes)
                .mapToObj(c -> String.valueOf((char) c))
                .collect(Collectors.joining());
    }
}
