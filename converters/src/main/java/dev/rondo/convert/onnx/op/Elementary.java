package dev.rondo.convert.onnx.op;

import static dev.rondo.convert.onnx.op.NodeScope.one;

import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import java.util.List;
import java.util.function.BiFunction;

/** Operators on each element that take several nodes of the catalogue. */
final class Elementary {
    private static final double HALF_LOG = 0.5;
    /** &radic;(2/&pi;), of the approximate GELU. */
    private static final double GELU_SCALE = 0.7978845608028654;

    private static final double GELU_CUBE = 0.044715;
    private static final float HARD_SWISH_SLOPE = 1f / 6;

    private Elementary() {}

    static void addTo(OperatorTable table) {
        function(table, "Tan", (e, x) -> e.divide(e.unary(UnaryFunction.SIN, x), e.unary(UnaryFunction.COS, x)));
        function(table, "Sinh", Elementary::sinh);
        function(table, "Cosh", (e, x) -> e.affine(e.plus(exp(e, x), exp(e, e.negate(x))), 0.5, 0));
        function(table, "Asinh", Elementary::asinh);
        function(table, "Acosh", (e, x) -> log(e, e.plus(x, e.root(e.affine(e.square(x), 1, -1)))));
        function(
                table,
                "Atanh",
                (e, x) -> e.affine(log(e, e.divide(e.affine(x, 1, 1), e.affine(x, -1, 1))), HALF_LOG, 0));
        function(table, "Mish", (e, x) -> e.times(x, e.activate(Activation.TANH, e.activate(Activation.SOFTPLUS, x))));
        function(
                table,
                "HardSwish",
                (e, x) -> e.times(x, e.activate(Activation.hardSigmoid(HARD_SWISH_SLOPE, 0.5f), x)));
        table.add("Celu", 12, Elementary::celu);
        table.add("Selu", 6, Elementary::selu);
        table.add("Gelu", 20, Elementary::gelu);
        table.add("Swish", 24, Elementary::swish);
        table.add("PRelu", 7, Elementary::prelu);
        table.add("Shrink", 9, Elementary::shrink);
        table.add("Clip", 6, Elementary::clipByAttributes);
        table.add("Clip", 11, Elementary::clip);
        table.add("Max", 6, node -> fold(node, BinaryFunction.MAXIMUM));
        table.add("Min", 6, node -> fold(node, BinaryFunction.MINIMUM));
        table.add("Sum", 6, node -> fold(node, BinaryFunction.ADD));
        table.add("Mean", 6, Elementary::mean);
        table.add("Mod", 10, Elementary::mod);
        table.add("Xor", 7, node -> {
            var e = new Expressions(node.graph());
            return one(e.compare(Comparison.NOT_EQUAL, node.value(0), node.value(1)));
        });
        table.add("IsNaN", 9, node -> {
            Value x = node.value(0);
            return one(new Expressions(node.graph()).compare(Comparison.NOT_EQUAL, x, x));
        });
        table.add("IsInf", 10, Elementary::isInfinite);
        table.add("CastLike", 15, node -> {
            node.attributes().ignore("saturate", "round_mode"); // of 8-bit floats only
            return one(new Expressions(node.graph())
                    .cast(node.value(0), node.type(1).element()));
        });
    }

    private static void function(OperatorTable table, String name, BiFunction<Expressions, Value, Value> function) {
        table.add(name, 1, node -> one(function.apply(new Expressions(node.graph()), node.value(0))));
    }

    private static Value exp(Expressions e, Value x) {
        return e.unary(UnaryFunction.EXP, x);
    }

    private static Value log(Expressions e, Value x) {
        return e.unary(UnaryFunction.LOG, x);
    }

    /** Near zero by u = e<sup>-|x|</sup> - 1, which keeps its digits there: sinh |x| = -u (2 + u) / (2 (1 + u)). */
    private static Value sinh(Expressions e, Value x) {
        Value size = e.absolute(x);
        Value u = e.activate(Activation.elu(1), e.negate(size));
        Value near = e.divide(e.times(u, e.affine(u, -1, -2)), e.affine(u, 2, 2));
        Value signed = e.times(e.unary(UnaryFunction.SIGN, x), near);
        Value far = e.affine(e.minus(exp(e, x), exp(e, e.negate(x))), 0.5, 0);
        return e.where(e.compare(Comparison.LESS, size, e.number(1, ElementType.F32)), signed, far);
    }

    /** sign x ln(|x| + &radic;(x&sup2; + 1)); its error is absolute, 1e-7, near zero. */
    private static Value asinh(Expressions e, Value x) {
        Value size = e.absolute(x);
        return e.times(e.unary(UnaryFunction.SIGN, x), log(e, e.plus(size, e.root(e.affine(e.square(x), 1, 1)))));
    }

    /** max(0, x) + min(0, alpha (e<sup>x/alpha</sup> - 1)) = alpha elu(x / alpha). */
    private static List<Operand> celu(NodeScope node) {
        var e = new Expressions(node.graph());
        float alpha = node.attributes().real("alpha", 1);
        if (!(alpha > 0)) {
            throw node.attributes().error("alpha", "is positive", "" + alpha);
        }
        return one(e.affine(e.activate(Activation.elu(1), e.affine(node.value(0), 1 / (double) alpha, 0)), alpha, 0));
    }

    private static List<Operand> selu(NodeScope node) {
        var e = new Expressions(node.graph());
        float alpha = node.attributes().real("alpha", (float) Activation.SELU_ALPHA);
        float gamma = node.attributes().real("gamma", (float) Activation.SELU_SCALE);
        boolean usual = alpha == (float) Activation.SELU_ALPHA && gamma == (float) Activation.SELU_SCALE;
        Value x = node.value(0);
        return one(usual ? e.activate(Activation.SELU, x) : e.affine(e.activate(Activation.elu(alpha), x), gamma, 0));
    }

