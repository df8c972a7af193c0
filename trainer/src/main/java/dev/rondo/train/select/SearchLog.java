package dev.rondo.train.select;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * The trials of a search in a file, so that it can be interrupted at any time: lines of text, columns apart by tabs, the
 * first lines, which begin with {@code #}, saying of what search. A trial is added at the end and is on the disk when
 * {@link #append} returns; the rest of a line that never got there is dropped when the file is opened. One search at a time.
 */
public final class SearchLog implements AutoCloseable {
    /** Trials that a log holds at most. */
    static final int MAX_TRIALS = 10_000;

    private static final long MAX_BYTES = 64 << 20;
    private static final String FIRST = "# rondo search 1";

    private final Path path;
    private final FileChannel channel;
    private final SearchSpace space;
    private final int dimensions;
    private final List<Trial> trials = new ArrayList<>();
    private Optional<String> dropped = Optional.empty();

    /**
     * Opens a log, or begins one.
     *
     * @param identity what the search is, by name: it must be the same when a search goes on
     * @throws InputException  when the log is of another search, or another process has it open
     * @throws FormatException when the file is no log, or damaged other than at its end
     * @throws IOException     when it cannot be read or written
     */
    public static SearchLog open(Path path, Map<String, String> identity, SearchSpace space) throws IOException {
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            lock(path, channel);
            var log = new SearchLog(path, channel, space);
            log.read(header(identity, space));
            return log;
        } catch (Throwable failed) {
            channel.close();
            throw failed;
        }
    }

    private SearchLog(Path path, FileChannel channel, SearchSpace space) {
        this.path = path;
        this.channel = channel;
        this.space = space;
        this.dimensions = space.dimensions().size();
    }

    /** Held until the channel is closed. */
    private static void lock(Path path, FileChannel channel) throws IOException {
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException ignored) {
            // By this process.
        }
        if (lock == null) {
            throw new InputException(
                    "search log", "is open once", path + ", which another search has open", "wait for it");
        }
    }

    private static String header(Map<String, String> identity, SearchSpace space) {
        var header = new StringBuilder(FIRST).append('\n');
        identity.forEach((key, value) ->
                header.append("# ").append(clean(key + " " + value)).append('\n'));
        var columns = new StringJoiner("\t", "trial\t", "\tscore\tseconds\tnote\n");
        space.names().forEach(columns::add);
        return header.append(columns).toString();
    }

    /** Without what would end a line or a column. */
    private static String clean(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }

    private void read(String header) throws IOException {
        long size = channel.size();
        if (size > MAX_BYTES) {
            throw new FormatException(path.toString(), "has 64 MiB at most", size + " bytes", "name another log");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) size);
        int more = 0;
        while (bytes.hasRemaining() && more >= 0) {
            more = channel.read(bytes, bytes.position());
        }
        String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        if (hasNoTrials(text)) {
            channel.truncate(0);
            write(header);
            return;
        }
        if (!text.startsWith(header)) {
            throw refused(text, header);
        }
        int at = header.length();
        while (at < text.length()) {
            int end = text.indexOf('\n', at);
            String line = text.substring(at, end < 0 ? text.length() : end);
            Optional<Trial> trial = end < 0 ? Optional.empty() : trial(line);
            boolean last = end < 0 || end + 1 == text.length();
            if (trial.isEmpty() && !last || trials.size() == MAX_TRIALS) {
                throw new FormatException(
                        path + ", trial " + (trials.size() + 1),
                        "is a number, " + dimensions + " values, a score, seconds and a note; 10000 of them at most",
                        "'" + shortened(line) + "'",
                        "delete the line and those after it, or name another log");
            }
            if (trial.isEmpty()) {
                dropped = Optional.of(line);
                channel.truncate(lastLine(bytes));
                channel.force(true);
                break;
            }
            trials.add(trial.get());
            at = end + 1;
        }
    }

    /** New, or ended before its first trial: nothing is lost. */
    private static boolean hasNoTrials(String text) {
        return FIRST.startsWith(text)
                || text.startsWith(FIRST + "\n")
                        && text.lines().filter(line -> !line.startsWith("#")).count() <= 1;
    }

    /** Where the last line begins, one that ends or not. */
    private static int lastLine(ByteBuffer bytes) {
        int at = bytes.position() - 1;
        while (at > 0 && bytes.get(at - 1) != '\n') {
            at--;
        }
        return at;
    }

    private static String shortened(String line) {
        return line.length() > 80 ? line.substring(0, 80) + "…" : line;
    }

    private RuntimeException refused(String text, String header) {
        if (!text.startsWith(FIRST)) {
            return new FormatException(
                    path.toString(), "is a log that a search wrote", "another file", "name another log");
        }
        String[] theirs = text.split("\n", -1);
        String[] ours = header.split("\n");
        for (int i = 0; i < ours.length; i++) {
            String got = i < theirs.length ? theirs[i] : "nothing";
            if (!got.equals(ours[i])) {
                return new InputException(
                        "search log " + path,
                        "is of this search, " + shortened(ours[i].replaceFirst("^# ", "")),
                        shortened(got.replaceFirst("^# ", "")),
                        "say what its search said, or name another log");
            }
        }
        throw new AssertionError("the first lines are alike");
    }

    /** Empty when it is none. */
    private Optional<Trial> trial(String line) {
        String[] parts = line.split("\t", -1);
        if (parts.length != dimensions + 4 || !parts[0].equals(Integer.toString(trials.size() + 1))) {
            return Optional.empty();
        }
        try {
            List<String> values = List.of(parts).subList(1, dimensions + 1);
            space.point(values);
            double score = Double.parseDouble(parts[dimensions + 1]);
            double seconds = Double.parseDouble(parts[dimensions + 2]);
            return Optional.of(
                    new Trial(trials.size() + 1, values, new Trial.Outcome(score, seconds, parts[dimensions + 3])));
        } catch (NumberFormatException | InputException damaged) {
            return Optional.empty();
        }
    }

    /** Those that it holds. */
    public List<Trial> trials() {
        return List.copyOf(trials);
    }

    /** The rest of a line that was not written to its end, dropped when the log was opened. */
    public Optional<String> dropped() {
        return dropped;
    }

    /**
     * Adds a trial. It is on the disk when this returns.
     *
     * @throws IOException when it cannot be written
     */
    public void append(Trial trial) throws IOException {
        var line = new StringJoiner("\t", "", "\n");
        line.add(Integer.toString(trial.number()));
        trial.values().forEach(line::add);
        line.add(Double.toString(trial.outcome().score()));
        line.add(Double.toString(trial.outcome().seconds()));
        line.add(clean(trial.outcome().note()));
        write(line.toString());
        trials.add(trial);
    }

    private void write(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        long at = channel.size();
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
