package dev.rondo.graph;

import dev.rondo.format.ElementType;
import java.util.List;

/** Operators that compute each element of the result from the elements at the same place, with broadcasting. */
public sealed interface Elementwise extends Op {

    /** {@code y = f(x)}: f32 or f64, and for negate, abs and sign also integers. */
    record Unary(UnaryFunction function) implements Elementwise {
        @Override
        public String name() {
            return function.text();
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            boolean integers = switch (function) {
                case NEGATE, ABS, SIGN -> true;
                case EXP, LOG, SQRT, RECIPROCAL, FLOOR, CEIL, ROUND, SIN, COS, ERF -> false;
            };
            return List.of(
                    integers
                            ? in.requireElement(0, ElementType.F32, ElementType.F64, ElementType.I32, ElementType.I64)
                            : in.requireElement(0, ElementType.F32, ElementType.F64));
        }
    }

    /** {@code y = activation(x)}, f32. */
    record Activate(Activation activation) implements Elementwise {
        @Override
        public String name() {
            return "activate";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            return List.of(in.requireFloats(0, 0));
        }
    }

    /** {@code y = f(a, b)} of equal element types; {@code and}, {@code or} of bool. Shapes broadcast. */
    record Binary(BinaryFunction function) implements Elementwise {
        @Override
        public String name() {
            return function.text();
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("a"), Slot.required("b"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType a = switch (function) {
                case AND, OR -> in.requireElement(0, ElementType.BOOL);
                case POWER -> in.requireElement(0, ElementType.F32, ElementType.F64);
                case ADD, SUBTRACT, MULTIPLY, DIVIDE, MAXIMUM, MINIMUM ->
                    in.requireElement(0, ElementType.F32, ElementType.F64, ElementType.I32, ElementType.I64);
            };
            ValueType b = in.requireElement(1, a.element());
            return List.of(a.withDims(in.broadcast(a.dims(), b.dims())));
        }
    }

    /** {@code y = a < b} and the like: bool. Shapes broadcast; a comparison with NaN is false, {@code !=} true. */
    record Compare(Comparison comparison) implements Elementwise {
        @Override
        public String name() {
            return comparison.text();
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("a"), Slot.required("b"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType a = in.type(0);
            ValueType b = in.requireElement(1, a.element());
            return List.of(new ValueType(ElementType.BOOL, in.broadcast(a.dims(), b.dims())));
        }
    }

    /** Logical negation of a bool value. */
    record Not() implements Elementwise {
        @Override
        public String name() {
            return "not";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            return List.of(in.requireElement(0, ElementType.BOOL));
        }
    }

    /** {@code y = condition ? a : b}; all three broadcast. */
    record Where() implements Elementwise {
        @Override
        public String name() {
            return "where";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("condition"), Slot.required("a"), Slot.required("b"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType condition = in.requireElement(0, ElementType.BOOL);
            ValueType a = in.type(1);
            ValueType b = in.requireElement(2, a.element());
            return List.of(a.withDims(in.broadcast(condition.dims(), in.broadcast(a.dims(), b.dims()))));
        }
    }

    /**
     * Conversion to another element type: to integers rounds toward zero and saturates, NaN becomes 0; to bool is
     * {@code x != 0}; from bool gives 0 and 1.
     */
    record Cast(ElementType to) implements Elementwise {
        @Override
        public String name() {
            return "cast";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            return List.of(in.type(0).withElement(to));
        }
    }
}
