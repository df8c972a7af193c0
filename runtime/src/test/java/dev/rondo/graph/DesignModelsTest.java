package dev.rondo.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DesignModelsTest {
    @ParameterizedTest
    @EnumSource
    void parsesAndComesBackThroughText(DesignModels model) {
        List<Function> functions = model.functions();
        String printed = GraphText.print(functions);
        assertEquals(functions, GraphTextParser.parse(printed));
        assertEquals(printed, GraphText.print(GraphTextParser.parse(printed)));
        for (Function function : functions) {
            assertEquals(function, GraphTextParser.parse(function.toString()).getLast());
        }
    }

    @ParameterizedTest
    @EnumSource
    void comesBackThroughTheUntypedNodesOfAFile(DesignModels model) {
        List<Function> functions = model.functions();
        var weights = new HashMap<String, ValueType>();
        functions.forEach(f -> f.weights().forEach(w -> weights.put(w.tensorName(), w.type())));
        Map<String, Function> read = FunctionCodec.decode(
                functions.stream().map(FunctionCodec::encode).toList(), weights);
        assertEquals(functions, List.copyOf(read.values()));
    }

    /** What one function of a model leaves in a state, another finds there under the same type. */
    @ParameterizedTest
    @EnumSource
    void functionsAgreeAboutTheStatesTheyShare(DesignModels model) {
        var types = new HashMap<String, ValueType>();
        for (Function function : model.functions()) {
            for (State state : function.states()) {
                ValueType known =
                        types.putIfAbsent(state.value().name(), state.value().type());
                assertTrue(known == null || known.equals(state.value().type()), state.toString());
            }
        }
    }

    @Test
    void typesFollowFromTheModels() {
        assertEquals("f32[B,37]", outputType(DesignModels.LANGUAGE_MODEL, "step", "logits"));
        assertEquals("f32[B,T,37]", outputType(DesignModels.LANGUAGE_MODEL, "sequence", "logits"));
        assertEquals("f32[B,T,37]", outputType(DesignModels.LANGUAGE_MODEL, "unfolded", "logits"));
        assertEquals("f32[B]", outputType(DesignModels.VOICE_ACTIVITY, "step", "probability"));
        assertEquals("f32[B,T]", outputType(DesignModels.VOICE_ACTIVITY, "recording", "probabilities"));
        assertEquals("f32[B,S,24]", outputType(DesignModels.ATTENTION_DECODER, "encode", "memory_next"));
        assertEquals("f32[B,S]", outputType(DesignModels.ATTENTION_DECODER, "step", "attention"));
        assertEquals("f32[B,T,S]", outputType(DesignModels.ATTENTION_DECODER, "loss", "attention"));
        assertEquals("f32[]", outputType(DesignModels.ATTENTION_DECODER, "loss", "loss"));
        assertEquals("f32[]", outputType(DesignModels.TAGGER_CRF, "loss", "loss"));
        assertEquals("i64[B,T]", outputType(DesignModels.TAGGER_CRF, "decode", "path"));
    }

    private static String outputType(DesignModels model, String function, String output) {
        return model.function(function).output(output).orElseThrow().type().toString();
    }

    @Test
    void bodiesOfScansAreFound() {
        assertEquals(
                List.of(DesignModels.ATTENTION_DECODER.function("step")),
                DesignModels.ATTENTION_DECODER.function("loss").bodies());
        assertEquals(
                List.of("viterbi_step", "back_step"),
                DesignModels.TAGGER_CRF.function("decode").bodies().stream()
                        .map(Function::name)
                        .toList());
        assertEquals(
                List.of("B", "S", "T"),
                DesignModels.ATTENTION_DECODER.function("loss").dimensionNames());
    }
}
