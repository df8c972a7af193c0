package dev.rondo.architecture.memory;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.ParameterRole;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.error.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The sizes of a Neural Turing Machine (Graves et al. 2014) and the names of its parameters.
 *
 * @param inputSize      I
 * @param outputSize     O
 * @param controller     the network that steers the heads
 * @param controllerSize H, its units
 * @param rows           N places of the memory
 * @param columns        M numbers of each
 * @param readHeads      R
 * @param writeHeads     W
 * @param shift          how far a head can move in a step, in both directions
 */
public record TuringMachine(
        int inputSize,
        int outputSize,
        Controller controller,
        int controllerSize,
        int rows,
        int columns,
        int readHeads,
        int writeHeads,
        int shift) {
    /** The scores [R+W,N], of which the softmax is where the heads begin. */
    public static final String START = "start";

    private static final int MAX_SIZE = 1 << 12;
    private static final int MAX_HEADS = 16;

    /** The kinds of controllers. */
    public enum Controller {
        /** {@code h = tanh(W [x; r] + b)}. */
        FEED_FORWARD,
        /** An LSTM cell that reads {@code [x; r]}. */
        LSTM
    }

    /** @throws InputException when a size is out of range */
    public TuringMachine {
        require("input size", inputSize, MAX_SIZE);
        require("output size", outputSize, MAX_SIZE);
        require("controller size", controllerSize, MAX_SIZE);
        require("rows", rows, MAX_SIZE);
        require("columns", columns, MAX_SIZE);
        require("read heads", readHeads, MAX_HEADS);
        require("write heads", writeHeads, MAX_HEADS);
        if (shift < 0 || 2 * shift + 1 > rows) {
            throw new InputException(
                    "Turing machine, shift",
                    "is at least 0, and no way around all " + rows + " rows",
                    "" + shift,
                    "choose a smaller one");
        }
    }

    private static void require(String what, int got, int most) {
        if (got < 1 || got > most) {
            throw new InputException(
                    "Turing machine, " + what, "is from 1 to " + most, "" + got, "choose another number");
        }
    }

    /** R + W. */
    public int heads() {
        return readHeads + writeHeads;
    }

    /** Of an input and all that was read: I + R M. */
    int controllerInput() {
        return inputSize + readHeads * columns;
    }

    /** What a head is told in a step: key, strength, gate, shifts, sharpness; write heads erase and add. */
    int instructions() {
        return heads() * (columns + 3 + 2 * shift + 1) + 2 * writeHeads * columns;
    }

    /** Of an LSTM. */
    RecurrentParameters cell() {
        return RecurrentParameters.of("controller", new Cell.Lstm(), controllerInput(), controllerSize);
    }

    /** Every tensor once, in the order in which files hold them. */
    public List<Parameter> parameters() {
        Map<String, Parameter> all = new LinkedHashMap<>();
        switch (controller) {
            case FEED_FORWARD -> {
                Parameter.add(all, "controller.weight", ParameterRole.LINEAR, controllerSize, controllerInput());
                Parameter.add(all, "controller.bias", ParameterRole.BIAS, controllerSize);
            }
            case LSTM -> cell().addTo(all, new Cell.Lstm());
        }
        Parameter.add(all, "heads.weight", ParameterRole.LINEAR, instructions(), controllerSize);
        Parameter.add(all, "heads.bias", ParameterRole.BIAS, instructions());
        Parameter.add(all, START, ParameterRole.VECTOR, heads(), rows);
        Parameter.add(all, "output.weight", ParameterRole.OUTPUT, outputSize, controllerSize + readHeads * columns);
        Parameter.add(all, "output.bias", ParameterRole.OUTPUT_BIAS, outputSize);
        return List.copyOf(all.values());
    }
}
