package dev.rondo.format;

/** The sections of version 1, in the order in which they are written. Each occurs exactly once, n-grams at most once. */
enum Section {
    METADATA(1),
    TEXTS(2),
    FUNCTIONS(3),
    TENSORS(4),
    REFERENCES(5),
    NGRAMS(7),
    DATA(6);

    private final int id;

    Section(int id) {
        this.id = id;
    }

    /** The number that stands for this in the section table. */
    int id() {
        return id;
    }

    /** Whether a file without it is whole. */
    boolean mayBeAbsent() {
        return this == NGRAMS;
    }

    /** The name in messages. */
    String subject() {
        return "section " + name().toLowerCase(java.util.Locale.ROOT);
    }

    /** The section of that id, or null when this version knows none. */
    static Section of(int id) {
        for (Section section : values()) {
            if (section.id == id) {
                return section;
            }
        }
        return null;
    }
}
