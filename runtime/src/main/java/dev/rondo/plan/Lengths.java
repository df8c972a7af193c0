package dev.rondo.plan;

import dev.rondo.error.InputException;
import java.lang.foreign.ValueLayout;

/** The lengths of the rows of a batch: i32[B]. */
public final class Lengths {
    private final Operand operand;
    private final String subject;

    /** @param subject what takes lengths, for messages; made once, as a check allocates nothing */
    public Lengths(Operand operand, String subject) {
        this.operand = operand;
        this.subject = subject;
    }

    public int get(int row) {
        return operand.segment.get(ValueLayout.JAVA_INT_UNALIGNED, row * 4L);
    }

    /** Refuses lengths outside 0 to {@code steps}. */
    public void check(int steps) {
        for (int b = 0; b < operand.dims[0]; b++) {
            int length = get(b);
            if (length < 0 || length > steps) {
                throw new InputException(
                        subject,
                        "lengths '" + operand.name + "' lie between 0 and the number of steps " + steps,
                        length + " in row " + b,
                        "check lengths and the size of the sequence");
            }
        }
    }
}
