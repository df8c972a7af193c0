package dev.rondo.cli;

import dev.rondo.error.InputException;
import dev.rondo.train.tagging.TaggedCorpus;
import dev.rondo.train.tagging.TaggedFormat;
import dev.rondo.train.tagging.TaggedSentence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** How files hold tagged sentences. */
final class TaggedTextOptions {
    /** Names of the options. */
    static final List<String> NAMES = List.of("--format", "--token-column", "--tag-column");

    private enum Kind {
        CONLLU,
        COLUMNS
    }

    @Option(
            names = "--format",
            paramLabel = "F",
            description =
                    "conllu, of Universal Dependencies; or columns, token TAB tag on each line, an empty line after"
                            + " a sentence (default: conllu if the file's name ends so, else columns).")
    private String format;

    @Option(
            names = "--token-column",
            paramLabel = "N",
            description = "Where tokens stand, counted from 1 (default: 2 of conllu, else 1).")
    private Integer tokenColumn;

    @Option(
            names = "--tag-column",
            paramLabel = "N",
            description = "Where tags stand (default: 4 of conllu, universal parts of speech; else 2).")
    private Integer tagColumn;

    /** Options that say it again, to resume; each with a space before it. */
    String commandLine() {
        var words = new ArrayList<String>();
        PartOptions.add(words, "--format", format);
        PartOptions.add(words, "--token-column", tokenColumn);
        PartOptions.add(words, "--tag-column", tagColumn);
        return words.isEmpty() ? "" : " " + String.join(" ", words);
    }

    /** The sentences of some files, one file after the other. */
    TaggedCorpus read(List<Path> files) throws IOException {
        var all = new ArrayList<TaggedSentence>();
        for (Path file : files) {
            all.addAll(TaggedCorpus.read(file.toString(), TextFile.read(file), of(file))
                    .sentences());
        }
        return new TaggedCorpus(all);
    }

    private TaggedFormat of(Path file) {
        Kind kind = file.toString().endsWith(".conllu") ? Kind.CONLLU : Kind.COLUMNS;
        if (format != null) {
            kind = Choice.of("--format", format, Map.of("conllu", Kind.CONLLU, "columns", Kind.COLUMNS));
        }
        try {
            TaggedFormat chosen = switch (kind) {
                case CONLLU ->
                    new TaggedFormat.Conllu(
                            or(tokenColumn, TaggedFormat.Conllu.UPOS.form()),
                            or(tagColumn, TaggedFormat.Conllu.UPOS.tag()));
                case COLUMNS ->
                    new TaggedFormat.Columns(
                            or(tokenColumn, TaggedFormat.Columns.TWO.token()),
                            or(tagColumn, TaggedFormat.Columns.TWO.tag()));
            };
            boolean two = switch (chosen) {
                case TaggedFormat.Conllu(int form, int tag) -> form != tag;
                case TaggedFormat.Columns(int token, int tag) -> token != tag;
            };
            if (!two) {
                throw new InputException(
                        "--token-column and --tag-column", "are two columns", "one for both", "name another one");
            }
            return chosen;
        } catch (InputException wrong) {
            if (wrong.subject().startsWith("--")) {
                throw wrong;
            }
            throw new InputException(
                    "--token-column and --tag-column", "are columns of the format", wrong.got(), "count from 1", wrong);
        }
    }

    private static int or(Integer given, int usual) {
        return given == null ? usual : given;
    }
}
