package dev.rondo.convert;

import dev.rondo.error.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A file format that is not converted, recognised by its first bytes to say so; nothing else of the file is read.
 *
 * @param magic  the first bytes
 * @param suffix of names, where the bytes alone could be many things; "" for any
 * @param text   what it is, for messages
 */
record ForeignFormat(byte[] magic, String suffix, String text) {
    private static final List<ForeignFormat> KNOWN = List.of(
            of("894844460d0a1a0a", "", "an HDF5 file (Keras)"),
            of("504b0304", ".keras", "a Keras archive"),
            of("504b0304", "", "a zip archive (PyTorch or Keras)"),
            of("80", ".pt", "a pickle (PyTorch)"),
            of("80", ".pth", "a pickle (PyTorch)"),
            of("80", ".bin", "a pickle (PyTorch)"),
            of("80", ".pkl", "a pickle"),
            of("08", ".onnx", "an ONNX model"),
            of("47475546", "", "a GGUF file"),
            of("934e554d5059", "", "a NumPy array"),
            of("524f4e444f0d0a1a", "", "a .rondo file, which needs no conversion"),
            of("7b", "", "a JSON file"),
            of("5b", "", "a JSON file"));

    private static ForeignFormat of(String magic, String suffix, String text) {
        return new ForeignFormat(HexFormat.of().parseHex(magic), suffix, text);
    }

    /** What the error about a source that is no safetensors file should say instead, if its format is a known one. */
    static Optional<FormatException> refusal(Path source, FormatException cause) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(source)) {
            head = in.readNBytes(8);
        }
        String name = String.valueOf(source.getFileName());
        return KNOWN.stream()
                .filter(format -> format.fits(head, name))
                .findFirst()
                .map(format -> new FormatException(
                        name,
                        0,
                        "source",
                        "must be a safetensors file, the only format that is converted yet",
                        format.text,
                        "save the weights as safetensors in the framework they come from",
                        cause));
    }

    private boolean fits(byte[] head, String name) {
        return head.length >= magic.length
                && Arrays.equals(magic, Arrays.copyOf(head, magic.length))
                && name.endsWith(suffix);
    }
}
