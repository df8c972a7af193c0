/** Architectures: what functions a model of a kind has, over which parameters. For whoever writes models. */
module dev.rondo.architectures {
    requires transitive dev.rondo.runtime;

    exports dev.rondo.architecture;
    exports dev.rondo.architecture.chain;
    exports dev.rondo.architecture.memory;
    exports dev.rondo.architecture.seq2seq;
    exports dev.rondo.architecture.training;
}
