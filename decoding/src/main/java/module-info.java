/** Searches for sequences over the step functions of models. */
module dev.rondo.decoding {
    requires transitive dev.rondo.runtime;

    exports dev.rondo.ngram;
    exports dev.rondo.search;
}
