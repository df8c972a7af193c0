package dev.rondo.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains models; what kind is a command of its own. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Trains a model on data of yours.",
        subcommands = {
            HelpCommand.class,
            TrainLanguageModelCommand.class,
            TrainEncoderDecoderCommand.class,
            TrainSyntheticCommand.class,
            TrainTuringMachineCommand.class,
            TrainStoriesCommand.class,
            TrainClassifierCommand.class,
            TrainHiddenMarkovCommand.class,
            TrainTaggerCommand.class,
            TrainRegressionCommand.class
        })
final class TrainCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing kind of model: see rondo train --help");
    }
}
