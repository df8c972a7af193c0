package dev.rondo.train.step;

import dev.rondo.architecture.training.AttentionBackward;
import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Extension;
import dev.rondo.graph.Node;
import dev.rondo.plan.Binder;
import dev.rondo.plan.ExtensionSteps;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Step;
import dev.rondo.train.kernel.TrainingKernels;

/** Which step runs an operator of training. */
public final class TrainingStepBinder implements ExtensionSteps {
    private final TrainingKernels kernels;

    public TrainingStepBinder(TrainingKernels kernels) {
        this.kernels = kernels;
    }

    @Override
    public Step bind(Extension op, Node node, Binder binder) {
        return op instanceof Training training ? bind(training, node, binder) : NONE.bind(op, node, binder);
    }

    private Step bind(Training op, Node node, Binder binder) {
        Operand first = binder.operand(node.inputs().getFirst());
        Operand second = node.inputs().size() > 1 ? binder.operand(node.inputs().get(1)) : null;
        Operand third = node.inputs().size() > 2 ? binder.operand(node.inputs().get(2)) : null;
        Operand out = binder.operand(node.outputs().getFirst());
        return switch (op) {
            case Training.Dropout dropout -> new ElementSteps.Dropout(dropout, first, second, out, kernels);
            case Training.CrossEntropy(float smoothing) ->
                new CrossEntropySteps.Forward(smoothing, first, second, out, kernels, binder.arena());
            case Training.OuterSum() -> new OuterSumStep(first, second, out, binder);
            case Training.ActivateBackward(Activation f) ->
                new ElementSteps.ActivateBackward(f, first, second, third, out, kernels);
            case Training.CrossEntropyBackward(float smoothing) ->
                new CrossEntropySteps.Backward(smoothing, first, second, third, out, kernels, binder.arena());
            case Training.GatherBackward(Dim _) ->
                new ScatterSteps.GatherBackward(first, second, out, binder.kernels(), binder.arena());
            case Training.PickBackward(Dim _) -> new ScatterSteps.PickBackward(first, second, out, binder.arena());
            case Training.SliceBackward slice -> new ScatterSteps.SliceBackward(slice, first, out, binder.sizes());
            case Training.LstmTrace lstm -> new LstmTraceStep(lstm, node, binder, kernels);
            case Training.LstmBackward lstm -> new LstmBackwardStep(lstm, node, binder, kernels);
            case Training.GruTrace gru -> new GruTraceStep(gru, node, binder, kernels);
            case Training.GruBackward gru -> new GruBackwardStep(gru, node, binder, kernels);
            case AttentionBackward attention -> new AttentionBackwardStep(attention, node, binder, kernels);
            case Training.ElmanBackward elman -> new ElmanBackwardStep(elman, node, binder, kernels);
        };
    }
}
