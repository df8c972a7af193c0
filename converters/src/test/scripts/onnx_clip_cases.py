"""Recurrent nodes with clip, and what ONNX Runtime makes of them: writes ../resources/onnx/clip-*.onnx and .safetensors.

Versions: onnx 1.23, onnxruntime 1.30, numpy, safetensors.
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

OUT = Path(__file__).parent.parent / "resources" / "onnx"
I, H, B, T = 3, 4, 2, 6
GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}


def case(name, op, seed, **attributes):
    rng = np.random.default_rng(seed)
    g, d = GATES[op], 2
    weights = {
        "W": rng.normal(size=(d, g * H, I)),
        "R": rng.normal(size=(d, g * H, H)),
        "B": np.abs(rng.normal(size=(d, 2 * g * H)) * 3),
        "lens": np.array([T, T - 2], np.int32),
    }
    inputs = {"X": rng.normal(size=(T, B, I)), "h0": rng.normal(size=(d, B, H))}
    names = ["X", "W", "R", "B", "lens", "h0"]
    outputs = ["Y", "Y_h"]
    if op == "LSTM":
        inputs["c0"] = rng.normal(size=(d, B, H))
        weights["P"] = rng.normal(size=(d, 3 * H))
        names += ["c0", "P"]
        outputs.append("Y_c")
    floats = lambda values: {k: v if v.dtype == np.int32 else v.astype(np.float32) for k, v in values.items()}
    weights, inputs = floats(weights), floats(inputs)
    node = helper.make_node(op, names, outputs, hidden_size=H, direction="bidirectional", **attributes)
    axes = {"X": ["T", B, I], "h0": [d, B, H], "c0": [d, B, H]}
    graph = helper.make_graph(
        [node],
        name,
        [helper.make_tensor_value_info(k, TensorProto.FLOAT, axes[k]) for k in inputs],
        [helper.make_tensor_value_info(k, TensorProto.FLOAT, None) for k in outputs],
        [numpy_helper.from_array(v, k) for k, v in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.save(model, OUT / f"{name}.onnx")
    session = onnxruntime.InferenceSession(model.SerializeToString())
    values = dict(zip(outputs, session.run(outputs, inputs)))
    tensors = {f"in.{k}": v for k, v in inputs.items()} | {f"out.{k}": v for k, v in values.items()}
    save_file(tensors, OUT / f"{name}.safetensors")


case("clip-rnn", "RNN", 1, clip=0.7)
case("clip-lstm", "LSTM", 2, clip=0.4)
case("clip-gru-before", "GRU", 3, clip=0.5, linear_before_reset=0)
case("clip-gru-after", "GRU", 4, clip=0.5, linear_before_reset=1)
