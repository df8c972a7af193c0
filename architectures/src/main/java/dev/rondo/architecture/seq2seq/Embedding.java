package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.ParameterRole;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Value;
import java.util.Map;

/** A row of a table [vocabularySize,size] for each token. */
public record Embedding(String table, int vocabularySize, int size) {
    Value rows(FunctionBuilder f, Value tokens) {
        return f.gather(f.weight(table, vocabularySize, size), tokens);
    }

    void addTo(Map<String, Parameter> all) {
        Parameter.add(all, table, ParameterRole.EMBEDDING, vocabularySize, size);
    }
}
