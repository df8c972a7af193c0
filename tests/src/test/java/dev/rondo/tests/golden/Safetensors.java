package dev.rondo.tests.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.format.ElementType;
import dev.rondo.tests.oracle.NdArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads safetensors files of golden cases, which are known to be good. */
public final class Safetensors {
    private Safetensors() {}

    public static Map<String, NdArray> read(byte[] file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int header = Math.toIntExact(bytes.getLong(0));
        Map<String, NdArray> tensors = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry :
                new ObjectMapper().readTree(file, 8, header).properties()) {
            if (entry.getKey().equals("__metadata__")) {
                continue;
            }
            var shape = new ArrayList<Integer>();
            entry.getValue().get("shape").forEach(d -> shape.add(d.intValue()));
            JsonNode offsets = entry.getValue().get("data_offsets");
            int start = offsets.get(0).intValue();
            ByteBuffer data = bytes.slice(8 + header + start, offsets.get(1).intValue() - start)
                    .order(ByteOrder.LITTLE_ENDIAN);
            tensors.put(entry.getKey(), decode(entry.getValue().get("dtype").textValue(), shape, data));
        }
        return tensors;
    }

    private static NdArray decode(String type, List<Integer> shape, ByteBuffer data) {
        double[] values = new double[shape.stream().reduce(1, Math::multiplyExact)];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (type) {
                case "F32" -> data.getFloat(4 * i);
                case "F16" -> Float.float16ToFloat(data.getShort(2 * i));
                case "BF16" -> Float.intBitsToFloat(data.getShort(2 * i) << 16);
                case "I64" -> data.getLong(8 * i);
                default -> throw new IllegalArgumentException("tensors of type " + type);
            };
        }
        return new NdArray(type.equals("I64") ? ElementType.I64 : ElementType.F32, shape, values);
    }
}
