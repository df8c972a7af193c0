package dev.rondo.verify;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A reference case recomputed: how far this runtime is from what the source framework computed.
 *
 * @param reference what was recomputed
 * @param outputs   one finding per output (or final state) of the case
 */
public record Verification(ReferenceCase reference, List<Finding> outputs) {
    public Verification {
        outputs = List.copyOf(outputs);
    }

    /**
     * The worst differences of one output.
     *
     * @param output   its name
     * @param absolute the largest |got - want|
     * @param relative the largest |got - want| / |want| where want is not zero
     * @param margin   the largest |got - want| / (atol + rtol |want|): within tolerance up to 1
     * @param worst    the index, row-major, of the element with that margin; -1 when there are no elements
     * @param got      that element here
     * @param want     that element there
     */
    public record Finding(
            String output, double absolute, double relative, double margin, int worst, double got, double want) {
        public boolean holds() {
            return margin <= 1;
        }
    }

    /** Whether every output lies within the tolerance of the case, and there was something to compare. */
    public boolean holds() {
        return outputs.stream().anyMatch(f -> f.worst() >= 0)
                && outputs.stream().allMatch(Finding::holds);
    }

    /**
     * Recomputes a case.
     *
     * @throws InputException when names or kinds of numbers do not belong to the function
     * @throws ShapeException when shapes do not
     */
    public static Verification of(Model model, Model.Kernel kernel, ReferenceCase reference) {
        FunctionRun run =
                FunctionRun.of(model, kernel, reference.function(), reference.stepwise(), reference.inputs(), Map.of());
        var findings = new ArrayList<Finding>();
        reference.outputs().forEach((name, want) -> {
            TensorData got = run.outputs().containsKey(name)
                    ? run.outputs().get(name)
                    : run.states().get(name);
            if (got == null) {
                throw new InputException(
                        "expected output '" + name + "'",
                        "is an output or a state of function " + reference.function(),
                        "neither of " + run.outputs().keySet() + " and "
                                + run.states().keySet(),
                        "rename it");
            }
            findings.add(compare(name, got, want, reference));
        });
        return new Verification(reference, findings);
    }

    private static Finding compare(String name, TensorData got, TensorData want, ReferenceCase reference) {
        if (!got.shape().equals(want.shape())) {
            throw new ShapeException(
                    "expected output '" + name + "'",
                    "has the shape that the function gives, " + got.shape(),
                    want.shape().toString(),
                    "is it of other inputs?");
        }
        double absolute = 0;
        double relative = 0;
        double margin = -1;
        int worst = -1;
        for (int i = 0; i < want.elementCount(); i++) {
            double a = got.value(i);
            double b = want.value(i);
            double difference = difference(a, b);
            absolute = Math.max(absolute, difference);
            if (b != 0) {
                relative = Math.max(relative, Double.isInfinite(difference) ? difference : relative(difference, b));
            }
            double share = difference == 0 ? 0 : difference / (reference.atol() + reference.rtol() * Math.abs(b));
            if (share > margin || Double.isNaN(share)) {
                margin = Double.isNaN(share) ? Double.POSITIVE_INFINITY : share;
                worst = i;
            }
        }
        return new Finding(
                name,
                absolute,
                relative,
                Math.max(0, margin),
                worst,
                worst < 0 ? 0 : got.value(worst),
                worst < 0 ? 0 : want.value(worst));
    }

    private static double relative(double difference, double want) {
        return difference == 0 ? 0 : difference / Math.abs(want);
    }

    /** Equal values differ by 0, infinities and NaN included; a value and a NaN, or an infinity, differ infinitely. */
    private static double difference(double a, double b) {
        if (Double.compare(a, b) == 0 || a == b) {
            return 0;
        }
        double difference = Math.abs(a - b);
        return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
    }
}
