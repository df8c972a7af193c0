package dev.rondo.train.network;

import dev.rondo.train.TrainingResult;
import java.util.Optional;

/**
 * What came of training a network.
 *
 * @param training   how the run ended
 * @param validation of the parameters that it leaves; empty when it was stopped
 * @param test       likewise; empty too where there are no test samples
 * @param coverage   how many words began with a vector that was given
 */
public record NetworkResult(
        TrainingResult training,
        Optional<NetworkScores> validation,
        Optional<NetworkScores> test,
        Optional<String> coverage) {}
