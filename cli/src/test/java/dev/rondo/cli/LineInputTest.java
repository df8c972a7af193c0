package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.InputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineInputTest {
    private static InputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void linesThatAreThereComeTogether() throws IOException {
        var input = new LineInput(text("a\r\n\nä b\u2028c\nlast"));
        assertEquals(List.of("a", "", "ä b\u2028c"), input.next(3));
        assertEquals(List.of("last"), input.next(3));
        assertEquals(List.of(), input.next(3));
    }

    @Test
    void aTypedLineIsNotKeptWaiting() throws IOException {
        try (var keyboard = new PipedOutputStream();
                var in = new PipedInputStream(keyboard)) {
            var input = new LineInput(in);
            keyboard.write("one\n".getBytes(StandardCharsets.UTF_8));
            // Were it to wait for more, this would not return.
            assertEquals(List.of("one"), input.next(10));
            keyboard.write("two\nthree\n".getBytes(StandardCharsets.UTF_8));
            assertEquals(List.of("two", "three"), input.next(10));
        }
    }

    @Test
    void whatIsNoTextOrNoLineIsRefused() {
        var error = assertThrows(InputException.class, () -> endless().next(1));
        assertTrue(error.getMessage().contains("line 1"), error.getMessage());
    }

    private static LineInput endless() {
        return new LineInput(text("x".repeat((1 << 20) + 1)));
    }

    @Test
    void theLineThatIsNoTextIsNamed() throws IOException {
        byte[] bytes = "a\nb\nc\u00C3\nd\n".getBytes(StandardCharsets.ISO_8859_1);
        var input = new LineInput(new ByteArrayInputStream(bytes));
        assertEquals(List.of("a", "b"), input.next(2));
        var error = assertThrows(InputException.class, () -> input.next(2));
        assertTrue(error.getMessage().startsWith("standard input, line 3: "), error.getMessage());
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheFirstWord() throws IOException {
        var input = new LineInput(text("\uFEFFa b\n\uFEFFc\n"));
        assertEquals(List.of("a b", "\uFEFFc"), input.next(2));
    }
}
