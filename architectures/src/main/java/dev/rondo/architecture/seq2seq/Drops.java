package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.List;

/** Puts dropouts into a function in training; each call is a site of its own. Outside training it puts none. */
final class Drops {
    private final FunctionBuilder f;
    private final Regularisation rates;
    private final Value seed;
    private int site;

    /**
     * @param seed i64[]; absent outside training
     * @param site the first, so that functions within each other differ
     */
    Drops(FunctionBuilder f, Regularisation rates, Value seed, int site) {
        this.f = f;
        this.rates = rates;
        this.seed = seed;
        this.site = site;
    }

    static Drops none(FunctionBuilder f) {
        return new Drops(f, Regularisation.NONE, Value.ABSENT, 0);
    }

    Value input(Value embedded) {
        return drop(embedded, rates.input());
    }

    Value between(Value x) {
        return drop(x, rates.between());
    }

    Value memory(Value x) {
        return drop(x, rates.memory());
    }

    Value output(Value x) {
        return drop(x, rates.output());
    }

    Value recurrent(Value weightHidden) {
        return rates.recurrent() == 0 ? Value.ABSENT : drop(weightHidden, rates.recurrent());
    }

    /** What {@link #input} would multiply the elements of a value by; absent for 1. */
    Value inputMask(List<Dim> dims) {
        return mask(dims, rates.input());
    }

    /** What {@link #output} would multiply the elements of a value by; absent for 1. */
    Value outputMask(List<Dim> dims) {
        return mask(dims, rates.output());
    }

    private Value mask(List<Dim> dims, double probability) {
        if (probability == 0) {
            site++;
            return Value.ABSENT;
        }
        return drop(f.add(new Structure.Fill(ElementType.F32, 1, dims)), probability);
    }

    private Value drop(Value x, double probability) {
        int here = site++;
        return probability == 0 ? x : f.add(new Training.Dropout((float) probability, here), x, seed);
    }
}
