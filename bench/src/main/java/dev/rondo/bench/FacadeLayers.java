package dev.rondo.bench;

import dev.rondo.Model;
import dev.rondo.architecture.LayerStack;
import dev.rondo.classification.Classifier;
import dev.rondo.classification.ClassifierSession;
import dev.rondo.tagging.Tagger;
import dev.rondo.tagging.TaggerSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A network behind its face: text in, tags or a class out. Its outputs are their ids. */
final class FacadeLayers implements Engine {
    /** Ids of the answer to a text. */
    private interface Answer {
        int[] to(String text);
    }

    private final Model model;
    private final List<String> texts;
    private final Answer answer;
    private int[] last = new int[0];

    private FacadeLayers(Model model, LayeredNetwork network) {
        this.model = model;
        String between = network.readsCharacters() ? "" : " ";
        this.texts = network.texts().stream().map(t -> String.join(between, t)).toList();
        if (network.results() == LayerStack.Results.TAGS) {
            TaggerSession session = Tagger.of(model).session();
            answer = text -> session.tag(text).ids();
        } else {
            ClassifierSession session = Classifier.of(model).session();
            answer = text -> new int[] {session.classify(text).id()};
        }
    }

    static FacadeLayers open(Path file, LayeredNetwork network) throws IOException {
        return new FacadeLayers(Model.open(file), network);
    }

    @Override
    public float run(float[] x) {
        last = answer.to(texts.get((int) x[0]));
        return last[0];
    }

    @Override
    public float[] outputs() {
        var ids = new float[last.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = last[i];
        }
        return ids;
    }

    @Override
    public void reset() {
        last = new int[0];
    }

    @Override
    public void close() {
        model.close();
    }
}
