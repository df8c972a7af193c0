package dev.rondo.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.convert.ConversionRequest.Tolerance;
import dev.rondo.error.RondoException;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every type of layer of a configuration: what PyTorch computes with it, and configurations that are wrong. */
class LayerVocabularyTest {
    private static final Tolerance TOLERANCE = new Tolerance(1e-5, 1e-5);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "layers_blocks, sequence",
        "layers_attention, sequence",
        "layers_cells, hyper0 sequence",
        "layers_points, predict",
        "layers_repeat, predict",
        "classifier_images, predict",
        "classifier_ends, sequence",
        "tagger_spelled, sequence chain chain_forward chain_backward marginals",
        "tagger_borders, sequence step chain chain_forward chain_backward marginals"
    })
    void computesWhatPytorchComputes(String name, String functions) throws IOException {
        var files = new ArrayList<ConversionRequest.Io>();
        for (String io : List.of("io.safetensors", "io2.safetensors")) {
            Path file = PytorchCases.file(name, io);
            if (Files.exists(file)) {
                files.add(new ConversionRequest.Io(Optional.empty(), file));
            }
        }
        ConversionReport report = Conversion.convert(
                request(name).withConfig(PytorchCases.file(name, "config.json")).withIo(files, TOLERANCE));
        assertEquals(
                List.of(functions.split(" ")),
                report.functions().stream().map(Function::name).toList());
        List<ReferenceCase> references = PytorchCases.verify(out());
        assertEquals(files.size(), references.size());
    }

    /** What is decided of a text stands in the file: vocabularies of words and of characters, names of tags. */
    @Test
    void textsOfASpellingTagger() throws IOException {
        Conversion.convert(request("tagger_spelled").withConfig(PytorchCases.file("tagger_spelled", "config.json")));
        try (Model model = Model.load(out())) {
            assertEquals(
                    List.of("words", "characters", "labels"),
                    model.texts().stream().map(TextPipeline::name).toList());
            assertEquals(List.of("DET", "NOUN", "VERB"), model.texts().getLast().vocabulary());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "attention|{'type': 'self_attention', 'prefix': 'attention'}|'heads'",
                "attention|{'type': 'self_attention', 'prefix': 'attention', 'heads': 4}|must divide",
                "attention|{'type': 'self_attention', 'prefix': 'attention', 'heads': 0}|from 1",
                "attention|{'type': 'self_attention', 'prefix': 'pool', 'heads': 1}|'pool.in_proj_weight'",
                "attention|{'type': 'transformer', 'prefix': 'attention', 'heads':"
                        + " 2}|'attention.self_attn.in_proj_weight'",
                "attention|{'type': 'transformer', 'prefix': 'pre', 'heads': 2, 'norm_first': 1}|true or false",
                "attention|{'type': 'positions', 'weight': 'vector'}, {'type': 'linear', 'prefix': 'pool'}|shape",
                "attention|{'type': 'attention_pool', 'prefix': 'pool', 'vector': 'vector'}|tells its size",
                "attention|{'type': 'linear', 'prefix': 'pool'}, {'type': 'attention_pool', 'prefix': 'pool', 'vector':"
                        + " 'vector'}|5 inputs",
                "blocks|{'type': 'linear', 'prefix': 'wide'}, {'type': 'residual', 'layers': [{'type': 'linear',"
                        + " 'prefix': 'out'}]}|11",
                "blocks|{'type': 'linear', 'prefix': 'body'}, {'type': 'residual', 'layers': [{'type': 'linear',"
                        + " 'prefix': 'wide'}]}|the shortcut",
                "blocks|{'type': 'linear', 'prefix': 'body'}, {'type': 'residual', 'layers': [{'type': 'pool', 'over':"
                        + " ['max']}]}|the shortcut",
                "blocks|{'type': 'linear', 'prefix': 'wide'}, {'type': 'highway', 'gate': {'prefix': 'gate'}, 'layers':"
                        + " [{'type': 'conv1d', 'prefix': 'conv', 'padding': 1}]}|must give what x gives",
                "blocks|{'type': 'linear', 'prefix': 'body'}, {'type': 'highway', 'gate': {'prefix': 'wide'}, 'layers':"
                        + " [{'type': 'softmax'}]}|4",
                "blocks|{'type': 'linear', 'prefix': 'body'}, {'type': 'parallel', 'branches': [{}, {'layers':"
                        + " [{'type': 'pool', 'over': ['max']}]}]}|branch 0",
                "blocks|{'type': 'linear', 'prefix': 'body'}, {'type': 'parallel', 'branches': [{'type':"
                        + " 'linear'}]}|unknown key 'type'",
                "blocks|{'type': 'linear', 'prefix': 'body'}, {'type': 'parallel', 'branches': []}|at least one",
                "blocks|{'type': 'residual', 'layers': [{'type': 'linear', 'prefix': 'body'}]}|tells its size",
                "blocks|{'type': 'linear', 'prefix': 'body'}, {'type': 'residual', 'layers': [{'type': 'embedding',"
                        + " 'prefix': 'body'}]}|stands first",
                "blocks|{'type': 'linear', 'prefix': 'body'}, {'type': 'pool', 'over': ['ends']}|both directions",
                "blocks|{'type': 'linear', 'prefix': 'body'}, {'type': 'repeat', 'steps': 2}|reads vectors",
                "blocks|{'type': 'linear', 'prefix': 'body'}, {'type': 'pool_window', 'over': 'sum', 'size': 2}|'sum'",
                "blocks|{'type': 'linear', 'prefix': 'body'}, {'type': 'pool_window', 'over': 'max'}|size",
                "blocks|{'type': 'linear', 'prefix': 'body'}, {'type': 'global_pool2d', 'over': 'max'}|reads an image",
                "blocks|{'type': 'image', 'height': 2, 'width': 2}|'vectors'",
                "blocks|{'type': 'scale', 'mean': [1, 2], 'std': [1]}|each of 2",
                "blocks|{'type': 'scale', 'mean': [1, 2], 'std': [1, 0]}|above 0",
                "blocks|{'type': 'scale', 'mean': [1, '2'], 'std': [1, 0]}|list of numbers",
                "blocks|{'type': 'scale', 'mean': [1e300], 'std': [1]}|fit f32",
                "blocks|{'type': 'scale', 'scale': 'body.bias', 'shift': 'wide.bias'}|shape",
                "cells|{'type': 'hypernetwork', 'small': {'prefix': 'small'}, 'input': {'prefix': 'a'}, 'state':"
                        + " {'prefix': 'u'}, 'input_scale': {'prefix': 'r'}, 'state_scale': {'prefix': 's'}, 'bias':"
                        + " {'prefix': 'q'}}|has no bias",
                "cells|{'type': 'hypernetwork', 'small': {'prefix': 'small'}, 'input': {'prefix': 'w'}, 'state':"
                        + " {'prefix': 'b'}, 'input_scale': {'prefix': 'r'}, 'state_scale': {'prefix': 's'}, 'bias':"
                        + " {'prefix': 'q'}}|units",
                "cells|{'type': 'multiplicative', 'a': {'prefix': 'a'}, 'b': {'prefix': 'w'}}|shape",
                "cells|{'type': 'multiplicative', 'a': {'prefix': 'a'}}|'b'",
            })
    void wrongLayersAreNamed(String name, String layers, String named) {
        refused("layers_" + name, "{'architecture': 'layers', 'allow_unused': '*', 'layers': [" + layers + "]}", named);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'type': 'flatten'}|channel by channel",
                "{'type': 'flatten'}, {'type': 'softmax'}, {'type': 'linear', 'prefix': 'fc1'}|channel by channel",
                "{'type': 'flatten'}, {'type': 'batch_norm', 'prefix': 'bn'}|channel by channel",
                "{'type': 'parallel', 'branches': [{'layers': [{'type': 'flatten'}]}]}, {'type': 'linear', 'prefix':"
                        + " 'fc1'}|channel by channel",
                "{'type': 'linear', 'prefix': 'fc1'}|reads steps or vectors",
                "{'type': 'layer_norm', 'prefix': 'bn'}|reads steps or vectors",
                "{'type': 'conv1d', 'prefix': 'first', 'padding': 'same'}|needs steps",
                "{'type': 'conv2d', 'prefix': 'last', 'padding': 0}|2 channels",
                "{'type': 'conv2d', 'prefix': 'fc1', 'padding': 0}|shape",
                "{'type': 'conv2d', 'prefix': 'first'}|'padding'",
                "{'type': 'conv2d', 'prefix': 'first', 'padding': 'full'}|'full'",
                "{'type': 'conv2d', 'prefix': 'first', 'padding': -1}|-1",
                "{'type': 'conv2d', 'prefix': 'first', 'padding': [1, 2, 3]}|[1.0, 2.0, 3.0]",
                "{'type': 'conv2d', 'prefix': 'first', 'padding': [1, 0.5]}|0.5",
                "{'type': 'conv2d', 'prefix': 'first', 'padding': 'same', 'stride': 2}|stride",
                "{'type': 'conv2d', 'prefix': 'first', 'padding': 'same', 'dilation': 2}|unknown key 'dilation'",
                "{'type': 'pool2d', 'over': 'max', 'size': 7}|must fit",
                "{'type': 'pool2d', 'over': 'max', 'size': 257}|at most 256",
                "{'type': 'pool2d', 'over': 'last', 'size': 2}|'last'",
                "{'type': 'flatten', 'order': 'rows'}|'rows'",
                "{'type': 'image', 'height': 7, 'width': 12}|reads vectors",
            })
    void wrongLayersOfImagesAreNamed(String layers, String named) {
        String image = "{'type': 'image', 'height': 7, 'width': 6, 'channels': 2}, ";
        refused(
                "classifier_images",
                "{'architecture': 'layers', 'input': 'vectors', 'allow_unused': '*', 'layers': [" + image + layers
                        + "]}",
                named);
    }

    /** A configuration that is right, with one thing changed. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "classifier_images|'height': 7|'height': 9|18",
                "classifier_images|'line'|'line', 'dot'|must name each of the 3",
                "classifier_images|'input': 'vectors',||'vectors'",
                "classifier_images|'input': 'vectors'|'input': 'rows'|'rows'",
                "classifier_images|'input': 'vectors'|'input': 'vectors', 'input_size': 80|80",
                "classifier_images|'architecture': 'classifier'|'architecture': 'tagger'|needs steps",
                "classifier_images|'architecture': 'classifier'|'architecture': 'classifier', 'chain': {}|'chain'",
                "tagger_borders|'to_from'|'rows'|'rows'",
                "tagger_borders|'order': 'to_from',||'order'",
                "tagger_borders|'start_tag': 3|'start_tag': 5|one of 5 tags",
                "tagger_borders|'start_tag': 3|'start_tag': 3, 'start': 'out.bias'|two ways",
                "tagger_borders|'transitions': 'transitions'|'transitions': 'out.weight'|shape",
                "tagger_borders|'architecture': 'tagger'|'architecture': 'classifier'|unknown key 'chain'",
                "tagger_spelled|'embedding': 'letters.weight'|'embedding': 'letters.bias'|'letters.bias'",
                "tagger_spelled|'from_to'|'to'|'to'",
                "tagger_spelled|'type': 'pool', 'over': [ 'ends' ]|'type': 'softmax'|branch 0",
                "tagger_spelled|'vocabulary': [ '<unk>', 'the'|'vocabulary': [ '<unk>', 'two', 'the'|rows, 6",
                "tagger_spelled|'vocabulary': [ '<unk>', 'a'|'vocabulary': [ '<unk>', 'b', 'a'|rows, 15",
                "tagger_spelled|'characters': {|'characters': { 'dropout': 0.5,|unknown key 'dropout'",
                "classifier_ends|'ends', 'mean'|'ends', 'first'|'first'",
                "classifier_ends|'ends', 'mean'|'ends'|4",
            })
    void wrongModelsAreNamed(String name, String from, String to, String named) throws IOException {
        String right = Files.readString(PytorchCases.file(name, "config.json"))
                .replaceAll("\\s+", " ")
                .replace('"', '\'');
        assertTrue(right.contains(from), right);
        refused(name, right.replace(from, to == null ? "" : to), named);
    }

    /** Whatever is done to a configuration ends in a conversion or in an error of ours. */
    @Test
    void damagedConfigurations() throws IOException {
        var random = new SplittableRandom(9);
        String alphabet = "{}[]\",:0123456789-eE.abcdefghijklmnopqrstuvwxyz_ ";
        List<String> names = List.of(
                "layers_blocks",
                "layers_attention",
                "layers_cells",
                "classifier_images",
                "tagger_spelled",
                "layers_points");
        int converted = 0;
        for (int round = 0; round < 300; round++) {
            String name = names.get(round % names.size());
            var text = new StringBuilder(Files.readString(PytorchCases.file(name, "config.json")));
            for (int k = random.nextInt(1, 4); k > 0; k--) {
                int at = random.nextInt(text.length());
                char c = alphabet.charAt(random.nextInt(alphabet.length()));
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, c);
                    case 1 -> text.deleteCharAt(at);
                    default -> text.insert(at, c);
                }
            }
            try {
                convert(name, text.toString());
                converted++;
            } catch (RondoException ours) {
                assertFalse(ours.getMessage().isBlank());
            }
        }
        assertTrue(converted > 0 && converted < 290, converted + " of 300");
    }

    private void refused(String name, String config, String named) {
        RondoException error =
                assertThrows(RondoException.class, () -> convert(name, config.replace('\'', '"')), config);
        assertTrue(error.getMessage().replace('"', '\'').contains(named), error.getMessage());
        assertFalse(Files.exists(out()));
    }

    private void convert(String name, String config) throws IOException {
        Conversion.convert(request(name).withConfig(Files.writeString(folder.resolve("config.json"), config)));
    }

    private ConversionRequest request(String name) {
        return ConversionRequest.of(PytorchCases.file(name, "model.safetensors"), out());
    }

    private Path out() {
        return folder.resolve("out.rondo");
    }
}
