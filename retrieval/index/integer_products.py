"""Matrix products in eight-bit integers, for a model whose weights are stored so.

all-MiniLM-L6-v2 comes with int8 weights that are turned back into floats before every product. Here the other factor
is rounded to eight bits as well, by its own range each time (ONNX's DynamicQuantizeLinear), and the product is one of
integers. Processors with VNNI compute it twice as fast. Those without add pairs of products in 16 bits, where 16 of a
million pairs do not fit.
"""

from __future__ import annotations

import onnx
from onnx import helper


def with_integer_products(model: bytes) -> bytes:
    """The ONNX model with each product by int8 weights (Cast, Mul by their scale, MatMul) as one of integers."""
    loaded = onnx.load_model_from_string(model)
    graph = loaded.graph
    made_by = {name: node for node in graph.node for name in node.output}
    int8 = {weight.name for weight in graph.initializer if weight.data_type == onnx.TensorProto.INT8}
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        scaled = made_by.get(node.input[1]) if node.op_type == "MatMul" else None
        cast = made_by.get(scaled.input[0]) if scaled is not None and scaled.op_type == "Mul" else None
        if scaled is None or cast is None or cast.input[0] not in int8:
            nodes.append(node)
        else:
            nodes += _product(node.input[0], cast.input[0], scaled.input[1], node.output[0])
    # What made floats of the weights stays without a reader, and ONNX Runtime leaves it out.
    del graph.node[:]
    graph.node.extend(nodes)
    served: bytes = loaded.SerializeToString()
    return served


def _product(factor: str, weights: str, scale: str, result: str) -> list[onnx.NodeProto]:
    rounded, step, zero, integers, floats, steps = (f"{result}_{part}" for part in "q s z i f c".split())
    return [
        helper.make_node("DynamicQuantizeLinear", [factor], [rounded, step, zero]),
        helper.make_node("MatMulInteger", [rounded, weights, zero], [integers]),
        helper.make_node("Cast", [integers], [floats], to=onnx.TensorProto.FLOAT),
        helper.make_node("Mul", [step, scale], [steps]),
        helper.make_node("Mul", [floats, steps], [result]),
    ]
