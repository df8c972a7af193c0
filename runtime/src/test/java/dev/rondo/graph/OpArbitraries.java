package dev.rondo.graph;

import dev.rondo.format.ElementType;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Every operator of the catalogue with random attributes. */
final class OpArbitraries {
    /** What a scan may run here: an input of its own and one that stays the same, and a state. */
    static final Function BODY = body();

    private OpArbitraries() {}

    private static Function body() {
        FunctionBuilder f = Function.builder("body");
        Value x = f.input("x", ElementType.F32, "B", 4);
        Value y = f.input("y", ElementType.F32, "B", 4);
        Value h = f.state("h", "B", 4);
        Value sum = f.plus(f.plus(x, y), h);
        f.next(h, sum);
        f.output(sum);
        return f.build();
    }

    /** One generator per record of the catalogue. */
    static Map<Class<? extends Op>, Arbitrary<? extends Op>> byRecord() {
        var all = new LinkedHashMap<Class<? extends Op>, Arbitrary<? extends Op>>();
        all.put(Elementwise.Unary.class, Arbitraries.of(UnaryFunction.values()).map(Elementwise.Unary::new));
        all.put(Elementwise.Activate.class, activation().map(Elementwise.Activate::new));
        all.put(
                Elementwise.Binary.class,
                Arbitraries.of(BinaryFunction.values()).map(Elementwise.Binary::new));
        all.put(Elementwise.Compare.class, Arbitraries.of(Comparison.values()).map(Elementwise.Compare::new));
        all.put(Elementwise.Not.class, Arbitraries.just(new Elementwise.Not()));
        all.put(Elementwise.Where.class, Arbitraries.just(new Elementwise.Where()));
        all.put(Elementwise.Cast.class, Arbitraries.of(ElementType.values()).map(Elementwise.Cast::new));
        all.put(Structure.Concat.class, axis().map(Structure.Concat::new));
        all.put(
                Structure.Slice.class,
                Combinators.combine(axis(), dim(), dim(), positive()).as(Structure.Slice::new));
        all.put(Structure.Reshape.class, dims().map(Structure.Reshape::new));
        all.put(Structure.Expand.class, dims().map(Structure.Expand::new));
        all.put(Structure.Transpose.class, permutation().map(Structure.Transpose::new));
        all.put(
                Structure.Pad.class,
                Combinators.combine(axis(), natural(), natural(), Arbitraries.of(Structure.PadMode.values()))
                        .as(Structure.Pad::new));
        all.put(Structure.Gather.class, Arbitraries.just(new Structure.Gather()));
        all.put(Structure.Pick.class, Arbitraries.just(new Structure.Pick()));
        all.put(Structure.LengthMask.class, dim().map(Structure.LengthMask::new));
        all.put(
                Structure.Fill.class,
                Combinators.combine(
                                Arbitraries.of(ElementType.values()),
                                Arbitraries.integers().between(0, 1),
                                dims())
                        .as((element, value, dims) -> new Structure.Fill(element, value, dims)));
        all.put(
                Structure.Size.class,
                Combinators.combine(dim(), Arbitraries.of(ElementType.I32, ElementType.I64, ElementType.F32))
                        .as(Structure.Size::new));
        all.put(Contraction.Linear.class, Arbitraries.just(new Contraction.Linear()));
        all.put(Contraction.MatMul.class, flag().map(Contraction.MatMul::new));
        all.put(
                Contraction.Conv1d.class,
                Combinators.combine(positive(), positive(), positive(), natural(), natural())
                        .as(Contraction.Conv1d::new));
        all.put(
                Aggregation.Reduce.class,
                Combinators.combine(Arbitraries.of(Reduction.values()), axis(), flag())
                        .as(Aggregation.Reduce::new));
        all.put(Aggregation.ArgMax.class, axis().map(Aggregation.ArgMax::new));
        all.put(
                Aggregation.TopK.class,
                Combinators.combine(positive(), Arbitraries.of(Aggregation.Normalisation.values()))
                        .as(Aggregation.TopK::new));
        all.put(
                Aggregation.Attention.class,
                Arbitraries.floats().between(-4, 4).ofScale(6).map(Aggregation.Attention::new));
        all.put(Aggregation.Softmax.class, flag().map(Aggregation.Softmax::new));
        all.put(
                Aggregation.LayerNorm.class,
                Arbitraries.floats().between(0, 1).ofScale(9).map(Aggregation.LayerNorm::new));
        all.put(Aggregation.PoolTime.class, pooling().map(Aggregation.PoolTime::new));
        all.put(
                Aggregation.PoolWindow.class,
                Combinators.combine(pooling(), positive(), positive()).as(Aggregation.PoolWindow::new));
        all.put(Recurrent.ElmanCell.class, activation().map(Recurrent.ElmanCell::new));
        all.put(
                Recurrent.ElmanLayer.class,
                Combinators.combine(activation(), flag(), flag()).as(Recurrent.ElmanLayer::new));
        all.put(Recurrent.LstmCell.class, lstm().map(Recurrent.LstmCell::new));
        all.put(
                Recurrent.LstmLayer.class,
                Combinators.combine(lstm(), flag(), flag()).as(Recurrent.LstmLayer::new));
        all.put(
                Recurrent.GruCell.class,
                Combinators.combine(gate(), candidate(), flag()).as(Recurrent.GruCell::new));
        all.put(
                Recurrent.GruLayer.class,
                Combinators.combine(gate(), candidate(), flag(), flag(), flag()).as(Recurrent.GruLayer::new));
        all.put(
                Scan.class,
                Combinators.combine(
                                Arbitraries.of(List.of("x"), List.of("y"), List.of("x", "y"), List.of("y", "x")),
                                flag(),
                                flag())
                        .as((over, reverse, repeat) -> new Scan(BODY, over, reverse, repeat)));
        return all;
    }

