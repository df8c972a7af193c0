package dev.rondo.bench;

import dev.rondo.format.Encoding;

/** A runtime with an encoding of the weights. */
public enum Contender {
    RONDO_F32("Rondo f32", Encoding.F32, 1e-4f),
    RONDO_F16("Rondo f16", Encoding.F16, 2e-3f),
    RONDO_BF16("Rondo bf16", Encoding.BF16, 1e-2f),
    RONDO_INT8("Rondo int8", Encoding.INT8, 3e-2f),
    ORT_F32("ONNX Runtime f32", Encoding.F32, 1e-4f),
    /** Activations quantised at each run; there is none for a GRU, an Elman network, attention. */
    ORT_INT8("ONNX Runtime int8", Encoding.INT8, 3e-2f),
    /** {@code bench/src/main/c/lstm.c}, built by {@code bench/peers.sh}. */
    C("C intrinsics f32", Encoding.F32, 1e-4f),
    /** Built by {@code bench/peers.sh} when its sources are there. */
    RTNEURAL("RTNeural f32", Encoding.F32, 1e-4f),
    /** {@code torch.nn.LSTMCell} and the like, when a Python with PyTorch is there. */
    TORCH("PyTorch f32", Encoding.F32, 1e-4f),
    /** DJL's layers on its PyTorch engine, when {@code bench/peers.sh} has fetched it. */
    DJL("DJL PyTorch f32", Encoding.F32, 1e-4f);

    private final String text;
    private final Encoding encoding;
    private final float tolerance;

    Contender(String text, Encoding encoding, float tolerance) {
        this.text = text;
        this.encoding = encoding;
        this.tolerance = tolerance;
    }

    /** The name in tables. */
    String text() {
        return text;
    }

    Encoding encoding() {
        return encoding;
    }

    /** How far any output may lie from that of unrounded weights in double precision. */
    float tolerance() {
        return tolerance;
    }

    boolean isRondo() {
        return switch (this) {
            case RONDO_F32, RONDO_F16, RONDO_BF16, RONDO_INT8 -> true;
            case ORT_F32, ORT_INT8, C, RTNEURAL, TORCH, DJL -> false;
        };
    }
}
