/** Gradients, losses, optimizers and the training loop. */
module dev.rondo.trainer {
    requires transitive dev.rondo.runtime;
    requires transitive dev.rondo.architectures;
    requires transitive dev.rondo.decoding;
    requires jdk.incubator.vector;

    exports dev.rondo.train;
    exports dev.rondo.train.data;
    exports dev.rondo.train.embedding;
    exports dev.rondo.train.gradient;
    exports dev.rondo.train.lm;
    exports dev.rondo.train.memory;
    exports dev.rondo.train.metric;
    exports dev.rondo.train.network;
    exports dev.rondo.train.ngram;
    exports dev.rondo.train.select;
    exports dev.rondo.train.seq2seq;
    exports dev.rondo.train.synthetic;
    exports dev.rondo.train.tagging;
    exports dev.rondo.train.kernel to
            dev.rondo.tests,
            dev.rondo.bench;
    exports dev.rondo.train.step to
            dev.rondo.tests,
            dev.rondo.bench;
}
