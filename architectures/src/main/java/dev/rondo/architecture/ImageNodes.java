package dev.rondo.architecture;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** The nodes of layers over images x [B,H,W,C]. */
record ImageNodes(FunctionBuilder f) {
    Value nodes(Layer.Spatial layer, Value x) {
        return switch (layer) {
            case Layer.Image(int height, int width, int channels) ->
                f.reshape(x, x.type().dim(0), height, width, channels);
            case Layer.Conv2d conv -> convolution(conv, x);
            case Layer.Pool2d pool -> pool(pool, x);
            case Layer.GlobalPool2d(var pooling) -> {
                Dim points = x.type().dim(1).times(x.type().dim(2));
                Value row = f.reshape(x, x.type().dim(0), points, x.type().dim(3));
                yield f.add(new Aggregation.PoolTime(pooling), row, Value.ABSENT);
            }
            case Layer.Flatten(int size) -> f.reshape(x, x.type().dim(0), size);
        };
    }

    /** The rows of the kernel side by side as channels, and then a convolution along each row of the image. */
    private Value convolution(Layer.Conv2d conv, Value x) {
        Value padded = conv.padTop() + conv.padBottom() == 0
                ? x
                : f.add(new Structure.Pad(1, conv.padTop(), conv.padBottom(), Structure.PadMode.ZERO), x);
        List<Value> rows = shifted(padded, 1, conv.kernelHeight(), conv.stride());
        Value all = rows.size() == 1 ? rows.getFirst() : f.concat(3, rows.toArray(Value[]::new));
        Dim images = all.type().dim(0);
        Dim height = all.type().dim(1);
        Value lines = f.reshape(
                all, images.times(height), all.type().dim(2), all.type().dim(3));
        Value y = f.add(
                new Contraction.Conv1d(conv.stride(), 1, 1, conv.padLeft(), conv.padRight()),
                lines,
                f.weight(conv.weight(), conv.outputSize(), conv.kernelWidth(), conv.kernelHeight() * conv.inputSize()),
                RecurrentNodes.optional(f, conv.bias(), conv.outputSize()));
        return f.reshape(y, images, height, y.type().dim(1), conv.outputSize());
    }

    private Value pool(Layer.Pool2d pool, Value x) {
        Value y = x;
        for (int axis = 1; axis <= 2; axis++) {
            y = switch (pool.pooling()) {
                case MAX -> joined(BinaryFunction.MAXIMUM, shifted(y, axis, pool.size(), pool.stride()));
                case MEAN -> {
                    Value sum = joined(BinaryFunction.ADD, shifted(y, axis, pool.size(), pool.stride()));
                    yield f.add(
                            new Elementwise.Binary(BinaryFunction.MULTIPLY),
                            sum,
                            f.add(new Structure.Fill(ElementType.F32, (float) (1.0 / pool.size()), List.of())));
                }
                case LAST -> shifted(y, axis, pool.size(), pool.stride()).getLast();
            };
        }
        return y;
    }

    private Value joined(BinaryFunction function, List<Value> parts) {
        Value all = parts.getFirst();
        for (Value part : parts.subList(1, parts.size())) {
            all = f.add(new Elementwise.Binary(function), all, part);
        }
        return all;
    }

    /** For each place of a window, what the windows have there. */
    private List<Value> shifted(Value x, int axis, int size, int stride) {
        Dim windows = x.type().dim(axis).plus(-size).dividedBy(stride).plus(1);
        var parts = new ArrayList<Value>();
        for (int i = 0; i < size; i++) {
            parts.add(f.add(new Structure.Slice(axis, Dim.of(i), windows, stride), x));
        }
        return parts;
    }
}
