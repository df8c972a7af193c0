package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.Parameter;
import dev.rondo.error.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An encoder reads a source, a bridge says where the decoder begins, the decoder writes the target. */
public record EncoderDecoder(Encoder encoder, Bridge bridge, Decoder decoder) {
    /** The value of the metadata key {@code task}. */
    public static final String TASK = "translation";

    /**
     * Checks that the parts fit each other.
     *
     * @throws InputException where they do not; it names the part, the rule and the sizes
     */
    public EncoderDecoder {
        new EncoderRules(encoder).check();
        new DecoderRules(encoder, decoder).check();
        new BridgeRules(encoder, decoder).check(bridge);
        // What two parts share has one shape.
        parameters(encoder, bridge, decoder);
    }

    /** Every tensor once, in the order in which files hold them. */
    public List<Parameter> parameters() {
        return parameters(encoder, bridge, decoder);
    }

    private static List<Parameter> parameters(Encoder encoder, Bridge bridge, Decoder decoder) {
        Map<String, Parameter> all = new LinkedHashMap<>();
        encoder.addTo(all);
        if (bridge instanceof Bridge.Projected(var _, var hidden, var cell, var _)) {
            hidden.forEach(p -> p.addTo(all));
            cell.forEach(p -> p.addTo(all));
        }
        decoder.addTo(all);
        return List.copyOf(all.values());
    }

    /** Whether a step looks at the memory place by place, and so gives weights. */
    public boolean attends() {
        return decoder.context() instanceof Context.Attended;
    }
}
