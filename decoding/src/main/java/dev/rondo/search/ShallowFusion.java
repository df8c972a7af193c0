package dev.rondo.search;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.kernel.KernelProvider;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A model and a language model together, as one function: {@code log P(y|x) + weight · log P_lm(y)} (Gülçehre et al. 2015). Both
 * read the same tokens. Attention is the model's. It fuses any two functions over one vocabulary, and so several in turn.
 */
public final class ShallowFusion implements StepFunction {
    private final StepFunction model;
    private final StepFunction language;
    private final double weight;
    private final Kernels kernels;
    private final View factor;
    private final int size;
    private View modelRows;
    private View languageRows;

    /**
     * Both functions belong to the fusion from now on.
     *
     * @param weight at least 0
     */
    public ShallowFusion(StepFunction model, StepFunction language, double weight) {
        if (!(weight >= 0 && weight <= 1e6)) {
            throw new InputException("fusion weight", "lies between 0 and 1000000", "" + weight, "0.1 to 0.5 is usual");
        }
        if (model.vocabularySize() != language.vocabularySize()) {
            throw new ShapeException(
                    "language model of a fusion",
                    "has the model's vocabulary of " + model.vocabularySize() + " tokens",
                    language.vocabularySize() + " tokens",
                    "train it with the vocabulary of the translation model");
        }
        this.weight = weight;
        this.model = model;
        this.language = language;
        this.size = model.vocabularySize();
        KernelProvider provider = model.kernel() == Model.Kernel.PLAIN ? KernelProvider.plain() : KernelProvider.best();
        this.kernels = provider.kernels();
        this.factor = View.f32(Arena.ofAuto().allocate(4, 64), 1, 1);
        factor.rowStride = 0;
        factor.put(0, 0, (float) weight);
    }

    @Override
    public int vocabularySize() {
        return size;
    }

    @Override
    public void begin(int sentences) {
        model.begin(sentences);
        language.begin(sentences);
    }

    @Override
    public int sentences() {
        return model.sentences();
    }

    @Override
    public int width() {
        return model.width();
    }

    @Override
    public void step(int[] tokens) {
        model.step(tokens);
        language.step(tokens);
        modelRows = view(modelRows, model);
        languageRows = view(languageRows, language);
        int rows = rows();
        for (int i = 0; i < rows; i++) {
            // Row by row, while it is in the cache.
            modelRows.at(4L * size * i);
            languageRows.at(4L * size * i);
            normalise(modelRows, model);
            if (weight > 0) {
                // Zero times what the language model excludes would be no number.
                normalise(languageRows, language);
                kernels.binary(BinaryFunction.MULTIPLY, languageRows, factor, languageRows);
                kernels.binary(BinaryFunction.ADD, modelRows, languageRows, modelRows);
            }
        }
    }

    private View view(View rows, StepFunction steps) {
        MemorySegment memory = steps.scores();
        return rows != null && rows.segment == memory ? rows : View.f32(memory, 1, size);
    }

    private void normalise(View row, StepFunction steps) {
        if (!steps.scored()) {
            kernels.softmax(row, null, true, row);
        }
    }

    @Override
    public MemorySegment scores() {
        return model.scores();
    }

    @Override
    public boolean scored() {
        return true;
    }

    @Override
    public int attentionSize() {
        return model.attentionSize();
    }

    @Override
    public MemorySegment attention() {
        return model.attention();
    }

    @Override
    public void regroup(int width, int[] parents) {
        model.regroup(width, parents);
        language.regroup(width, parents);
    }

    @Override
    public void keep(int[] kept, int count) {
        model.keep(kept, count);
        language.keep(kept, count);
    }

    @Override
    public Model.Kernel kernel() {
        return model.kernel();
    }
}
