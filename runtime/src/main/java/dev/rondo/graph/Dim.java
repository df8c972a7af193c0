package dev.rondo.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * One dimension of a shape: an integer expression over names, such as {@code 512}, {@code B}, {@code 2*H} or
 * {@code (T+1)/2} (division rounds down). Expressions are kept in one canonical form, a sum of products, so that
 * {@link #equals} decides whether two of them are the same polynomial. Immutable.
 */
public final class Dim {
    /** An indivisible factor of a product. */
    private sealed interface Atom extends Comparable<Atom> {
        String text();

        long evaluate(ToLongFunction<String> sizes);

        long upperBound(ToLongFunction<String> sizes);

        boolean mentions(String name);

        void collect(Set<String> names);

        Dim substitute(Map<String, Dim> replacements);

        @Override
        default int compareTo(Atom other) {
            return text().compareTo(other.text());
        }
    }

    private record Name(String name) implements Atom {
        @Override
        public String text() {
            return name;
        }

        @Override
        public long evaluate(ToLongFunction<String> sizes) {
            return sizes.applyAsLong(name);
        }

        @Override
        public long upperBound(ToLongFunction<String> sizes) {
            return sizes.applyAsLong(name);
        }

        @Override
        public boolean mentions(String other) {
            return name.equals(other);
        }

        @Override
        public void collect(Set<String> names) {
            names.add(name);
        }

        @Override
        public Dim substitute(Map<String, Dim> replacements) {
            Dim replacement = replacements.get(name);
            return replacement == null ? named(name) : replacement;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Name that && name.equals(that.name);
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }
    }

    private record Quotient(Dim dividend, long divisor) implements Atom {
        @Override
        public String text() {
            return dividend.factorText() + "/" + divisor;
        }

        @Override
        public long evaluate(ToLongFunction<String> sizes) {
            return Math.floorDiv(dividend.evaluate(sizes), divisor);
        }

        @Override
        public long upperBound(ToLongFunction<String> sizes) {
            return Math.floorDiv(Math.max(0, dividend.upperBound(sizes)), divisor);
        }

        @Override
        public boolean mentions(String name) {
            return dividend.mentions(name);
        }

        @Override
        public void collect(Set<String> names) {
            dividend.collect(names);
        }

        @Override
        public Dim substitute(Map<String, Dim> replacements) {
            return dividend.substitute(replacements).dividedBy(divisor);
        }
    }

    /** The terms with most factors come first, then the order is that of the text. */
    private record Term(long coefficient, List<Atom> atoms) implements Comparable<Term> {
        @Override
        public int compareTo(Term other) {
            int shorter = Integer.compare(other.atoms.size(), atoms.size());
            return shorter != 0 ? shorter : texts().compareTo(other.texts());
        }

        private String texts() {
            var texts = new ArrayList<String>();
            for (Atom atom : atoms) {
                texts.add(atom.text());
            }
            return texts.toString();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Term that && coefficient == that.coefficient && atoms.equals(that.atoms);
        }

        @Override
        public int hashCode() {
            return 31 * Long.hashCode(coefficient) + atoms.hashCode();
        }
    }

    /** The dimension 1. */
    public static final Dim ONE = of(1);

    // Real models need a handful of terms. The bounds keep products of sums in a hostile file from growing without end,
    // and every expression within what the parser reads.
    private static final int MAX_SIZE = 256;
    private static final int MAX_DEPTH = 16;

    private final List<Term> terms;
    private final int size;
    private final int depth;

    private Dim(List<Term> terms) {
        this.terms = terms;
        long total = 0;
        int deepest = 0;
        for (Term term : terms) {
            total += 1 + term.atoms.size();
            for (Atom atom : term.atoms) {
                if (atom instanceof Quotient(Dim dividend, long _)) {
                    total += dividend.size;
                    deepest = Math.max(deepest, dividend.depth + 1);
                }
            }
            if (term.coefficient == Long.MIN_VALUE) {
                throw new ArithmeticException("dimension below " + -Long.MAX_VALUE);
            }
        }
        if (total > MAX_SIZE || deepest > MAX_DEPTH) {
            throw new ArithmeticException(
                    "a dimension expression of more than " + MAX_SIZE + " parts or " + MAX_DEPTH + " nested divisions");
        }
        this.size = (int) total;
        this.depth = deepest;
    }

    /** A fixed size. */
    public static Dim of(long size) {
        return new Dim(size == 0 ? List.of() : List.of(new Term(size, List.of())));
    }

    /** A named size, bound when a session declares its capacity and when a call is made. */
    public static Dim named(String name) {
        boolean valid = !name.isEmpty() && !isDigit(name.charAt(0));
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            valid &= isDigit(c) || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_';
        }
        if (!valid) {
            throw new IllegalArgumentException("not a dimension name: " + name);
        }
        return new Dim(List.of(new Term(1, List.of(new Name(name)))));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /**
     * Reads the text form: integers, names, {@code + - * /} and parentheses; division only by a positive integer.
     *
     * @throws IllegalArgumentException when the text is not such an expression
     */
    public static Dim parse(String text) {
        return new DimParser(text).parse();
    }

    /** The dimensions of a shape; see {@link #parse}. */
    static List<Dim> parseAll(List<?> texts) {
        var dims = new ArrayList<Dim>();
        for (Object text : texts) {
            dims.add(parse(text.toString()));
        }
        return List.copyOf(dims);
    }

    public Dim plus(Dim other) {
        var all = new ArrayList<Term>(terms);
        all.addAll(other.terms);
        return canonical(all);
    }

    public Dim minus(Dim other) {
        return plus(other.times(of(-1)));
    }

    public Dim plus(long other) {
        return plus(of(other));
    }

    public Dim times(Dim other) {
        var all = new ArrayList<Term>();
        for (Term a : terms) {
            for (Term b : other.terms) {
                var atoms = new ArrayList<Atom>(a.atoms);
                atoms.addAll(b.atoms);
                Collections.sort(atoms);
                all.add(new Term(Math.multiplyExact(a.coefficient, b.coefficient), List.copyOf(atoms)));
            }
        }
        return canonical(all);
    }

    public Dim times(long factor) {
        return times(of(factor));
    }

    /**
     * Floor division by a positive number. Multiples of the divisor come out of the quotient, common factors and nested
     * quotients go: {@code (T+3)/2 = (T+1)/2+1}, {@code 2*T/4 = T/2}, {@code (T/2)/3 = T/6}.
     */
    public Dim dividedBy(long divisor) {
        if (divisor <= 0) {
            throw new IllegalArgumentException("division of a dimension by " + divisor);
        }
        var whole = new ArrayList<Term>();
        var rest = new ArrayList<Term>();
        long constant = 0;
        long common = divisor;
        for (Term t : terms) {
            long left = Math.floorMod(t.coefficient, divisor);
            whole.add(new Term(Math.floorDiv(t.coefficient, divisor), t.atoms));
            if (t.atoms.isEmpty()) {
                constant = left;
            } else if (left != 0) {
                rest.add(new Term(left, t.atoms));
                common = gcd(common, left);
            }
        }
        return canonical(whole).plus(rest.isEmpty() ? of(0) : quotient(rest, constant, common, divisor));
    }

    /** floor((rest + constant) / divisor), where common divides rest and divisor, and 0 &le; constant &lt; divisor. */
    private static Dim quotient(List<Term> rest, long constant, long common, long divisor) {
        var shares = new ArrayList<Term>();
        for (Term t : rest) {
            shares.add(new Term(t.coefficient / common, t.atoms));
        }
        Dim reduced = canonical(shares);
        long offset = constant / common;
        Term first = reduced.terms.getFirst();
        if (reduced.terms.size() == 1
                && first.coefficient == 1
                && first.atoms.size() == 1
                && first.atoms.getFirst() instanceof Quotient(Dim dividend, long inner)) {
            return dividend.plus(Math.multiplyExact(offset, inner))
                    .dividedBy(Math.multiplyExact(inner, divisor / common));
        }
        return new Dim(List.of(new Term(1, List.of(new Quotient(reduced.plus(offset), divisor / common)))));
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    private static Dim canonical(List<Term> terms) {
        Map<List<Atom>, Long> sums = new LinkedHashMap<>();
        for (Term t : terms) {
            sums.put(t.atoms, Math.addExact(sums.getOrDefault(t.atoms, 0L), t.coefficient));
        }
        var out = new ArrayList<Term>();
        for (Map.Entry<List<Atom>, Long> sum : sums.entrySet()) {
            if (sum.getValue() != 0) {
                out.add(new Term(sum.getValue(), sum.getKey()));
            }
        }
        Collections.sort(out);
        return new Dim(List.copyOf(out));
    }

    /** Whether this is a plain number. */
    public boolean isFixed() {
        return terms.isEmpty() || (terms.size() == 1 && terms.getFirst().atoms.isEmpty());
    }

    /** The number this is. */
    public long fixed() {
        if (!isFixed()) {
            throw new IllegalStateException("dimension " + this + " is not a fixed number");
        }
        return terms.isEmpty() ? 0 : terms.getFirst().coefficient;
    }

    /** Whether this is the given number. */
    public boolean is(long size) {
        return isFixed() && fixed() == size;
    }

    /** The value for the given sizes of names; allocates nothing. */
    public long evaluate(ToLongFunction<String> sizes) {
        long sum = 0;
        for (int i = 0; i < terms.size(); i++) {
            Term term = terms.get(i);
            long product = term.coefficient;
            for (int j = 0; j < term.atoms.size(); j++) {
                product = Math.multiplyExact(product, term.atoms.get(j).evaluate(sizes));
            }
            sum = Math.addExact(sum, product);
        }
        return sum;
    }

    /** An upper bound of the value when every name lies between 0 and its size; allocates nothing. */
    public long upperBound(ToLongFunction<String> sizes) {
        long sum = 0;
        for (int i = 0; i < terms.size(); i++) {
            Term term = terms.get(i);
            if (term.coefficient < 0 && !term.atoms.isEmpty()) {
                continue;
            }
            long product = term.coefficient;
            for (int j = 0; j < term.atoms.size(); j++) {
                product = Math.multiplyExact(product, term.atoms.get(j).upperBound(sizes));
            }
            sum = Math.addExact(sum, product);
        }
        return Math.max(0, sum);
    }

    /** Whether this expression mentions a name; allocates nothing. */
    public boolean mentions(String name) {
        for (int i = 0; i < terms.size(); i++) {
            List<Atom> atoms = terms.get(i).atoms;
            for (int j = 0; j < atoms.size(); j++) {
                if (atoms.get(j).mentions(name)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The names this expression mentions, in order of their first use. */
    public List<String> names() {
        var names = new LinkedHashSet<String>();
        collect(names);
        return List.copyOf(names);
    }

    private void collect(Set<String> names) {
        for (Term term : terms) {
            for (Atom atom : term.atoms) {
                atom.collect(names);
            }
        }
    }

    /** This expression with names replaced by other expressions; names not in the map stay. */
    public Dim substitute(Map<String, Dim> replacements) {
        Dim sum = of(0);
        for (Term term : terms) {
            Dim product = of(term.coefficient);
            for (Atom atom : term.atoms) {
                product = product.times(atom.substitute(replacements));
            }
            sum = sum.plus(product);
        }
        return sum;
    }

    private String factorText() {
        boolean single = terms.size() == 1
                && terms.getFirst().coefficient == 1
                && terms.getFirst().atoms.size() == 1
                && terms.getFirst().atoms.getFirst() instanceof Name;
        return single ? toString() : "(" + this + ")";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Dim dim && terms.equals(dim.terms);
    }

    @Override
    public int hashCode() {
        return terms.hashCode();
    }

    /** The text form, which {@link #parse} reads. */
    @Override
    public String toString() {
        if (terms.isEmpty()) {
            return "0";
        }
        var out = new StringBuilder();
        for (Term term : terms) {
            long coefficient = term.coefficient;
            if (!out.isEmpty() || coefficient < 0) {
                out.append(coefficient < 0 ? "-" : "+");
            }
            long size = Math.abs(coefficient);
            if (size != 1 || term.atoms.isEmpty()) {
                out.append(size).append(term.atoms.isEmpty() ? "" : "*");
            }
            // A quotient that is not the first factor needs its own parentheses: 2*(T/3) is not 2*T/3.
            for (int i = 0; i < term.atoms.size(); i++) {
                Atom atom = term.atoms.get(i);
                boolean guard = atom instanceof Quotient && (term.atoms.size() > 1 || size != 1);
                out.append(i > 0 ? "*" : "").append(guard ? "(" + atom.text() + ")" : atom.text());
            }
        }
        return out.toString();
    }

    /** Recursive descent over {@code sum := product (("+"|"-") product)*} and so on. */
    private static final class DimParser {
        private static final int MAX_DEPTH = 32;
        private final String text;
        private int at;
        private int depth;

        DimParser(String text) {
            this.text = text;
        }

        Dim parse() {
            try {
                Dim dim = sum();
                if (peek() != 0) {
                    throw wrong();
                }
                return dim;
            } catch (ArithmeticException overflow) {
                throw new IllegalArgumentException("dimension expression overflows: " + text, overflow);
            }
        }

        private Dim sum() {
            boolean negative = take('-');
            Dim left = product();
            left = negative ? left.times(-1) : left;
            while (true) {
                if (take('+')) {
                    left = left.plus(product());
                } else if (take('-')) {
                    left = left.minus(product());
                } else {
                    return left;
                }
            }
        }

        private Dim product() {
            Dim left = factor();
            while (true) {
                if (take('*')) {
                    left = left.times(factor());
                } else if (take('/')) {
                    Dim right = factor();
                    if (!right.isFixed() || right.fixed() <= 0) {
                        throw new IllegalArgumentException("dimension divided by " + right + " in " + text);
                    }
                    left = left.dividedBy(right.fixed());
                } else {
                    return left;
                }
            }
        }

        private Dim factor() {
            if (take('(')) {
                if (++depth > MAX_DEPTH) {
                    throw wrong();
                }
                Dim inner = sum();
                depth--;
                if (!take(')')) {
                    throw wrong();
                }
                return inner;
            }
            int start = at;
            char first = peek();
            while (Character.isLetterOrDigit(peekRaw()) && peekRaw() < 128 || peekRaw() == '_') {
                at++;
            }
            String word = text.substring(start, at).strip();
            if (word.isEmpty()) {
                throw wrong();
            }
            if (Character.isDigit(first)) {
                return number(word);
            }
            return named(word);
        }

        private Dim number(String word) {
            for (int i = 0; i < word.length(); i++) {
                if (!isDigit(word.charAt(i)) || i == 19) {
                    throw wrong();
                }
            }
            return of(Long.parseLong(word));
        }

        private char peekRaw() {
            return at < text.length() ? text.charAt(at) : 0;
        }

        private char peek() {
            while (peekRaw() == ' ') {
                at++;
            }
            return peekRaw();
        }

        private boolean take(char c) {
            if (peek() != c) {
                return false;
            }
            at++;
            return true;
        }

        private IllegalArgumentException wrong() {
            return new IllegalArgumentException("not a dimension expression at column " + (at + 1) + ": " + text);
        }
    }

    /** The text form of each. */
    static List<String> texts(List<Dim> dims) {
        var texts = new ArrayList<String>();
        for (Dim dim : dims) {
            texts.add(dim.toString());
        }
        return texts;
    }

    /** Fixed sizes. */
    public static List<Dim> ofAll(List<? extends Number> sizes) {
        var dims = new ArrayList<Dim>();
        for (Number size : sizes) {
            dims.add(of(size.longValue()));
        }
        return List.copyOf(dims);
    }

    /** The sum of several dimensions. */
    public static Dim sum(List<Dim> dims) {
        Dim total = of(0);
        for (Dim dim : dims) {
            total = total.plus(dim);
        }
        return total;
    }

    /** The product of several dimensions. */
    public static Dim product(List<Dim> dims) {
        Dim total = ONE;
        for (Dim dim : dims) {
            total = total.times(dim);
        }
        return total;
    }
}
