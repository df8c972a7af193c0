package dev.rondo.train.kernel;

import dev.rondo.kernel.View;

/** The gradient of additive scores as plain loops, over the columns that vectors leave. */
final class PlainAttention {
    private PlainAttention() {}

    static void queryBackward(View query, View keys, View vector, View dy, View out, int from) {
        for (int q = 0; q < query.rows; q++) {
            for (int d = from; d < query.cols; d++) {
                double sum = 0;
                for (int s = 0; s < keys.rows; s++) {
                    if (dy.get(q, s) != 0) {
                        double bent = Math.tanh((double) query.get(q, d) + keys.get(s, d));
                        sum += dy.get(q, s) * (1 - bent * bent);
                    }
                }
                out.put(q, d, (float) (vector.get(0, d) * sum));
            }
        }
    }

    static void keysBackward(View query, View keys, View vector, View dy, View dkeys, View dvector, int from) {
        for (int d = from; d < query.cols; d++) {
            double all = dvector.get(0, d);
            for (int s = 0; s < keys.rows; s++) {
                double sum = 0;
                for (int q = 0; q < query.rows; q++) {
                    if (dy.get(q, s) != 0) {
                        double bent = Math.tanh((double) query.get(q, d) + keys.get(s, d));
                        sum += dy.get(q, s) * (1 - bent * bent);
                        all += dy.get(q, s) * bent;
                    }
                }
                dkeys.put(s, d, (float) (vector.get(0, d) * sum));
            }
            dvector.put(0, d, (float) all);
        }
    }
}
