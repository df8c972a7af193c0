package dev.rondo.convert.statedict;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.statedict.StateDictOptions.Inference;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.graph.Activation;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The configuration of a plain stack of PyTorch's nn.Embedding, nn.RNN, nn.LSTM, nn.GRU, nn.Linear and nn.Conv1d, as
 * the names and shapes of its tensors tell it. The order of the modules is the one in which the size of each output is
 * that of the next input; when there is more than one such order, or none, it is an error that names them.
 */
public final class StackInference {
    private static final Pattern RECURRENT =
            Pattern.compile("(.*?)(weight|bias)_(ih|hh|hr)_l([0-9]{1,4})(_reverse)?", Pattern.DOTALL);
    private static final int MAX_MODULES = 64;
    private static final int MAX_VISITS = 100_000;
    private static final int SHOWN = 10;

    /** A module: its place in the model, from input to output size. Tokens have size 0. */
    private record Module(String prefix, long inputs, long outputs, ObjectNode config) {}

    private final String file;
    private final Map<String, SourceTensor> tensors;
    private final Inference inference;
    private final ObjectMapper mapper =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build(); // names go to terminals
    private final List<List<Module>> chains = new ArrayList<>();
    private int visits;

    private StackInference(String file, Map<String, SourceTensor> tensors, Inference inference) {
        this.file = file;
        this.tensors = tensors;
        this.inference = inference;
    }

    /**
     * The configuration as JSON, ready to be edited.
     *
     * @throws FormatException when names and shapes do not tell it
     * @throws InputException  when it needs an activation, or one was given that it does not need
     */
    public static String config(String file, Map<String, SourceTensor> tensors, Inference inference) {
        return new StackInference(file, tensors, inference).infer();
    }

    private String infer() {
        List<Module> modules = modules();
        if (inference.activation().isPresent()
                && modules.stream().noneMatch(m -> m.config().has("activation"))) {
            throw new InputException(
                    "--activation", "is of plain recurrent layers (nn.RNN)", "none in the file", "leave it out");
        }
        chain(new ArrayList<>(), new ArrayList<>(modules));
        if (chains.size() != 1 || visits > MAX_VISITS) {
            var found = new ArrayList<String>();
            chains.stream().limit(SHOWN).forEach(c -> found.add(text(c)));
            throw undecided(
                    "the modules must have one order in which each takes what the one before gives",
                    chains.isEmpty()
                            ? "none among " + text(modules).replace(" > ", ", ")
                            : (visits > MAX_VISITS || chains.size() > SHOWN ? "more than " : "") + found.size() + ": "
                                    + String.join("; ", found));
        }
        ObjectNode config = mapper.createObjectNode();
        config.put("architecture", "layers");
        ArrayNode layers = config.putArray("layers");
        chains.getFirst().forEach(m -> layers.add(m.config()));
        try {
            return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(config);
        } catch (JsonProcessingException impossible) {
            throw new AssertionError(impossible); // texts and flags only
        }
    }

    private static String text(List<Module> modules) {
        return String.join(
                " > ",
                modules.stream()
                        .map(m -> StrictJson.quote(m.prefix()) + " ("
                                + m.config().get("type").textValue() + ", " + (m.inputs() == 0 ? "tokens" : m.inputs())
                                + " to " + m.outputs() + ")")
                        .toList());
    }

    private List<Module> modules() {
        Set<String> left = new LinkedHashSet<>(tensors.keySet());
        var prefixes = new LinkedHashSet<String>();
        for (String name : tensors.keySet()) {
            Matcher recurrent = RECURRENT.matcher(name);
            if (recurrent.matches()) {
                prefixes.add(recurrent.group(1));
                left.remove(name);
            }
        }
        var modules = new ArrayList<Module>();
        prefixes.forEach(prefix -> modules.add(recurrent(prefix)));
        for (String name : tensors.keySet()) {
            if (left.contains(name) && (name.equals("weight") || name.endsWith(".weight"))) {
                modules.add(plain(name, left));
            }
        }
        if (!left.isEmpty() || modules.isEmpty() || modules.size() > MAX_MODULES) {
            throw undecided(
                    "every tensor must belong to an nn.Embedding, nn.RNN, nn.LSTM, nn.GRU, nn.Linear or nn.Conv1d, at"
                            + " most "
                            + MAX_MODULES + " of them",
                    left.isEmpty()
                            ? modules.size() + " modules"
                            : "unknown: "
                                    + String.join(
                                            ", ",
                                            left.stream()
                                                    .limit(SHOWN)
                                                    .map(StrictJson::quote)
                                                    .toList())
                                    + (left.size() > SHOWN ? " and " + (left.size() - SHOWN) + " more" : ""));
        }
        return modules;
    }

