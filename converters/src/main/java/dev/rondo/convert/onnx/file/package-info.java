/** ONNX files as records: what the protocol buffers say, checked and bounded, nothing interpreted. */
package dev.rondo.convert.onnx.file;
