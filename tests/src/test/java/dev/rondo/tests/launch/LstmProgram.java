package dev.rondo.tests.launch;

import dev.rondo.Call;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.tests.session.ModelFile;
import java.util.HexFormat;

/** Three steps of an LSTM: prints the kernels and the bits of its state. */
final class LstmProgram {
    private static final String TEXT = """
        function step(x: f32[B,5]) -> h1 {
            state h: f32[B,35] <- h1
            state c: f32[B,35] <- c1
            weight u: f32[140,35]
            weight w: f32[140,5]
            weight b: f32[140]
            h1, c1 = lstm_cell(x, h, c, @u, weight_input=@w, bias=@b)
        }
        """;

    private LstmProgram() {}

    static Model model() {
        return ModelFile.of(TEXT).randomWeights(17, 1).load();
    }

    /** The bits of both states after the first steps of a stream. */
    static String bits(Session session) {
        session.reset();
        Call step = session.call("step");
        for (int t = 0; t < 3; t++) {
            step.input("x").copyFrom(new float[] {0.1f * t, 1, -0.5f, 3e-3f, -2});
            step.run();
        }
        var bits = new StringBuilder();
        for (String state : new String[] {"h", "c"}) {
            for (float value : session.state(state)) {
                bits.append(HexFormat.of().toHexDigits(Float.floatToRawIntBits(value)));
            }
        }
        return bits.toString();
    }

    public static void main(String[] args) {
        try (Model model = model()) {
            Session session = model.session(dev.rondo.Capacity.ONE, Model.Kernel.valueOf(args[0]));
            System.out.println(session.kernels());
            System.out.println(bits(session));
        }
    }
}
