import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RNN;
import ai.djl.nn.recurrent.RecurrentBlock;
import ai.djl.training.ParameterStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Cells of DJL's PyTorch engine as a peer of dev.rondo.bench.Table: a layer of one step, batch 1, one thread. One file, run from its
 * source, since no ordinary build has DJL; dev.rondo.bench.PeerProgram tells what it answers.
 */
final class DjlCell {
    private final NDManager manager = NDManager.newBaseManager();
    private final RecurrentBlock block;
    private final ParameterStore parameters = new ParameterStore(manager, false);
    private final NDArray[] inputs;
    private final NDList zero = new NDList();
    private NDManager alive = manager.newSubManager();
    private NDList state;
    private int place;

    private DjlCell(String kind, int size, int hidden, int count, FloatBuffer data) {
        RecurrentBlock.BaseBuilder<?> builder = switch (kind) {
            case "lstm" -> LSTM.builder();
            case "gru" -> GRU.builder();
            default -> RNN.builder().setActivation(RNN.Activation.TANH);
        };
        builder.setStateSize(hidden).setNumLayers(1).optReturnState(true);
        block = switch (builder) {
            case LSTM.Builder lstm -> lstm.build();
            case GRU.Builder gru -> gru.build();
            case RNN.Builder rnn -> rnn.build();
            default -> throw new IllegalArgumentException(kind);
        };
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1, size));
        int gates = switch (kind) {
            case "lstm" -> 4;
            case "gru" -> 3;
            default -> 1;
        };
        int rows = gates * hidden;
        float[] w = next(data, rows * size);
        float[] u = next(data, rows * hidden);
        float[] b = next(data, rows);
        float[] d = new float[rows];
        if (kind.equals("gru")) {
            System.arraycopy(next(data, hidden), 0, d, 2 * hidden, hidden);
        }
        float[][] values = {w, u, b, d}; // in DJL's order
        for (int i = 0; i < values.length; i++) {
            block.getParameters().get(i).getValue().getArray().set(FloatBuffer.wrap(values[i]));
        }
        inputs = new NDArray[count];
        for (int i = 0; i < count; i++) {
            inputs[i] = manager.create(next(data, size), new Shape(1, 1, size));
        }
        for (int i = 0; i < (kind.equals("lstm") ? 2 : 1); i++) {
            zero.add(manager.zeros(new Shape(1, 1, hidden)));
        }
        state = zero;
    }

    private static float[] next(FloatBuffer data, int count) {
        var values = new float[count];
        data.get(values);
        return values;
    }

    /** What a step leaves belongs to a manager of its own, which the step after closes. */
    private void step() {
        NDManager own = manager.newSubManager();
        NDArray x = inputs[place].duplicate();
        x.attach(own);
        var arguments = new NDList(x);
        arguments.addAll(state);
        NDList results = block.forward(parameters, arguments, false);
        results.attach(own);
        state = results.subNDList(1);
        place = (place + 1) % inputs.length;
        alive.close();
        alive = own;
    }

    private void reset() {
        state = zero;
        place = 0;
    }

    public static void main(String[] args) throws IOException {
        var threads = ManagementFactory.getThreadMXBean();
        var lines = new BufferedReader(new InputStreamReader(System.in));
        DjlCell cell = null;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            if (words[0].equals("prepare")) {
                ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Path.of(words[5])));
                cell = new DjlCell(
                        words[1],
                        Integer.parseInt(words[2]),
                        Integer.parseInt(words[3]),
                        Integer.parseInt(words[4]),
                        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer());
                System.out.println("ready");
                continue;
            }
            int times = Integer.parseInt(words[1]);
            boolean outputs = words[0].equals("outputs");
            if (outputs) {
                cell.reset();
            }
            long start = threads.getCurrentThreadCpuTime();
            for (int i = 0; i < times; i++) {
                cell.step();
            }
            long nanos = threads.getCurrentThreadCpuTime() - start;
            if (outputs) {
                System.out.println(
                        Arrays.toString(cell.state.get(0).toFloatArray()).replaceAll("[\\[\\],]", ""));
                cell.reset();
            } else {
                System.out.println(nanos);
            }
        }
    }
}
