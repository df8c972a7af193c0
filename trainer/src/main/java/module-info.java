/** Gradients, losses, optimizers and the training loop. */
module dev.rondo.trainer {
    requires transitive dev.rondo.runtime;
    requires transitive dev.rondo.architectures;

    exports dev.rondo.train;
    exports dev.rondo.train.lm;
}
