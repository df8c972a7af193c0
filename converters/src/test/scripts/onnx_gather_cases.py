"""Gathers along an axis of each row: writes ../resources/onnx/gather-*.onnx, for indices inside and outside of the axis.

Version: onnx 1.23.
"""

from pathlib import Path

import onnx
from onnx import TensorProto, helper

OUT = Path(__file__).parent.parent / "resources" / "onnx"


def case(name, op, index, result, **attributes):
    inputs = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["B", "T"]),
        helper.make_tensor_value_info("i", TensorProto.INT64, index),
    ]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, result)]
    node = helper.make_node(op, ["x", "i"], ["y"], **attributes)
    graph = helper.make_graph([node], "g", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, OUT / f"gather-{name}.onnx")


case("elements", "GatherElements", ["B", 1], ["B", 1], axis=1)
case("nd", "GatherND", ["B", 1], ["B"], batch_dims=1)
case("reverse", "ReverseSequence", ["B"], ["B", "T"], batch_axis=0, time_axis=1)
