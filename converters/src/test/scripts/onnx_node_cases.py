#!/usr/bin/env python3
"""Takes the node conformance cases of the operators that docs/onnx.md lists from the onnx package's own generator.

Run: python3 converters/src/test/scripts/onnx_node_cases.py     (needs onnx 1.23 and safetensors; some seconds)

Writes converters/src/test/resources/onnx/node-cases.zip: cases.jsonl with a line per case, the models as the package makes them,
and their values as safetensors files with in.NAME and out.NAME. A case whose name ends in _expanded is the same
operator written as the nodes of its definition. The same input gives the same bytes.

A line of cases.jsonl holds: name; op; opset; rtol and atol as the package has them; io, the file of values (shared by cases whose
values are equal); fix, the inputs whose value decides a shape or a branch: they are given with --fix; aside, why a case is not
among those to pass (such a case is not packed, but listed, so that the counts can be checked against the package).
"""
import json
import pathlib
import sys
import warnings
import zipfile

import numpy as np
import onnx
from safetensors.numpy import save

warnings.filterwarnings("ignore")
from onnx.backend.test.case.node import collect_testcases  # noqa: E402  (overflow in casts is intended there)

TARGET = pathlib.Path(__file__).parents[1] / "resources" / "onnx" / "node-cases.zip"

OPERATORS = """
RNN LSTM GRU
Add Sub Mul Div Mod Neg Abs Sign Sqrt Exp Log Pow Min Max Sum Mean Reciprocal Floor Ceil Round Clip CumSum Erf Sin Cos Tan Sinh
Cosh Asinh Acosh Atanh
Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor Not IsInf IsNaN Where
Relu LeakyRelu Elu Selu Celu Gelu Mish HardSigmoid HardSwish PRelu Softplus Softsign Sigmoid Tanh ThresholdedRelu Swish Shrink
Softmax LogSoftmax Hardmax
MatMul Gemm Einsum Conv
MaxPool AveragePool LpPool GlobalMaxPool GlobalAveragePool GlobalLpPool
BatchNormalization LayerNormalization InstanceNormalization GroupNormalization RMSNormalization LpNormalization
MeanVarianceNormalization LRN Dropout
ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare
TopK ArgMax ArgMin
Gather GatherElements GatherND Slice Split Concat Pad Reshape Flatten Transpose Squeeze Unsqueeze Expand Tile Trilu OneHot
ReverseSequence Cast CastLike Identity Constant ConstantOfShape Range Shape Size
Attention If Loop
""".split()

# Places of inputs whose value decides a shape or which nodes run.
FIXED = {
    "Reshape": [1], "Expand": [1], "Tile": [1], "Slice": [1, 2, 3, 4], "Pad": [1, 3], "Squeeze": [1], "Unsqueeze": [1],
    "ReduceL1": [1], "ReduceL2": [1], "ReduceLogSum": [1], "ReduceLogSumExp": [1], "ReduceMax": [1], "ReduceMean": [1],
    "ReduceMin": [1], "ReduceProd": [1], "ReduceSum": [1], "ReduceSumSquare": [1], "TopK": [1], "Split": [1],
    "Range": [0, 1, 2], "ConstantOfShape": [0], "OneHot": [1], "CumSum": [1], "Trilu": [1], "Dropout": [1, 2], "If": [0], "Loop": [0, 1],
}

ELEMENTS = {"FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16", "INT32", "INT64", "BOOL"}


def operators(cases):
    """The operator each case is of: an expanded case has the name of another one in front."""
    plain = {c.name: c.model.graph.node[0] for c in cases if len(c.model.graph.node) == 1 and "_expanded" not in c.name}
    found = {}
    for case in cases:
        name = case.name.partition("_expanded")[0]
        if name in plain:
            found[case.name] = plain[name]
    return found


def element(value):
    if value.type.WhichOneof("value") != "tensor_type":
        return value.type.WhichOneof("value")
    return onnx.TensorProto.DataType.Name(value.type.tensor_type.elem_type)


def aside(case, node):
    """Why a case is not among those to pass, or None."""
    graph = case.model.graph
    others = sorted({element(v) for v in [*graph.input, *graph.output]} - ELEMENTS)
    if others:
        return "element type " + ", ".join(t.lower() for t in others)
    if "training" in case.name:
        return "training mode"
    if "_3d_" in case.name and ("Pool" in node.op_type or node.op_type == "Conv"):
        return "three spatial axes"
    return None


def numbers(value):
    if isinstance(value, onnx.TensorProto):
        value = onnx.numpy_helper.to_array(value)
    return np.array(value, order="C")  # ascontiguousarray would make [1] of []


def values(case):
    """The bytes of the safetensors file of the only data set."""
    (inputs, outputs), = case.data_sets
    tensors = {}
    for prefix, infos, arrays in (("in.", case.model.graph.input, inputs), ("out.", case.model.graph.output, outputs)):
        for info, array in zip(infos, arrays, strict=True):
            tensors[prefix + info.name] = numbers(array)
    return save(tensors), tensors


def text(array):
    """A value as --fix reads it."""
    return json.dumps(array.tolist(), separators=(",", ":"))


def main():
    cases = sorted(collect_testcases(None), key=lambda c: c.name)
    nodes = operators(cases)
    lines, entries, files = [], {}, {}
    for case in cases:
        node = nodes.get(case.name)
        if node is None or node.op_type not in OPERATORS:
            continue
        line = {"name": case.name, "op": node.op_type, "opset": case.model.opset_import[0].version}
        reason = aside(case, node)
        if reason:
            lines.append(line | {"aside": reason})
            continue
        data, tensors = values(case)
        fixed = [node.input[i] for i in FIXED.get(node.op_type, []) if i < len(node.input) and node.input[i]]
        fix = {name: text(tensors["in." + name]) for name in fixed if "in." + name in tensors}
        name = files.setdefault(data, "io/" + case.name + ".safetensors")
        entries[name] = data
        entries["models/" + case.name + ".onnx"] = case.model.SerializeToString(deterministic=True)
        lines.append(line | {"rtol": case.rtol, "atol": case.atol, "io": name, "fix": fix})
    entries["cases.jsonl"] = "".join(json.dumps(line) + "\n" for line in lines).encode()
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(TARGET, "w") as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entries[name], compresslevel=9)
    packed = sum("io" in line for line in lines)
    print(f"{packed} cases packed, {len(lines) - packed} aside, {TARGET.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
