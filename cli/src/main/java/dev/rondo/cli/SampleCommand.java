package dev.rondo.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Writes data of our own making; what kind is a command of its own. */
@Command(
        name = "sample",
        mixinStandardHelpOptions = true,
        description = "Writes generated data, the same for the same seed.",
        subcommands = {HelpCommand.class, SampleStoriesCommand.class, SampleDigitsCommand.class})
final class SampleCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing kind of data; see 'rondo sample help'");
    }
}
