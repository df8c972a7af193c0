/** Searches for sequences over the step functions of models, and what translates with them. */
module dev.rondo.decoding {
    requires transitive dev.rondo.runtime;

    exports dev.rondo.classification;
    exports dev.rondo.memory;
    exports dev.rondo.ngram;
    exports dev.rondo.prediction;
    exports dev.rondo.search;
    exports dev.rondo.tagging;
    exports dev.rondo.translation;
}
