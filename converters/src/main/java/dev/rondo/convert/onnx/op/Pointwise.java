package dev.rondo.convert.onnx.op;

import dev.rondo.convert.onnx.file.OnnxType;
import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Op;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import java.util.List;
import java.util.function.Function;

/** Operators on each element: arithmetic, comparisons, logic, activations, Cast and Where. */
final class Pointwise {
    private static final long FIRST = 1;

    private Pointwise() {}

    static void addTo(OperatorTable table) {
        binary(table, "Add", BinaryFunction.ADD);
        binary(table, "Sub", BinaryFunction.SUBTRACT);
        binary(table, "Mul", BinaryFunction.MULTIPLY);
        binary(table, "Div", BinaryFunction.DIVIDE);
        binary(table, "And", BinaryFunction.AND);
        binary(table, "Or", BinaryFunction.OR);
        table.add("Pow", FIRST, Pointwise::power);
        compare(table, "Equal", Comparison.EQUAL);
        compare(table, "Less", Comparison.LESS);
        compare(table, "LessOrEqual", Comparison.LESS_EQUAL);
        compare(table, "Greater", Comparison.GREATER);
        compare(table, "GreaterOrEqual", Comparison.GREATER_EQUAL);
        table.add("Not", FIRST, node -> NodeScope.one(node.graph().add(new Elementwise.Not(), node.value(0))));
        unary(table, "Neg", UnaryFunction.NEGATE);
        unary(table, "Abs", UnaryFunction.ABS);
        unary(table, "Sign", UnaryFunction.SIGN);
        unary(table, "Exp", UnaryFunction.EXP);
        unary(table, "Log", UnaryFunction.LOG);
        unary(table, "Sqrt", UnaryFunction.SQRT);
        unary(table, "Reciprocal", UnaryFunction.RECIPROCAL);
        unary(table, "Floor", UnaryFunction.FLOOR);
        unary(table, "Ceil", UnaryFunction.CEIL);
        unary(table, "Round", UnaryFunction.ROUND);
        unary(table, "Sin", UnaryFunction.SIN);
        unary(table, "Cos", UnaryFunction.COS);
        unary(table, "Erf", UnaryFunction.ERF);
        activation(table, "Sigmoid", _ -> Activation.SIGMOID);
        activation(table, "Tanh", _ -> Activation.TANH);
        activation(table, "Relu", _ -> Activation.RELU);
        activation(table, "Softsign", _ -> Activation.SOFTSIGN);
        activation(table, "Softplus", _ -> Activation.SOFTPLUS);
        activation(table, "LeakyRelu", a -> Activation.leakyRelu(a.real("alpha", 0.01f)));
        activation(table, "Elu", a -> Activation.elu(a.real("alpha", 1)));
        activation(table, "ThresholdedRelu", a -> Activation.thresholdedRelu(a.real("alpha", 1)));
        activation(table, "HardSigmoid", a -> Activation.hardSigmoid(a.real("alpha", 0.2f), a.real("beta", 0.5f)));
        table.add("Cast", FIRST, Pointwise::cast);
        table.add("Where", FIRST, Pointwise::where);
    }

    private static void binary(OperatorTable table, String name, BinaryFunction function) {
        pair(table, name, new Elementwise.Binary(function));
    }

    private static void compare(OperatorTable table, String name, Comparison comparison) {
        pair(table, name, new Elementwise.Compare(comparison));
    }

    /** Shapes broadcast as NumPy's since version 7. */
    private static void pair(OperatorTable table, String name, Op op) {
        table.add(name, FIRST, node -> NodeScope.one(node.graph().add(op, node.value(0), node.value(1))));
    }

    private static void unary(OperatorTable table, String name, UnaryFunction function) {
        table.add(name, FIRST, node -> NodeScope.one(node.graph().add(new Elementwise.Unary(function), node.value(0))));
    }

    private static void activation(OperatorTable table, String name, Function<Attributes, Activation> of) {
        table.add(name, FIRST, node -> {
            var op = new Elementwise.Activate(of.apply(node.attributes()));
            return NodeScope.one(node.graph().add(op, node.value(0)));
        });
    }

    /** A square is a product, which is exact to the last bit and costs less. */
    private static List<Operand> power(NodeScope node) {
        Value x = node.value(0);
        Value exponent = node.value(1);
        boolean floats = x.type().element() == ElementType.F32;
        if (floats && exponent.isWeight() && exponent.type().rank() == 0) {
            Value number = node.graph().cast(exponent, ElementType.F32);
            if (number.isWeight() && node.graph().constants().floats(number)[0] == 2) {
                return NodeScope.one(node.graph().add(new Elementwise.Binary(BinaryFunction.MULTIPLY), x, x));
            }
        }
        if (!floats) {
            node.interpret("Pow: " + x.type().element().text() + " is computed as f32: exact up to 2^24");
        }
        Value base = node.graph().cast(x, ElementType.F32);
        Value power = node.graph()
                .add(
                        new Elementwise.Binary(BinaryFunction.POWER),
                        base,
                        node.graph().cast(exponent, ElementType.F32));
        return NodeScope.one(node.graph().cast(power, x.type().element()));
    }

    private static List<Operand> cast(NodeScope node) {
        long code = node.attributes().integer("to", 0);
        ElementType to = node.element(code);
        node.attributes().ignore("saturate", "round_mode"); // of 8-bit floats only
        OnnxType.of(code).filter(type -> !type.isExact()).ifPresent(type -> {
            node.interpret("Cast: " + type + " as " + to.text() + ", neither rounded nor cut to its range");
        });
        return NodeScope.one(node.graph().cast(node.value(0), to));
    }

    private static List<Operand> where(NodeScope node) {
        return NodeScope.one(node.graph().add(new Elementwise.Where(), node.value(0), node.value(1), node.value(2)));
    }
}
