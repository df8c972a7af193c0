package dev.rondo.bench;

import dev.rondo.format.Encoding;

/** A runtime with an encoding of the weights. */
public enum Contender {
    RONDO_F32("Rondo f32", 1e-4f),
    RONDO_BF16("Rondo bf16", 1e-2f),
    RONDO_INT8("Rondo int8", 3e-2f),
    ORT_F32("ONNX Runtime f32", 0),
    /** {@code DynamicQuantizeLSTM}; there is none for a GRU. */
    ORT_INT8("ONNX Runtime int8", 3e-2f);

    private final String text;
    private final float tolerance;

    Contender(String text, float tolerance) {
        this.text = text;
        this.tolerance = tolerance;
    }

    /** The name in tables. */
    String text() {
        return text;
    }

    /** How far any element of h may lie from {@link #ORT_F32}'s: less precise weights give other numbers. */
    float tolerance() {
        return tolerance;
    }

    boolean runs(Cell cell) {
        return this != ORT_INT8 || cell.kind() == Cell.Kind.LSTM;
    }

    Engine open(CellWeights weights) {
        return switch (this) {
            case RONDO_F32 -> RondoEngine.open(weights, Encoding.F32);
            case RONDO_BF16 -> RondoEngine.open(weights, Encoding.BF16);
            case RONDO_INT8 -> RondoEngine.open(weights, Encoding.INT8);
            case ORT_F32 -> OrtEngine.open(weights.cell(), OnnxCell.f32(weights));
            case ORT_INT8 -> OrtEngine.open(weights.cell(), OnnxCell.int8(weights));
        };
    }
}
