/**
 * Functions while they are imported: values that are computed, known or sizes; folding and small rewrites as nodes are
 * added.
 */
package dev.rondo.convert.onnx.graph;