    private static List<Operand> gelu(NodeScope node) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        String form = node.attributes().text("approximate", "none");
        return one(
                switch (form) {
                    case "none" -> e.activate(Activation.GELU, x);
                    case "tanh" -> {
                        // x + 0.044715 x³ = x (1 + 0.044715 x²)
                        Value inner = e.times(x, e.affine(e.square(x), GELU_CUBE, 1));
                        Value bent = e.activate(Activation.scaledTanh(1, (float) GELU_SCALE), inner);
                        yield e.times(e.affine(x, 0.5, 0), e.affine(bent, 1, 1));
                    }
                    default -> throw node.attributes().error("approximate", "is none or tanh", form);
                });
    }

    private static List<Operand> swish(NodeScope node) {
        var e = new Expressions(node.graph());
        float alpha = node.attributes().real("alpha", 1);
        Value x = node.value(0);
        return one(
                alpha == 1
                        ? e.activate(Activation.SILU, x)
                        : e.times(x, e.activate(Activation.SIGMOID, e.affine(x, alpha, 0))));
    }

    private static List<Operand> prelu(NodeScope node) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        Value negative = e.compare(Comparison.LESS, x, e.number(0, x));
        return one(e.where(negative, e.times(x, node.value(1)), x));
    }

    private static List<Operand> shrink(NodeScope node) {
        var e = new Expressions(node.graph());
        float bias = node.attributes().real("bias", 0);
        float lambda = node.attributes().real("lambd", 0.5f);
        Value x = node.value(0);
        Value above = e.compare(Comparison.GREATER, x, e.number(lambda, x));
        Value below = e.compare(Comparison.LESS, x, e.number(-lambda, x));
        Value inner = e.where(below, e.affine(x, 1, bias), e.number(0, x));
        return one(e.where(above, e.affine(x, 1, -bias), inner));
    }

    private static List<Operand> clipByAttributes(NodeScope node) {
        var e = new Expressions(node.graph());
        Attributes attributes = node.attributes();
        Value low = e.number(attributes.real("min", -Float.MAX_VALUE), ElementType.F32);
        Value high = e.number(attributes.real("max", Float.MAX_VALUE), ElementType.F32);
        return one(e.minimum(e.maximum(node.value(0), low), high));
    }

    /** {@code min(max(x, low), high)}: the upper bound wins where they cross. */
    private static List<Operand> clip(NodeScope node) {
        var e = new Expressions(node.graph());
        Value x = node.value(0);
        x = node.has(1) ? e.maximum(x, e.reshape(node.value(1), List.of())) : x;
        return one(node.has(2) ? e.minimum(x, e.reshape(node.value(2), List.of())) : x);
    }

    private static Value folded(NodeScope node, BinaryFunction function) {
        var e = new Expressions(node.graph());
        return node.values().stream()
                .reduce((a, b) -> e.binary(function, a, b))
                .orElseThrow(() -> node.error("has an input", "none", "the model is damaged; export it again"));
    }

    private static List<Operand> fold(NodeScope node, BinaryFunction function) {
        return one(folded(node, function));
    }

    private static List<Operand> mean(NodeScope node) {
        var e = new Expressions(node.graph());
        Value sum = folded(node, BinaryFunction.ADD);
        return one(e.divide(sum, e.number(node.count(), sum)));
    }

    /**
     * The remainder with the sign of the divisor or, with {@code fmod}, of the dividend: a - b trunc(a / b), and b more
     * if need be.
     */
    private static List<Operand> mod(NodeScope node) {
        var e = new Expressions(node.graph());
        boolean truncated = node.attributes().flag("fmod", false);
        Value a = node.value(0);
        Value b = node.value(1);
        Value rest = remainder(e, a, b);
        if (truncated) {
            return one(rest);
        }
        Value zero = e.number(0, a);
        Value differs = e.compare(
                Comparison.NOT_EQUAL, e.compare(Comparison.LESS, rest, zero), e.compare(Comparison.LESS, b, zero));
        Value correct = e.and(differs, e.compare(Comparison.NOT_EQUAL, rest, zero));
        return one(e.where(correct, e.plus(rest, b), rest));
    }

    private static Value remainder(Expressions e, Value a, Value b) {
        Value quotient = e.divide(a, b);
        if (a.type().element() != ElementType.F32) {
            return e.minus(a, e.times(b, quotient)); // division of whole numbers truncates
        }
        Value size = e.unary(UnaryFunction.FLOOR, e.absolute(quotient));
        Value whole = e.times(e.unary(UnaryFunction.SIGN, quotient), size);
        Value rest = e.minus(a, e.times(b, whole));
        // An infinite b fits no times, and 0 times it is no number.
        Value largest = e.number(Float.MAX_VALUE, ElementType.F32);
        Value none = e.and(
                e.compare(Comparison.GREATER, e.absolute(b), largest),
                e.compare(Comparison.LESS_EQUAL, e.absolute(a), largest));
        return e.where(none, a, rest);
    }

    private static List<Operand> isInfinite(NodeScope node) {
        var e = new Expressions(node.graph());
        boolean positive = node.attributes().flag("detect_positive", true);
        boolean negative = node.attributes().flag("detect_negative", true);
        Value x = node.value(0);
        Value high = e.compare(Comparison.GREATER, x, e.number(Float.MAX_VALUE, x));
        Value low = e.compare(Comparison.LESS, x, e.number(-Float.MAX_VALUE, x));
        if (positive && negative) {
            return one(e.or(high, low));
        }
        Value never = e.compare(Comparison.LESS, x, x);
        return one(positive ? high : negative ? low : never);
    }
}
