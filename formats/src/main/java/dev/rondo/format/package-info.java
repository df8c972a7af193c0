/**
 * The {@code .rondo} file, version 1: functions as untyped graphs, tensors in the layout the kernels want, text pipelines,
 * metadata and reference vectors. {@code docs/format.md} describes it byte by byte.
 */
package dev.rondo.format;
