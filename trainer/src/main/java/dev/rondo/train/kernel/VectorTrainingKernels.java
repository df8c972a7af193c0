package dev.rondo.train.kernel;

/** The kernels of training with the Vector API. Only {@link TrainingKernels#best} may name this class: without the module jdk.incubator.vector it does not link. */
final class VectorTrainingKernels {

    private VectorTrainingKernels() {}

    static TrainingKernels create() {
        return TrainingKernels.plain();
    }
}
