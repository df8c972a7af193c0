/**
 * ONNX operators in terms of the catalogue of {@link dev.rondo.graph}: a class for each family. A new one is a method
 * {@code List<Operand> name(NodeScope node)} and a line in its family's {@code addTo}; {@link
 * dev.rondo.convert.onnx.op.OperatorTable#standard()} lists the families.
 */
package dev.rondo.convert.onnx.op;
