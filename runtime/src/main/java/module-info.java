/** Models, sessions, operators and kernels. */
module dev.rondo.runtime {
    requires transitive dev.rondo.formats;
    requires jdk.incubator.vector;

    exports dev.rondo;
    exports dev.rondo.graph;
    exports dev.rondo.decode;
    exports dev.rondo.text;
    exports dev.rondo.kernel to
            dev.rondo.decoding,
            dev.rondo.trainer,
            dev.rondo.tests,
            dev.rondo.bench;
    exports dev.rondo.plan to
            dev.rondo.trainer,
            dev.rondo.tests,
            dev.rondo.bench;
}
