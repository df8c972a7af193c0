package dev.rondo.train.select;

import dev.rondo.train.rule.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a search chooses from.
 *
 * @param dimensions of different names
 */
public record SearchSpace(List<Dimension> dimensions) {
    /** Columns of numbers that a model of the space has at most. */
    private static final int MAX_WIDTH = 1000;

    /** @throws dev.rondo.error.InputException when there are none, or two of one name */
    public SearchSpace {
        dimensions = List.copyOf(dimensions);
        Settings.require(
                !dimensions.isEmpty() && dimensions.size() <= 50,
                "search space",
                "has 1 to 50 dimensions",
                dimensions.size());
        List<String> names = dimensions.stream().map(Dimension::name).toList();
        Settings.require(
                names.stream().distinct().count() == names.size(), "search space", "has each name once", names);
        Settings.require(width(dimensions) <= MAX_WIDTH, "search space", "has 1000 values in its choices", names);
    }

    /**
     * Reads declarations, one a dimension.
     *
     * @throws dev.rondo.error.InputException when one is none
     */
    public static SearchSpace parse(List<String> declarations) {
        return new SearchSpace(declarations.stream().map(Dimension::parse).toList());
    }

    public List<String> names() {
        return dimensions.stream().map(Dimension::name).toList();
    }

    /** Values by name. */
    public Map<String, String> named(List<String> values) {
        var named = new LinkedHashMap<String, String>();
        for (int i = 0; i < dimensions.size(); i++) {
            named.put(dimensions.get(i).name(), values.get(i));
        }
        return named;
    }

    /** The values at a point of the unit cube. */
    List<String> at(double[] point) {
        var values = new ArrayList<String>();
        for (int i = 0; i < point.length; i++) {
            values.add(dimensions.get(i).at(point[i]));
        }
        return values;
    }

    /** A point that has these values. */
    double[] point(List<String> values) {
        double[] point = new double[dimensions.size()];
        for (int i = 0; i < point.length; i++) {
            point[i] = dimensions.get(i).position(values.get(i));
        }
        return point;
    }

    private static int width(List<Dimension> dimensions) {
        return dimensions.stream().mapToInt(SearchSpace::width).sum();
    }

    private static int width(Dimension dimension) {
        return switch (dimension) {
            case Dimension.Range _ -> 1;
            case Dimension.Choice choice -> choice.values().size();
        };
    }

    /** Of each column of {@link #encoded}, the dimension. */
    int[] columns() {
        int[] columns = new int[width(dimensions)];
        int at = 0;
        for (int i = 0; i < dimensions.size(); i++) {
            for (int j = width(dimensions.get(i)); j > 0; j--) {
                columns[at++] = i;
            }
        }
        return columns;
    }

    /** Values as numbers, between which distance means something: a position, or one of a choice's columns not 0. */
    double[] encoded(List<String> values) {
        double[] encoded = new double[width(dimensions)];
        int at = 0;
        for (int i = 0; i < dimensions.size(); i++) {
            switch (dimensions.get(i)) {
                case Dimension.Range range -> encoded[at] = range.position(values.get(i));
                // Two choices are as far apart as the ends of a range.
                case Dimension.Choice choice ->
                    encoded[at + Math.max(0, choice.values().indexOf(values.get(i)))] = Math.sqrt(0.5);
            }
            at += width(dimensions.get(i));
        }
        return encoded;
    }
}