    /** Every record that the sealed hierarchy permits, but for extensions, which no file holds. */
    static Set<Class<?>> records(Class<?> type) {
        var records = new LinkedHashSet<Class<?>>();
        if (type == Extension.class) {
            return records;
        }
        if (type.isSealed()) {
            for (Class<?> permitted : type.getPermittedSubclasses()) {
                records.addAll(records(permitted));
            }
        } else {
            records.add(type);
        }
        return records;
    }

    static Arbitrary<Op> any() {
        return Arbitraries.of(byRecord().keySet())
                .flatMap(record -> byRecord().get(record).map(op -> op));
    }

    static Arbitrary<Activation> activation() {
        Arbitrary<Float> parameter = Arbitraries.floats().between(-4, 4).ofScale(6);
        return Combinators.combine(Arbitraries.of(Activation.Kind.values()), parameter, parameter)
                .as(Activation::new);
    }

    private static Arbitrary<Activation> gate() {
        return Arbitraries.oneOf(Arbitraries.just(Activation.SIGMOID), activation());
    }

    private static Arbitrary<Activation> candidate() {
        return Arbitraries.oneOf(Arbitraries.just(Activation.TANH), activation());
    }

    private static Arbitrary<LstmActivations> lstm() {
        return Combinators.combine(gate(), gate(), candidate(), gate(), candidate())
                .as(LstmActivations::new);
    }

    private static Arbitrary<Integer> axis() {
        return Arbitraries.integers().between(-8, 7);
    }

    private static Arbitrary<Integer> positive() {
        return Arbitraries.oneOf(Arbitraries.integers().between(1, 4), Arbitraries.just(Integer.MAX_VALUE));
    }

    private static Arbitrary<Integer> natural() {
        return Arbitraries.oneOf(Arbitraries.integers().between(0, 4), Arbitraries.just(Integer.MAX_VALUE));
    }

    private static Arbitrary<Boolean> flag() {
        return Arbitraries.of(true, false);
    }

    private static Arbitrary<Dim> dim() {
        return DimProperties.dims(3);
    }

    private static Arbitrary<List<Dim>> dims() {
        return Arbitraries.oneOf(
                dim().list().ofMaxSize(ValueType.MAX_RANK),
                Arbitraries.longs().between(0, 900).map(Dim::of).list().ofMaxSize(ValueType.MAX_RANK));
    }

    private static Arbitrary<Aggregation.Pooling> pooling() {
        return Arbitraries.of(Aggregation.Pooling.values());
    }

    private static Arbitrary<List<Integer>> permutation() {
        return Arbitraries.integers()
                .between(0, ValueType.MAX_RANK)
                .flatMap(rank ->
                        Arbitraries.shuffle(IntStream.range(0, rank).boxed().toList()));
    }
}
