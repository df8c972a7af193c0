package dev.rondo.convert.pytorch;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a pickle holds. Lists and dictionaries are filled while it is read and may contain themselves. */
sealed interface PickleValue {
    PickleValue NONE = new Plain("None");

    /** For messages, with an article; does not look into it. */
    String kind();

    /** A value that no weight is made of, so that nothing of it is kept. */
    record Plain(String kind) implements PickleValue {}

    record Text(String value) implements PickleValue {
        @Override
        public String kind() {
            return "a text";
        }
    }

    record Truth(boolean value) implements PickleValue {
        @Override
        public String kind() {
            return value ? "True" : "False";
        }
    }

    /** A whole number. */
    record Whole(long value) implements PickleValue {
        @Override
        public String kind() {
            return "the number " + value;
        }
    }

    /** A whole number that needs more than 64 bits. */
    record Big(BigInteger value) implements PickleValue {
        @Override
        public String kind() {
            return "a large whole number";
        }
    }

    record Global(PickleGlobal global, String name) implements PickleValue {
        @Override
        public String kind() {
            return name;
        }
    }

    record Storage(TorchStorage storage) implements PickleValue {
        @Override
        public String kind() {
            return "a storage";
        }
    }

    record Tensor(TorchTensor tensor) implements PickleValue {
        @Override
        public String kind() {
            return "a tensor";
        }
    }

    /** Values in order. Only a list or set changes. */
    final class Sequence implements PickleValue {
        enum Kind {
            LIST("a list"),
            TUPLE("a tuple"),
            SET("a set");

            private final String text;

            Kind(String text) {
                this.text = text;
            }
        }

        private final Kind sort;
        private final ArrayList<PickleValue> items;

        Sequence(Kind sort, List<PickleValue> items) {
            this.sort = sort;
            this.items = new ArrayList<>(items);
        }

        boolean is(Kind wanted) {
            return sort == wanted;
        }

        void add(List<PickleValue> more) {
            items.addAll(more);
        }

        List<PickleValue> items() {
            return Collections.unmodifiableList(items);
        }

        @Override
        public String kind() {
            return sort.text + " of " + items.size();
        }
    }

    /** A dictionary. Values of keys that are no texts are not kept: no state dict has such keys. */
    final class Dict implements PickleValue {
        private Map<String, PickleValue> texts = Map.of();
        private int others;

        /** Returns false when the key is there. */
        boolean put(PickleValue key, PickleValue value) {
            if (key instanceof Text(String text)) {
                if (texts.isEmpty()) {
                    texts = new LinkedHashMap<>(4);
                }
                return texts.putIfAbsent(text, value) == null;
            }
            others++;
            return true;
        }

        /** By key, in order. */
        Map<String, PickleValue> texts() {
            return Collections.unmodifiableMap(texts);
        }

        boolean hasOtherKeys() {
            return others > 0;
        }

        @Override
        public String kind() {
            return "a dictionary of " + (texts.size() + others);
        }
    }
}
