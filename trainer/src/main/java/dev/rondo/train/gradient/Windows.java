package dev.rondo.train.gradient;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * The windows that slide over the time axis of a sequence [B,T,C]: tap j of window w sees step
 * {@code w*stride + j*dilation - before}.
 *
 * @param steps T
 * @param count how many windows
 */
record Windows(Dim steps, Dim count, int taps, int stride, int dilation, int before, int after) {

    /** How far the last tap reaches. No window may begin behind the sequence, even when there is none. */
    private int behind() {
        return steps.isFixed() ? after : after + (taps - 1) * dilation;
    }

    /** What each tap sees: per tap [B,count,C]. */
    List<Value> take(Value x, Emitter e) {
        Value padded =
                before + behind() == 0 ? x : e.add(new Structure.Pad(1, before, behind(), Structure.PadMode.ZERO), x);
        var seen = new ArrayList<Value>();
        for (int j = 0; j < taps; j++) {
            seen.add(e.add(new Structure.Slice(1, Dim.of((long) j * dilation), count, stride), padded));
        }
        return seen;
    }

    /** Adds up what comes back from each tap, where it was taken. */
    Value putBack(List<Value> ofTaps, Emitter e) {
        Dim padded = steps.plus(before + (long) behind());
        Value sum = null;
        for (int j = 0; j < taps; j++) {
            var place = new Training.SliceBackward(1, Dim.of((long) j * dilation), padded, stride);
            Value back = e.add(place, ofTaps.get(j));
            sum = sum == null ? back : e.plus(sum, back);
        }
        return e.slice(sum, 1, Dim.of(before), steps);
    }
}
