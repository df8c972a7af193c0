package dev.rondo.tests.session;

/** The three recurrent networks with a function for a step and one for a sequence, over the same states. */
enum Recurrence {
    ELMAN("elman", 1, "h", "activation=tanh"),
    LSTM("lstm", 4, "h c", ""),
    GRU("gru", 3, "h", "reset_after=true");

    static final int INPUTS = 3;
    static final int UNITS = 18;

    private final String operator;
    private final int gates;
    private final String states;
    private final String attributes;

    Recurrence(String operator, int gates, String states, String attributes) {
        this.operator = operator;
        this.gates = gates;
        this.states = states;
        this.attributes = attributes.isEmpty() ? "" : ", " + attributes;
    }

    String[] states() {
        return states.split(" ");
    }

    /** {@code step(x: f32[B,3]) -> y} and {@code sequence(x: f32[B,T,3], lengths: i32[B]) -> y}. */
    ModelFile model() {
        String rows = "" + gates * UNITS;
        String declared = """
                weight u: f32[ROWS,UNITS]
                weight w: f32[ROWS,INPUTS]
                weight b: f32[ROWS]
            """;
        var own = new StringBuilder();
        var next = new StringBuilder();
        var named = new StringBuilder();
        for (String state : states()) {
            own.append("    state " + state + ": f32[B,UNITS] <- " + state + "1\n");
            next.append(", " + state + "1");
            named.append(", " + state + "=" + state);
        }
        String weights = "weight_input=@w, bias=@b" + attributes;
        String text = "function step(x: f32[B,INPUTS]) -> h1 {\n" + own + declared + "    "
                + next.substring(2) + " = " + operator + "_cell(x, " + states.replace(" ", ", ") + ", @u, " + weights
                + ")\n}\n"
                + "function sequence(x: f32[B,T,INPUTS], lengths: i32[B]) -> y {\n" + own + declared + "    y"
                + next + " = " + operator + "(x, @u" + named + ", " + weights + ", lengths=lengths)\n}\n";
        return ModelFile.of(
                        text.replace("ROWS", rows).replace("UNITS", "" + UNITS).replace("INPUTS", "" + INPUTS))
                .randomWeights(21, 1);
    }
}
