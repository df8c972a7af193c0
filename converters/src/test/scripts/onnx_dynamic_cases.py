#!/usr/bin/env python3
"""Makes small models whose axes have names (B, T, S, P), and what they compute for two sets of sizes.

Run: python3 converters/src/test/scripts/onnx_dynamic_cases.py     (needs onnx 1.23, onnxruntime 1.30 and safetensors)

Writes converters/src/test/resources/onnx/dynamic-cases.zip in the form of node-cases.zip: a line of cases.jsonl per model and set of
sizes. ONNX Runtime computes the outputs. The node cases have fixed sizes throughout; these models say that
the lowerings do not rely on that.
"""
import json
import pathlib
import zipfile

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper
from onnxruntime import InferenceSession
from safetensors.numpy import save

TARGET = pathlib.Path(__file__).parents[1] / "resources" / "onnx" / "dynamic-cases.zip"
F, I, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
DTYPES = {F: np.float32, I: np.int64, BOOL: np.bool_}
SIZES = ({"B": 2, "T": 9, "S": 5, "P": 3}, {"B": 1, "T": 6, "S": 7, "P": 1})
rng = np.random.default_rng(20240527)


def weights(*shape):
    return (rng.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32)


class Net:
    """Nodes, tensors, inputs and outputs of a model in the making."""

    def __init__(self, name, opset=21, **inputs):
        self.name, self.opset = name, opset
        self.nodes, self.tensors, self.inputs, self.outputs, self.makers = [], [], [], [], {}
        for key, (element, dims, *maker) in inputs.items():
            self.inputs.append(helper.make_tensor_value_info(key, element, dims))
            self.makers[key] = maker[0] if maker else None

    def const(self, value, name=None):
        name = name or f"c{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def ints(self, *values):
        return self.const(np.array(values, np.int64))

    def op(self, kind, *inputs, outputs=1, **attributes):
        names = [f"v{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def out(self, value, element, dims):
        name = f"y{len(self.outputs)}"
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, element, dims))
        return self

    def model(self):
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.tensors)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=10)
        checker.check_model(model)
        return model

    def values(self, sizes):
        made = {}
        for info in self.inputs:
            kind = info.type.tensor_type
            shape = [d.dim_value if d.HasField("dim_value") else sizes[d.dim_param] for d in kind.shape.dim]
            maker = self.makers[info.name] or (lambda shape, sizes: rng.standard_normal(shape))
            made[info.name] = np.asarray(maker(shape, sizes)).astype(DTYPES[kind.elem_type]).reshape(shape)
        return made


def upto(limit):
    """Indices below a size or number."""
    return lambda shape, sizes: rng.integers(0, sizes.get(limit, limit), shape)


