/**
 * ONNX models become functions: {@link dev.rondo.convert.onnx.OnnxImport} is the way in, {@code docs/onnx.md} the
 * reference.
 */
package dev.rondo.convert.onnx;
