/**
 * Benchmarks: {@link dev.rondo.bench.StepBenchmark} under JMH, {@link dev.rondo.bench.Table} for Rondo and ONNX Runtime
 * side by side in one JVM, {@link dev.rondo.bench.Generation} for text.
 */
package dev.rondo.bench;
