/** Gradients, losses, optimizers and the training loop. */
module dev.rondo.trainer {
    requires transitive dev.rondo.runtime;

    exports dev.rondo.train;
    exports dev.rondo.train.gradient;
}
