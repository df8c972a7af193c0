package dev.rondo.convert;

import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** What a source file is, recognised by its first bytes, and by its name where the bytes could be many things. */
enum SourceFormat {
    SAFETENSORS("a safetensors file"),
    SAFETENSORS_INDEX("the index of a sharded safetensors model"),
    PYTORCH("a PyTorch checkpoint"),
    ONNX("an ONNX model"),
    KERAS("a Keras model"),
    RTNEURAL("an RTNeural model");

    /** A format that is not converted. */
    private record Foreign(String magic, String text, String remedy) {
        boolean fits(byte[] head) {
            return startsWith(head, magic);
        }
    }

    private static final String EXPORT = "save the weights as safetensors, or export the model to ONNX";
    private static final List<Foreign> FOREIGN = List.of(
            new Foreign("47475546", "a GGUF file", EXPORT),
            new Foreign("934e554d5059", "a NumPy array", EXPORT),
            new Foreign("1f8b", "a gzip file", "unpack it first"),
            new Foreign("524f4e444f0d0a1a", "a .rondo file", "use it as it is: it needs no conversion"));

    private final String text;

    SourceFormat(String text) {
        this.text = text;
    }

    /** For messages: with an article. */
    String text() {
        return text;
    }

    /** Whether the file holds named tensors only, so that a configuration must say what they mean. */
    boolean isStateDict() {
        return switch (this) {
            case SAFETENSORS, SAFETENSORS_INDEX, PYTORCH -> true;
            case ONNX, KERAS, RTNEURAL -> false;
        };
    }

    /**
     * The format of a file; reads its first bytes only.
     *
     * @throws InputException  when there is no such file
     * @throws FormatException when it is of a kind that is not converted
     */
    static SourceFormat of(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new InputException("source", "must be an existing file", path.toString(), "check the path");
        }
        byte[] head;
        try (InputStream in = Files.newInputStream(path)) {
            head = in.readNBytes(16);
        }
        String name = String.valueOf(path.getFileName());
        for (Foreign foreign : FOREIGN) {
            if (foreign.fits(head)) {
                throw new FormatException(
                        name,
                        0,
                        "source",
                        "must be a safetensors, PyTorch, ONNX, Keras or RTNeural file",
                        foreign.text(),
                        foreign.remedy(),
                        null);
            }
        }
        if (startsWith(head, "894844460d0a1a0a") || name.endsWith(".keras") || name.endsWith(".h5")) {
            return KERAS;
        }
        if (name.endsWith(".onnx")) {
            return ONNX;
        }
        if (name.endsWith(".safetensors")) {
            return SAFETENSORS;
        }
        if (name.endsWith(".index.json")) {
            return SAFETENSORS_INDEX;
        }
        if (startsWith(head, "504b") || startsWith(head, "80") || name.matches(".*\\.(pt|pth|bin|ckpt|pkl|tar)")) {
            return PYTORCH;
        }
        if (name.endsWith(".json")) {
            return RTNEURAL;
        }
        if (head.length >= 9 && (head[8] == '{' || head[8] == ' ')) {
            return SAFETENSORS;
        }
        throw new FormatException(
                name,
                0,
                "source",
                "must be a safetensors, PyTorch, ONNX, Keras or RTNeural file",
                "bytes " + HexFormat.of().formatHex(head) + " in a file called " + StrictJson.quote(name),
                "name it as its format does: .safetensors, .pt, .onnx, .keras, .h5 or .json",
                null);
    }

    private static boolean startsWith(byte[] head, String magic) {
        byte[] wanted = HexFormat.of().parseHex(magic);
        return head.length >= wanted.length && Arrays.equals(wanted, Arrays.copyOf(head, wanted.length));
    }
}
