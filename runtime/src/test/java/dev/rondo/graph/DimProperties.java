package dev.rondo.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Dimensions against whole-number arithmetic: a dimension is what it evaluates to. */
class DimProperties {
    private static final List<String> NAMES = List.of("B", "T", "S", "H_1");

    @Provide
    Arbitrary<Dim> dims() {
        return dims(4);
    }

    static Arbitrary<Dim> dims(int depth) {
        Arbitrary<Dim> leaf = Arbitraries.oneOf(
                Arbitraries.longs().between(-9, 600).map(Dim::of),
                Arbitraries.of(NAMES).map(Dim::named));
        if (depth == 0) {
            return leaf;
        }
        Arbitrary<Dim> inner = Arbitraries.lazy(() -> dims(depth - 1));
        return Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(2, leaf),
                net.jqwik.api.Tuple.of(2, Combinators.combine(inner, inner).as(Dim::plus)),
                net.jqwik.api.Tuple.of(1, Combinators.combine(inner, inner).as(Dim::minus)),
                net.jqwik.api.Tuple.of(1, Combinators.combine(inner, leaf).as(Dim::times)),
                net.jqwik.api.Tuple.of(
                        2,
                        Combinators.combine(inner, Arbitraries.longs().between(1, 12))
                                .as(Dim::dividedBy)));
    }

    @Provide
    Arbitrary<Map<String, Long>> sizes() {
        return Arbitraries.longs()
                .between(0, 1000)
                .list()
                .ofSize(NAMES.size())
                .map(s -> Map.of(
                        NAMES.get(0),
                        s.get(0),
                        NAMES.get(1),
                        s.get(1),
                        NAMES.get(2),
                        s.get(2),
                        NAMES.get(3),
                        s.get(3)));
    }

    @Property
    void whatIsPrintedParsesToTheSame(@ForAll("dims") Dim dim) {
        assertEquals(dim, Dim.parse(dim.toString()));
        assertEquals(dim.hashCode(), Dim.parse(dim.toString()).hashCode());
    }

    @Property
    void sumsProductsAndQuotientsEvaluateAsTheyAreWritten(
            @ForAll("dims") Dim a,
            @ForAll("dims") Dim b,
            @ForAll @IntRange(min = 1, max = 20) int divisor,
            @ForAll("sizes") Map<String, Long> sizes) {
        long x = a.evaluate(sizes::get);
        long y = b.evaluate(sizes::get);
        assertEquals(x + y, a.plus(b).evaluate(sizes::get));
        assertEquals(x - y, a.minus(b).evaluate(sizes::get));
        assertEquals(Math.multiplyExact(x, y), a.times(b).evaluate(sizes::get));
        assertEquals(Math.floorDiv(x, (long) divisor), a.dividedBy(divisor).evaluate(sizes::get));
    }

    @Property
    void ringLawsHoldAsEquality(@ForAll("dims") Dim a, @ForAll("dims") Dim b, @ForAll("dims") Dim c) {
        assertEquals(a.plus(b), b.plus(a));
        assertEquals(a.plus(b).plus(c), a.plus(b.plus(c)));
        assertEquals(a.times(b), b.times(a));
        assertEquals(a, a.plus(0));
        assertEquals(a, a.times(Dim.ONE));
        assertEquals(Dim.of(0), a.times(0));
        assertEquals(Dim.of(0), a.minus(a));
        assertEquals(a.plus(a), a.times(2));
        Dim small = Dim.named("T").plus(c.isFixed() ? c : Dim.ONE);
        assertEquals(a.plus(b).times(small), a.times(small).plus(b.times(small)));
    }

    @Property
    void multiplesComeOutOfAQuotient(
            @ForAll("dims") Dim whole, @ForAll("dims") Dim rest, @ForAll @IntRange(min = 1, max = 9) int divisor) {
        assertEquals(
                whole.plus(rest.dividedBy(divisor)),
                whole.times(divisor).plus(rest).dividedBy(divisor));
        assertEquals(whole, whole.times(divisor).dividedBy(divisor));
    }

    @Property
    void namesAreReplacedAsIfTheyHadBeenWrittenSo(
            @ForAll("dims") Dim dim, @ForAll("dims") Dim forT, @ForAll("sizes") Map<String, Long> sizes) {
        Dim replacement = forT.isFixed() ? forT : Dim.named("S").plus(3);
        long t = replacement.evaluate(sizes::get);
        Dim replaced = dim.substitute(Map.of("T", replacement));
        assertEquals(dim.evaluate(name -> name.equals("T") ? t : sizes.get(name)), replaced.evaluate(sizes::get));
        assertTrue(!replaced.names().contains("T"));
    }

    @Example
    void formsThatAreEqualForAllSizesAreOneForm() {
        Map.ofEntries(
                        Map.entry("(T-2)/2+1", "T/2"),
                        Map.entry("(T+3)/2", "(T+1)/2+1"),
                        Map.entry("(2*T)/4", "T/2"),
                        Map.entry("(2*T+1)/4", "T/2"),
                        Map.entry("(2*T+1)/2", "T"),
                        Map.entry("(T/2)/3", "T/6"),
                        Map.entry("(T/2+1)/2", "(T+2)/4"),
                        Map.entry("((T+1)/2+1)/2", "(T+3)/4"),
                        Map.entry("(3*T)/2", "T+T/2"),
                        Map.entry("2 * H - H", "H"),
                        Map.entry("(B+1)*(B-1)", "B*B-1"),
                        Map.entry("7/2", "3"),
                        Map.entry("(0-7)/2", "0-4"),
                        Map.entry("B*S*T", "T*(S*B)"))
                .forEach((a, b) -> assertEquals(Dim.parse(b), Dim.parse(a), a));
        assertNotEquals(Dim.parse("(T+1)/2"), Dim.parse("T/2"));
        assertNotEquals(Dim.parse("2*(T/3)"), Dim.parse("2*T/3"));
        assertNotEquals(Dim.parse("S"), Dim.parse("T"));
    }

    @Example
    void textsThatAreNoExpressionAreRefused() {
        for (String text : List.of(
                "",
                " ",
                "2*",
                "*2",
                "(T",
                "T)",
                "2T",
                "T/0",
                "T/S",
                "T/-1",
                "T/(1-1)",
                "é",
                "T%2",
                "T..",
                "1.5",
                "T T",
                "-",
                "99999999999999999999",
                "3000000000*3000000000*3000000000",
                "(".repeat(40) + "T" + ")".repeat(40))) {
            assertThrows(IllegalArgumentException.class, () -> Dim.parse(text), text);
        }
    }

    @Example
    void aProductOfSumsIsRefusedBeforeItFillsTheMemory() {
        var text = new StringBuilder("1");
        for (int i = 0; i < 40; i++) {
            text.append("*(a").append(i).append("+b").append(i).append(")");
        }
        assertThrows(IllegalArgumentException.class, () -> Dim.parse(text.toString()));
        Dim dim = Dim.named("T");
        ArithmeticException refused = assertThrows(ArithmeticException.class, () -> {
            Dim d = dim;
            for (int i = 0; i < 1000; i++) {
                d = d.times(2).plus(1).dividedBy(3);
            }
        });
        assertTrue(refused.getMessage().contains("nested divisions"), refused.getMessage());
    }

    @Property
    void theUpperBoundIsNotExceeded(
            @ForAll("dims") Dim dim,
            @ForAll("sizes") Map<String, Long> capacity,
            @ForAll @IntRange(min = 0, max = 100) int percent) {
        long bound = dim.upperBound(capacity::get);
        assertTrue(dim.evaluate(name -> capacity.get(name) * percent / 100) <= bound, dim + " above " + bound);
    }
}