def nets():
    n = Net("conv2d_block", x=(F, ["B", 2, "T", 8]))
    h = n.op("Conv", "x", n.const(weights(6, 2, 3, 3)), n.const(weights(6)), pads=[1, 1, 1, 1])
    h = n.op("BatchNormalization", h, *(n.const(np.abs(weights(6)) + 0.5) for _ in range(4)))
    h = n.op("Relu", h)
    h = n.op("MaxPool", h, kernel_shape=[2, 2], strides=[2, 2])
    h = n.op("Conv", h, n.const(weights(4, 3, 3, 2)), group=2, dilations=[1, 2], pads=[1, 0, 1, 0])
    h = n.op("Transpose", h, perm=[0, 2, 1, 3])
    h = n.op("Reshape", h, n.ints(0, 0, -1))
    yield n.out(n.op("MatMul", h, n.const(weights(8, 5))), F, ["B", None, 5])

    n = Net("conv1d", x=(F, ["B", 4, "T"]))
    h = n.op("Conv", "x", n.const(weights(6, 2, 3)), n.const(weights(6)), group=2, strides=[2], dilations=[2], pads=[2, 1])
    h = n.op("BatchNormalization", h, *(n.const(np.abs(weights(6)) + 0.5) for _ in range(4)))
    n.out(h, F, ["B", 6, None])
    yield n.out(n.op("Conv", "x", n.const(weights(3, 4, 4)), auto_pad="SAME_LOWER"), F, ["B", 3, "T"])

    n = Net("conv_weights_given", x=(F, ["B", 3, "T", 5]), w=(F, [4, 3, 2, 3]), b=(F, [4]))
    yield n.out(n.op("Conv", "x", "w", "b", pads=[0, 1, 1, 0]), F, ["B", 4, "T", None])

    n = Net("linear_norm", x=(F, ["B", 7]))
    h = n.op("Gemm", "x", n.const(weights(5, 7)), n.const(weights(5)), transB=1)
    h = n.op("BatchNormalization", h, *(n.const(np.abs(weights(5)) + 0.5) for _ in range(4)))
    yield n.out(h, F, ["B", 5])

    n = Net("pools", x=(F, ["B", 3, "T"]))
    n.out(n.op("AveragePool", "x", kernel_shape=[3], pads=[1, 1]), F, ["B", 3, "T"])
    n.out(n.op("AveragePool", "x", kernel_shape=[3], strides=[2], pads=[1, 1], count_include_pad=1), F, ["B", 3, None])
    n.out(n.op("LpPool", "x", kernel_shape=[2], p=2), F, ["B", 3, None])
    values, places = n.op("MaxPool", "x", kernel_shape=[3], strides=[2], outputs=2)
    n.out(values, F, ["B", 3, None]).out(places, I, ["B", 3, None])
    n.out(n.op("GlobalMaxPool", "x"), F, ["B", 3, 1])
    yield n.out(n.op("GlobalAveragePool", "x"), F, ["B", 3, 1])

    n = Net("norms", opset=23, x=(F, ["B", 8, "T"]))
    n.out(n.op("InstanceNormalization", "x", n.const(weights(8)), n.const(weights(8))), F, ["B", 8, "T"])
    n.out(n.op("GroupNormalization", "x", n.const(weights(8)), n.const(weights(8)), num_groups=2), F, ["B", 8, "T"])
    rows = n.op("Transpose", "x", perm=[0, 2, 1])
    n.out(n.op("LayerNormalization", rows, n.const(weights(8)), n.const(weights(8))), F, ["B", "T", 8])
    n.out(n.op("RMSNormalization", rows, n.const(weights(8))), F, ["B", "T", 8])
    n.out(n.op("LpNormalization", "x", axis=2, p=1), F, ["B", 8, "T"])
    image = n.op("LRN", n.op("Unsqueeze", "x", n.ints(3)), size=3)
    yield n.out(n.op("Squeeze", image, n.ints(3)), F, ["B", 8, "T"])

    n = Net("reductions", x=(F, ["B", "T", 4]))
    n.out(n.op("ReduceMean", "x", n.ints(1), keepdims=0), F, ["B", 4])
    n.out(n.op("ReduceSum", "x", n.ints(0, 1)), F, [1, 1, 4])
    n.out(n.op("ReduceLogSumExp", "x", n.ints(0, 2)), F, [1, "T", 1])
    n.out(n.op("ReduceMax", "x"), F, [1, 1, 1])
    n.out(n.op("ReduceL2", "x", n.ints(-2), keepdims=0), F, ["B", 4])
    yield n.out(n.op("ReduceProd", "x", n.ints(2), keepdims=0), F, ["B", "T"])

    n = Net("extremes", x=(F, ["B", "T", 4], lambda shape, sizes: rng.integers(0, 4, shape)))
    n.out(n.op("ArgMax", "x", axis=1, keepdims=0), I, ["B", 4])
    n.out(n.op("ArgMax", "x", axis=1, select_last_index=1), I, ["B", 1, 4])
    n.out(n.op("ArgMin", "x", axis=2, keepdims=0), I, ["B", "T"])
    values, places = n.op("TopK", "x", n.ints(3), axis=1, outputs=2)
    n.out(values, F, ["B", 3, 4]).out(places, I, ["B", 3, 4])
    values, places = n.op("TopK", "x", n.ints(2), axis=2, largest=0, outputs=2)
    n.out(values, F, ["B", "T", 2]).out(places, I, ["B", "T", 2])
    yield n.out(n.op("Hardmax", "x", axis=1), F, ["B", "T", 4])

    n = Net("sums", x=(F, ["B", "T", 3]), i=(I, ["T"], upto(9)))
    axis = n.const(np.array(1, np.int64))
    n.out(n.op("CumSum", "x", axis), F, ["B", "T", 3])
    n.out(n.op("CumSum", "x", axis, exclusive=1, reverse=1), F, ["B", "T", 3])
    n.out(n.op("CumSum", "i", n.const(np.array(0, np.int64))), I, ["T"])
    yield n.out(n.op("CumSum", "x", n.const(np.array(2, np.int64))), F, ["B", "T", 3])

    n = Net("indexing", x=(F, ["B", "T", 4]), i=(I, ["B", "S", 4], upto("T")), j=(I, ["B", "S", 1], upto("T")),
            lengths=(I, ["B"], lambda shape, sizes: rng.integers(1, sizes["T"] + 1, shape)))
    n.out(n.op("GatherElements", "x", "i", axis=1), F, ["B", "S", 4])
    n.out(n.op("GatherND", "x", "j", batch_dims=1), F, ["B", "S", 4])
    n.out(n.op("ReverseSequence", "x", "lengths", batch_axis=0, time_axis=1), F, ["B", "T", 4])
    n.out(n.op("OneHot", "lengths", n.const(np.array(10, np.int64)), n.const(np.array([0, 1], np.float32))), F, ["B", 10])
    yield n.out(n.op("Gather", "x", n.ints(2, -1), axis=1), F, ["B", 2, 4])

    n = Net("positions", x=(F, ["B", "T", 4]))
    steps = n.op("Gather", n.op("Shape", "x"), n.const(np.array(1, np.int64)))
    zero, one = n.const(np.array(0, np.int64)), n.const(np.array(1, np.int64))
    places = n.op("Range", zero, steps, one)
    n.out(n.op("Add", "x", n.op("Gather", n.const(weights(16, 4)), places)), F, ["B", "T", 4])
    n.out(n.op("Range", one, steps, n.const(np.array(2, np.int64))), I, [None])
    one_size = n.op("Unsqueeze", steps, n.ints(0))
    square = n.op("Concat", one_size, one_size, axis=0)
    full = n.op("ConstantOfShape", square, value=numpy_helper.from_array(np.array([-1e9], np.float32)))
    mask = n.op("Trilu", full, one, upper=1)
    scores = n.op("MatMul", "x", n.op("Transpose", "x", perm=[0, 2, 1]))
    n.out(n.op("Softmax", n.op("Add", scores, mask)), F, ["B", "T", "T"])
    tiled = n.op("Tile", n.op("Unsqueeze", "x", n.ints(2)), n.op("Concat", n.ints(1), n.ints(1), one_size, n.ints(1), axis=0))
    n.out(tiled, F, ["B", "T", "T", 4])
    yield n.out(n.op("Trilu", scores, upper=0), F, ["B", "T", "T"])

    n = Net("einsum", x=(F, ["B", "T", 4]), y=(F, ["B", "S", 4]))
    scores = n.op("Einsum", "x", "y", equation="bth,bsh->bts")
    n.out(scores, F, ["B", "T", "S"])
    n.out(n.op("Einsum", scores, "y", equation="...ts,...sh"), F, ["B", 4, "T"])
    n.out(n.op("Einsum", "x", equation="bth->h"), F, [4])
    yield n.out(n.op("Einsum", n.op("Einsum", "x", "x", equation="bth,bsh->bts"), equation="btt->bt"), F, ["B", "T"])

    n = Net("attention", opset=23, q=(F, ["B", "T", 8]), k=(F, ["B", "S", 4]), v=(F, ["B", "S", 6]))
    yield n.out(n.op("Attention", "q", "k", "v", q_num_heads=4, kv_num_heads=2), F, ["B", "T", 12])

    n = Net("attention_past", opset=23, x=(F, ["B", "T", 8]), pk=(F, ["B", 2, "P", 4]), pv=(F, ["B", 2, "P", 4]))
    y, k, v = n.op("Attention", "x", "x", "x", "", "pk", "pv", q_num_heads=2, kv_num_heads=2, is_causal=1, outputs=3)
    yield n.out(y, F, ["B", "T", 8]).out(k, F, ["B", 2, None, 4]).out(v, F, ["B", 2, None, 4])


    n = Net("attributes_of_version_9", opset=9, x=(F, ["B", 3, "T"]))
    h = n.op("BatchNormalization", "x", *(n.const(np.abs(weights(3)) + 0.5) for _ in range(4)), momentum=0.9)
    n.out(h, F, ["B", 3, "T"])
    n.out(n.op("Clip", "x", min=-0.5, max=0.25), F, ["B", 3, "T"])
    values, places = n.op("TopK", "x", axis=1, k=2, outputs=2)
    n.out(values, F, ["B", 2, "T"]).out(places, I, ["B", 2, "T"])
    n.out(n.op("ReduceSum", "x", axes=[0, 2], keepdims=0), F, [3])
    n.out(n.op("Softmax", "x"), F, ["B", 3, "T"])
    n.out(n.op("Squeeze", n.op("Slice", "x", axes=[1], starts=[-1], ends=[9]), axes=[1]), F, ["B", "T"])
    yield n.out(n.op("Pad", "x", pads=[0, 1, 2, 0, 0, 0], mode="constant", value=0.5), F, ["B", 4, None])


