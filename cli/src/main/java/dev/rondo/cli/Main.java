package dev.rondo.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code rondo} command: parses the command line, runs one subcommand, turns its outcome into an exit code. */
@Command(
        name = "rondo",
        description = "Runs, trains and converts recurrent sequence models.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = HelpCommand.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            " 0:done",
            " 1:the answer is no, for example an accuracy over its bound",
            " 2:bad usage or bad input",
            " 3:internal failure"
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

    private Main() {}

    /**
     * Runs the command and ends the JVM with its exit code.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        System.exit(run(args, new PrintWriter(System.out, true), new PrintWriter(System.err, true)));
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
        return new CommandLine(new Main())
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler((failure, command, _) -> explain(failure, command))
                .execute(args);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }

    private static int explain(Exception failure, CommandLine command) {
        command.getErr().println("rondo: internal failure, please report it:");
        failure.printStackTrace(command.getErr());
        return FAILURE;
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
