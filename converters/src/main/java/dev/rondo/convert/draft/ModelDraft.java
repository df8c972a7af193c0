package dev.rondo.convert.draft;

import dev.rondo.format.ReferenceCase;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model that is read and decided, but not yet written. Its tensors read from the {@link OpenFiles} of the conversion.
 *
 * @param task           what the model is for, in the metadata: {@code language-model}, or {@code functions} for a
 *                       plain graph
 * @param functions      those that others scan first
 * @param tensors        every weight of the functions
 * @param texts          how text becomes ids, if the model reads text; a translation has one of each side
 * @param metadata       what the file says beside the task
 * @param references     what the source framework computed, as far as reading it needs the configuration
 * @param interpretation what the source does not say and was decided: gate order, biases, layout, ...; a line each
 * @param sourceTensors  how many the source holds
 * @param unused         tensors of the source left out, all of them allowed
 */
public record ModelDraft(
        String task,
        List<Function> functions,
        List<StoredTensor> tensors,
        List<TextPipeline> texts,
        Map<String, String> metadata,
        List<ReferenceCase> references,
        Map<String, String> interpretation,
        int sourceTensors,
        List<String> unused) {
    public ModelDraft {
        functions = List.copyOf(functions);
        tensors = List.copyOf(tensors);
        texts = List.copyOf(texts);
        metadata = Map.copyOf(metadata);
        references = List.copyOf(references);
        interpretation = Collections.unmodifiableMap(new LinkedHashMap<>(interpretation));
        unused = List.copyOf(unused);
    }

    /** The same with one line more of what was decided. */
    public ModelDraft withInterpretation(String key, String value) {
        var lines = new LinkedHashMap<>(interpretation);
        lines.put(key, value);
        return new ModelDraft(task, functions, tensors, texts, metadata, references, lines, sourceTensors, unused);
    }
}
