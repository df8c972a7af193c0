package dev.rondo.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code rondo} command: parses the command line, runs one subcommand, turns its outcome into an exit code. */
@Command(
        name = "rondo",
        description = "Runs, trains and converts recurrent sequence models.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {
            HelpCommand.class,
            TrainCommand.class,
            SearchCommand.class,
            SampleCommand.class,
            ConvertCommand.class,
            GenerateCommand.class,
            TranslateCommand.class,
            TagCommand.class,
            ClassifyCommand.class,
            AnswerCommand.class,
            CopyCommand.class,
            PredictCommand.class,
            EvalCommand.class,
            InspectCommand.class,
            RunCommand.class,
            VerifyCommand.class,
            BenchCommand.class,
            DoctorCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            " 0:done",
            " 1:the answer is no, for example an error over its tolerance",
            " 2:bad usage or bad input",
            " 3:internal failure",
            " 130:Ctrl-C stopped a training, which can go on"
        })
public final class Main implements Runnable {
    /** Done. */
    public static final int DONE = 0;
    /** The question was answered, and the answer is no. */
    public static final int NO = 1;
    /** Bad usage or bad input. */
    public static final int BAD_INPUT = 2;
    /** A fault of Rondo itself. */
    public static final int FAILURE = 3;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "With an error, print where it came from (a stack trace).")
    private boolean debug;

    private final InputStream in;
    private final boolean terminal;

    private Main(InputStream in, boolean terminal) {
        this.in = in;
        this.terminal = terminal;
    }

    /** Where texts come from. */
    InputStream in() {
        return in;
    }

    /** Whether somebody watches: then progress is shown as a bar. */
    boolean isTerminal() {
        return terminal;
    }

    /**
     * Runs the command and ends the JVM with its exit code.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        // Models hold Unicode; what the terminal is thought to understand must not decide what a file receives.
        var out = new PrintWriter(new OutputStreamWriter(StandardOutput.open(), StandardCharsets.UTF_8));
        var err = new PrintWriter(
                new OutputStreamWriter(new FileOutputStream(FileDescriptor.err), StandardCharsets.UTF_8), true);
        boolean terminal = System.console() != null && System.console().isTerminal();
        System.exit(run(args, System.in, out, err, terminal));
    }

    /**
     * Runs the command without ending the JVM.
     *
     * @param args the command line
     * @param out where results go
     * @param err where complaints go
     * @return the exit code
     */
    static int run(String[] args, PrintWriter out, PrintWriter err) {
        return run(args, InputStream.nullInputStream(), out, err);
    }

    /** The same, with a text to read. */
    static int run(String[] args, InputStream in, PrintWriter out, PrintWriter err) {
        return run(args, in, out, err, false);
    }

    /** The same, perhaps with somebody who watches. */
    static int run(String[] args, InputStream in, PrintWriter out, PrintWriter err, boolean terminal) {
        var main = new Main(in, terminal);
        try {
            int code = new CommandLine(main)
                    // A prompt may begin with @; it names no file of arguments.
                    .setExpandAtFiles(false)
                    .registerConverter(Path.class, Main::path)
                    .registerConverter(BigDecimal.class, Main::decimal)
                    .setOut(out)
                    .setErr(err)
                    .setExecutionStrategy(parsed -> {
                        try {
                            return new CommandLine.RunLast().execute(parsed);
                        } catch (StandardOutput.Failure failed) {
                            // While help is printed, which is no command that the handler below would hear of.
                            return ErrorLine.print(failed, main.debug, err);
                        }
                    })
                    .setParameterExceptionHandler((wrong, _) -> usage(wrong))
                    .setExecutionExceptionHandler((failure, _, _) -> ErrorLine.print(failure, main.debug, err))
                    .execute(args);
            out.flush();
            return code;
        } catch (RuntimeException | Error failure) {
            return ErrorLine.print(failure, main.debug, err);
        } finally {
            err.flush();
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException wrong) {
            throw new TypeConversionException("'" + text + "' is no path in the encoding of this terminal, "
                    + System.getProperty("sun.jnu.encoding") + "; got " + wrong.getReason()
                    + "; set the environment variable LC_ALL=C.UTF-8");
        }
    }

    private static BigDecimal decimal(String text) {
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException wrong) {
            throw new TypeConversionException("'" + text + "' is not a decimal number");
        }
    }

    private static int usage(ParameterException wrong) {
        String command = wrong.getCommandLine().getCommandSpec().qualifiedName();
        ErrorLine.write(wrong.getCommandLine().getErr(), complaint(wrong, command) + "; see '" + command + " --help'");
        return BAD_INPUT;
    }

    private static String complaint(ParameterException wrong, String command) {
        return wrong instanceof UnmatchedArgumentException surplus && !surplus.isUnknownOption()
                ? command.replaceFirst("^rondo ", "") + ": takes no other arguments; got '"
                        + String.join("', '", surplus.getUnmatched()) + "'"
                : wrong.getMessage();
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            // A named module carries its version in its descriptor, a jar on the class path in its manifest.
            Module module = Main.class.getModule();
            String version = module.isNamed()
                    ? module.getDescriptor().rawVersion().orElse(null)
                    : Main.class.getPackage().getImplementationVersion();
            return new String[] {"rondo " + (version == null ? "(not packaged)" : version)};
        }
    }
}
