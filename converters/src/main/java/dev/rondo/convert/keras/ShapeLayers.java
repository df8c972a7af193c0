package dev.rondo.convert.keras;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** Layers that move, repeat or cut. None of them hands on a mask, but Masking, which makes one. */
final class ShapeLayers {
    private ShapeLayers() {}

    static List<Masked> flatten(Graph g, Use use) {
        use.config().only("data_format", "channels_last");
        Value x = use.x();
        List<Dim> dims = x.type().dims();
        return one(g.reshape(x, dims.getFirst(), Dim.product(dims.subList(1, dims.size()))));
    }

    static List<Masked> reshape(Graph g, Use use) {
        LayerConfig config = use.config();
        Value x = use.x();
        List<Integer> target = config.numbers("target_shape");
        Dim all = Dim.product(x.type().dims().subList(1, x.type().rank()));
        long known = 1;
        for (int size : target) {
            known = size == -1 ? known : Math.multiplyExact(known, (long) size);
        }
        var dims = new ArrayList<Dim>(List.of(x.type().dim(0)));
        for (int size : target) {
            Dim rest = known > 0 ? all.dividedBy(known) : all;
            if (size == -1 && !rest.times(known).equals(all)) {
                throw config.error("target_shape", "divides " + all + " elements", target.toString());
            }
            if (size < -1) {
                throw config.error("target_shape", "has sizes and at most one -1", target.toString());
            }
            dims.add(size == -1 ? rest : Dim.of(size));
        }
        return one(g.reshape(x, dims));
    }

    static List<Masked> permute(Graph g, Use use) {
        var permutation = new ArrayList<>(List.of(0));
        permutation.addAll(use.config().numbers("dims"));
        return one(g.transpose(use.x(), permutation.toArray(Integer[]::new)));
    }

    static List<Masked> repeatVector(Graph g, Use use) {
        Value x = use.x();
        if (x.type().rank() != 2) {
            throw use.config().refused("reads [B,features]", x.type().toString());
        }
        List<Dim> dims = List.of(
                x.type().dim(0), Dim.of(use.config().size("n")), x.type().dim(1));
        return one(g.add(new Structure.Expand(dims), g.expandDims(x, 1)));
    }

    static List<Masked> upSampling(Graph g, Use use) {
        Value x = sequence(use);
        int size = use.config().single("size", 2);
        Dim rows = x.type().dim(0);
        Dim steps = x.type().dim(1);
        Dim channels = x.type().dim(2);
        Value each = g.add(new Structure.Expand(List.of(rows, steps, Dim.of(size), channels)), g.expandDims(x, 2));
        return one(g.reshape(each, rows, steps.times(size), channels));
    }

    static List<Masked> zeroPadding(Graph g, Use use) {
        List<Integer> padding = pair(use.config(), "padding");
        Value x = sequence(use);
        return one(g.add(new Structure.Pad(1, padding.get(0), padding.get(1), Structure.PadMode.ZERO), x));
    }

    static List<Masked> cropping(Graph g, Use use) {
        List<Integer> cropping = pair(use.config(), "cropping");
        Value x = sequence(use);
        Dim left = x.type().dim(1).plus(-(long) cropping.get(0) - cropping.get(1));
        return one(g.slice(x, 1, Dim.of(cropping.get(0)), left));
    }

    /** Steps whose every feature is the mask value become zero and masked. */
    static List<Masked> masking(Graph g, Use use) {
        Value x = use.x();
        float value = (float) use.config().number("mask_value", 0);
        if (x.type().element() != ElementType.F32 || x.type().rank() < 2) {
            throw use.config().refused("reads floats [B,T,features]", x.type().toString());
        }
        Value mask = g.any(g.compare(Comparison.NOT_EQUAL, x, g.scalar(value)), -1, false);
        g.note("steps of " + value + " throughout are masked");
        return List.of(new Masked(g.where(g.expandDims(mask, -1), x, g.scalar(0)), mask));
    }

    private static List<Integer> pair(LayerConfig config, String key) {
        List<Integer> read = config.numbers(key);
        List<Integer> pair = read.size() == 1 ? List.of(read.getFirst(), read.getFirst()) : read;
        if (pair.size() != 2 || pair.stream().anyMatch(n -> n < 0)) {
            throw config.error(key, "is one number or two from 0 on", read.toString());
        }
        config.only("data_format", "channels_last");
        return pair;
    }

    private static Value sequence(Use use) {
        Value x = use.x();
        if (x.type().rank() != 3) {
            throw use.config()
                    .refused("reads a sequence [B,T,channels]", x.type().toString());
        }
        return x;
    }

    static List<Masked> one(Value y) {
        return List.of(Masked.of(y));
    }
}