    private Module recurrent(String prefix) {
        List<Long> input = matrix(prefix + "weight_ih_l0");
        List<Long> hidden = matrix(prefix + "weight_hh_l0");
        boolean projected = tensors.containsKey(prefix + "weight_hr_l0");
        long units = projected ? matrix(prefix + "weight_hr_l0").get(1) : hidden.get(1);
        long gates = units > 0 && hidden.getFirst() % units == 0 ? hidden.getFirst() / units : 0;
        ObjectNode config = mapper.createObjectNode();
        config.put("type", "recurrent");
        if (gates == 4) {
            config.put("cell", "lstm");
        } else if (gates == 3 && !projected) {
            config.put("cell", "gru").put("reset_after", true);
        } else if (gates == 1 && !projected) {
            config.put("cell", "elman").put("activation", activation(prefix));
        } else {
            throw undecided(
                    "weight_hh has 4 blocks of rows in an LSTM, 3 in a GRU, 1 in an RNN",
                    "shape " + hidden + " of " + StrictJson.quote(prefix + "weight_hh_l0"));
        }
        boolean both = tensors.containsKey(prefix + "weight_ih_l0_reverse");
        config.put("bidirectional", both);
        config.put("prefix", module(prefix));
        return new Module(module(prefix), input.get(1), hidden.get(1) * (both ? 2 : 1), config);
    }

    /** The activation of an nn.RNN is not in the file, and is not guessed. */
    private String activation(String prefix) {
        String name = inference
                .activation()
                .orElseThrow(() -> new InputException(
                        "--activation",
                        "must say the nonlinearity of the nn.RNN " + StrictJson.quote(module(prefix))
                                + ", which is not in the file",
                        "none",
                        "pass --activation tanh (PyTorch's default) or --activation relu, or a configuration"));
        if (Activation.parse(name).isEmpty()) {
            throw new InputException(
                    "--activation", "must be an activation such as tanh or relu", StrictJson.quote(name), "");
        }
        return name;
    }

    /** An embedding, a linear layer or a convolution. */
    private Module plain(String weight, Set<String> left) {
        String dot = weight.substring(0, weight.length() - "weight".length());
        List<Long> shape = tensors.get(weight).shape();
        boolean biased = left.contains(dot + "bias");
        ObjectNode config = mapper.createObjectNode();
        String name = module(dot);
        boolean embedding = shape.size() == 2
                && !biased
                && name.substring(name.lastIndexOf('.') + 1)
                        .toLowerCase(Locale.ROOT)
                        .contains("emb");
        if (shape.size() != 2 && shape.size() != 3) {
            return new Module(name, 0, 0, config.put("type", "unknown"));
        }
        left.remove(weight);
        left.remove(dot + "bias");
        if (embedding) {
            return new Module(
                    name, 0, shape.get(1), config.put("type", "embedding").put("prefix", name));
        }
        if (shape.size() == 2) {
            return new Module(
                    name,
                    shape.get(1),
                    shape.getFirst(),
                    config.put("type", "linear").put("prefix", name));
        }
        config.put("type", "conv1d")
                .put("padding", "valid")
                .put("stride", 1)
                .put("dilation", 1)
                .put("groups", 1);
        return new Module(name, shape.get(1), shape.getFirst(), config.put("prefix", name));
    }

    /** Adds every order of {@code rest} that goes on from {@code done}, until there are more than are shown. */
    private void chain(List<Module> done, List<Module> rest) {
        if (rest.isEmpty()) {
            chains.add(List.copyOf(done));
            return;
        }
        for (int i = 0; i < rest.size() && chains.size() <= SHOWN && visits <= MAX_VISITS; i++) {
            Module next = rest.get(i);
            if (done.isEmpty()
                    ? isFirst(next, rest)
                    : next.inputs() == done.getLast().outputs()) {
                visits++;
                rest.remove(i);
                done.add(next);
                chain(done, rest);
                done.removeLast();
                rest.add(i, next);
            }
        }
    }

    /** An embedding is first where there is one: it alone reads tokens. */
    private static boolean isFirst(Module module, List<Module> all) {
        return module.inputs() == 0 || all.stream().noneMatch(m -> m.inputs() == 0);
    }

    private List<Long> matrix(String name) {
        SourceTensor tensor = Optional.ofNullable(tensors.get(name))
                .orElseThrow(() -> undecided("a recurrent layer has " + StrictJson.quote(name), "none"));
        if (tensor.shape().size() != 2) {
            throw undecided(StrictJson.quote(name) + " is a matrix", "shape " + tensor.shape());
        }
        return tensor.shape();
    }

    private static String module(String dot) {
        return dot.endsWith(".") ? dot.substring(0, dot.length() - 1) : dot;
    }

    private FormatException undecided(String rule, String got) {
        return new FormatException(
                file,
                -1,
                "architecture",
                "is inferred only where names and shapes decide it: " + rule,
                got,
                "describe it in a configuration: --config, docs/architectures.md",
                null);
    }
}
