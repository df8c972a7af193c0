package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.util.List;

/** The value of a node's attribute. What it means is the operator's business. */
public sealed interface Attribute {

    /** A whole number. */
    record Int(long value) implements Attribute {}

    /** A number, kept bit for bit. */
    record Real(double value) implements Attribute {}

    /** A text. */
    record Text(String value) implements Attribute {
        /** @throws FormatException when the text is not valid Unicode */
        public Text {
            Names.text("attribute", value);
        }
    }

    /** A truth value. */
    record Flag(boolean value) implements Attribute {}

    /** Whole numbers. */
    record Ints(List<Long> values) implements Attribute {
        public Ints {
            values = List.copyOf(values);
        }
    }

    /** Numbers. */
    record Reals(List<Double> values) implements Attribute {
        public Reals {
            values = List.copyOf(values);
        }
    }

    /** Texts. */
    record Texts(List<String> values) implements Attribute {
        /** @throws FormatException when one of them is not valid Unicode */
        public Texts {
            values = List.copyOf(values);
            for (String value : values) {
                Names.text("attribute", value);
            }
        }
    }

    /** The name of an earlier function of the same file, so that no function can call itself. */
    record Reference(String function) implements Attribute {
        /** @throws FormatException when it is not a name */
        public Reference {
            Names.name("function reference", function);
        }
    }
}
