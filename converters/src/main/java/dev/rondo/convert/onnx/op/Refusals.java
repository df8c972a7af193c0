package dev.rondo.convert.onnx.op;

import java.util.List;

/** Operators that are not converted, and why: so that the message says more than that the name is unknown. */
final class Refusals {
    private Refusals() {}

    static void addTo(OperatorTable table) {
        refuse(
                table,
                "the size of its result depends on values, not on sizes",
                "Compress",
                "NonMaxSuppression",
                "NonZero",
                "Unique");
        refuse(
                table,
                "it writes to places that are computed",
                "ScatterElements",
                "ScatterND",
                "Scatter",
                "TensorScatter");
        refuse(
                table,
                "functions have no sequences or optional values",
                "ConcatFromSequence",
                "Optional",
                "OptionalGetElement",
                "OptionalHasElement",
                "SequenceAt",
                "SequenceConstruct",
                "SequenceEmpty",
                "SequenceErase",
                "SequenceInsert",
                "SequenceLength",
                "SequenceMap",
                "SplitToSequence");
        refuse(
                table,
                "texts are handled by the text pipeline",
                "RegexFullMatch",
                "StringConcat",
                "StringNormalizer",
                "StringSplit");
        refuse(
                table,
                "there is no arithmetic on 8-bit integers; convert the f32 model with --dtype int8",
                "ConvInteger",
                "DequantizeLinear",
                "DynamicQuantizeLinear",
                "MatMulInteger",
                "QLinearConv",
                "QLinearMatMul",
                "QuantizeLinear");
        refuse(
                table,
                "a function gives the same result each time",
                "Bernoulli",
                "Multinomial",
                "RandomNormal",
                "RandomNormalLike",
                "RandomUniform",
                "RandomUniformLike");
        refuse(table, "it resamples images", "AffineGrid", "GridSample", "Resize", "RoiAlign", "Upsample");
        refuse(
                table,
                "there is no transposed or deformable convolution",
                "Col2Im",
                "ConvTranspose",
                "DeformConv",
                "MaxUnpool");
        refuse(table, "there are no inverse trigonometric functions", "Acos", "Asin", "Atan");
        refuse(
                table,
                "there are no bits",
                "BitCast",
                "BitShift",
                "BitwiseAnd",
                "BitwiseNot",
                "BitwiseOr",
                "BitwiseXor");
        refuse(table, "there are no complex numbers; a convolution with the basis does the same", "DFT", "STFT");
        refuse(
                table,
                "its body may be any graph; export the recurrence as RNN, LSTM or GRU, or one step as a function",
                "Scan");
    }

    private static void refuse(OperatorTable table, String why, String... names) {
        List.of(names).forEach(name -> table.refuse(name, why));
    }
}
