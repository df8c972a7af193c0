package dev.rondo.train.embedding;

/**
 * A line of text: a word, and where its numbers begin.
 *
 * @param numbersFrom index of the first number's first character
 */
record TextLine(String word, String line, int numbersFrom) {
    /** What a number may consist of: words as NaN or Infinity, and hexadecimal, are none. */
    private static final String NUMBER = "0123456789+-.eE";

    /**
     * Cuts off the numbers at the end.
     *
     * @param spaces whether the word may have spaces in it, followed by what is no number
     */
    static TextLine of(VectorBytes bytes, String line, int size, boolean spaces) {
        int end = line.length();
        while (end > 0 && (line.charAt(end - 1) == ' ' || line.charAt(end - 1) == '\t')) {
            end--;
        }
        int at = end;
        for (int k = 0; k < size; k++) {
            int space = at <= 0 ? -1 : line.lastIndexOf(' ', at - 1);
            if (space <= 0) {
                throw bytes.wrong("has a word and " + size + " numbers", k + " numbers");
            }
            at = space;
        }
        String word = line.substring(0, at);
        int inside = word.indexOf(' ');
        if (inside >= 0 && (!spaces || isNumber(word.substring(word.lastIndexOf(' ') + 1)))) {
            throw bytes.wrong(
                    "has a word and " + size + " numbers", WordVectors.quoted(word) + " before " + size + " numbers");
        }
        return new TextLine(word, line.substring(0, end), at + 1);
    }

    private static boolean isNumber(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (NUMBER.indexOf(text.charAt(i)) < 0) {
                return false;
            }
        }
        try {
            return Float.isFinite(Float.parseFloat(text));
        } catch (NumberFormatException none) {
            return false;
        }
    }

    /** The numbers. */
    float[] numbers(VectorBytes bytes, int size) {
        float[] numbers = new float[size];
        int from = numbersFrom;
        for (int k = 0; k < size; k++) {
            int space = line.indexOf(' ', from);
            String text = line.substring(from, space < 0 ? line.length() : space);
            if (!isNumber(text)) {
                throw bytes.wrong("has finite numbers", WordVectors.quoted(text));
            }
            numbers[k] = Float.parseFloat(text);
            from = space + 1;
        }
        return numbers;
    }
}