def refused():
    """Models that are valid and not converted, with a part of the message that says why."""
    n = Net("ceil_of_named_size", x=(F, ["B", 3, "T"]))
    yield "fixed size", n.out(n.op("MaxPool", "x", kernel_shape=[2], strides=[2], ceil_mode=1), F, ["B", 3, None])

    n = Net("same_with_stride_of_named_size", x=(F, ["B", 3, "T"]))
    h = n.op("Conv", "x", n.const(weights(3, 3, 3)), strides=[2], auto_pad="SAME_UPPER")
    yield "padding SAME with a stride", n.out(h, F, ["B", 3, None])

    n = Net("product_of_named_size", x=(F, ["B", "T"]))
    yield "the axis has a fixed size", n.out(n.op("ReduceProd", "x", n.ints(1), keepdims=0), F, ["B"])

    n = Net("k_computed", x=(F, ["B", 6]), k=(I, [1]))
    values, _ = n.op("TopK", "x", "k", outputs=2)
    yield "k is known when the model is converted", n.out(values, F, ["B", None])

    n = Net("statistics_of_the_batch", x=(F, ["B", 3, "T"]))
    h, _, _ = n.op("BatchNormalization", "x", *(n.const(np.ones(3, np.float32)) for _ in range(4)), training_mode=1, outputs=3)
    yield "training_mode", n.out(h, F, ["B", 3, "T"])

    n = Net("places_written", x=(F, [4, 3]), i=(I, [2, 1]), u=(F, [2, 3]))
    yield "it writes to places that are computed", n.out(n.op("ScatterND", "x", "i", "u"), F, [4, 3])

    n = Net("size_of_values", x=(F, ["B"]))
    yield "depends on values, not on sizes", n.out(n.op("NonZero", "x"), I, [1, None])

    n = Net("eight_bits", x=(F, ["B", 3]))
    h = n.op("QuantizeLinear", "x", n.const(np.float32(0.5)), n.const(np.uint8(3)))
    h = n.op("DequantizeLinear", h, n.const(np.float32(0.5)), n.const(np.uint8(3)))
    yield "no arithmetic on 8-bit integers", n.out(h, F, ["B", 3])

    n = Net("rounds_without_end", x=(F, ["B"]))
    body = helper.make_graph(
        [helper.make_node("Identity", ["again"], ["more"]), helper.make_node("Add", ["state", "state"], ["twice"])],
        "body",
        [helper.make_tensor_value_info("round", I, []), helper.make_tensor_value_info("again", BOOL, []),
         helper.make_tensor_value_info("state", F, ["B"])],
        [helper.make_tensor_value_info("more", BOOL, []), helper.make_tensor_value_info("twice", F, ["B"])])
    yield "at most 1024 rounds", n.out(n.op("Loop", n.const(np.int64(2**40)), "", "x", body=body), F, ["B"])


def main():
    entries, lines = {}, []
    for why, net in refused():
        entries[f"models/{net.name}.onnx"] = net.model().SerializeToString(deterministic=True)
        lines.append({"name": net.name, "op": "graph", "aside": why})
    for net in nets():
        model = net.model()
        entries[f"models/{net.name}.onnx"] = model.SerializeToString(deterministic=True)
        run = InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        for number, sizes in enumerate(SIZES, 1):
            given = net.values(sizes)
            outputs = dict(zip((o.name for o in net.outputs), run.run(None, given), strict=True))
            io = f"io/{net.name}-{number}.safetensors"
            tensors = {"in." + k: v for k, v in given.items()} | {"out." + k: np.array(v, order="C") for k, v in outputs.items()}
            entries[io] = save(tensors)
            lines.append({"name": net.name, "op": "graph", "rtol": 1e-4, "atol": 1e-5, "io": io, "fix": {}})
    entries["cases.jsonl"] = "".join(json.dumps(line) + "\n" for line in lines).encode()
    with zipfile.ZipFile(TARGET, "w") as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entries[name], compresslevel=9)


if __name__ == "__main__":
    main()
