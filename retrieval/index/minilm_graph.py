"""all-MiniLM-L6-v2 (BERT with six layers, Wang et al. 2020) over its packaged int8 weights, for one text at a time.

The packaged graph turns its int8 weights back into floats, takes masks that a single text does not need, and spells
attention and GELU out in small steps. Here both factors of a product are int8, the text's by its own range each time
(ONNX's DynamicQuantizeLinear), and ONNX Runtime's fused operators (ContribOperators.md) do the rest. Processors with
VNNI multiply integers twice as fast as floats. Those without add pairs of products in 16 bits, where 16 of a million
pairs do not fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

LAYERS = 6
HEADS = 12
DIMENSION = 384
EPSILON = 1e-12
FUSED = "com.microsoft"
_OPERATORS, _FORMAT = 17, 8

Array = np.ndarray[Any, np.dtype[Any]]


def lean_graph(packaged: bytes) -> bytes:
    """An ONNX model of the packaged one's weights: `input_ids` of shape (1, pieces) to (1, pieces, 384)."""
    weights = _Weights.of(onnx.load_model_from_string(packaged).graph)
    graph = _Graph()
    hidden = _embedded(graph, weights)
    for number in range(LAYERS):
        hidden = _layer(graph, weights, f"inner.encoder.layer.{number}.", hidden)
    return graph.model("input_ids", hidden)


@dataclass(frozen=True, slots=True)
class _Weights:
    """The packaged arrays by name, and for the name of each linear layer those of its int8 weights and their scales."""

    arrays: Mapping[str, Array]
    linear: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, graph: onnx.GraphProto) -> _Weights:
        """The exporter named only the biases: what a bias is added to is the product (Cast, Mul by scale, MatMul)."""
        arrays = {weight.name: numpy_helper.to_array(weight) for weight in graph.initializer}
        made_by = {name: node for node in graph.node for name in node.output}
        linear: dict[str, tuple[str, str]] = {}
        for node in graph.node:
            product = made_by.get(node.input[0]) if node.op_type == "Add" else None
            if product is not None and product.op_type == "MatMul":
                scaled = made_by[product.input[1]]
                linear[node.input[1].removesuffix(".bias")] = made_by[scaled.input[0]].input[0], scaled.input[1]
        return cls(arrays, linear)

    def of_linear(self, name: str) -> tuple[Array, Array, Array]:
        """int8 weights of shape (in, out), the scale of each column, and the bias."""
        weights, scales = self.linear[name]
        return self.arrays[weights], self.arrays[scales].reshape(-1), self.arrays[f"{name}.bias"]


@dataclass(slots=True)
class _Graph:
    """Nodes in order, and the constants they read; every value gets a number for a name."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    named: int = 0

    def constant(self, value: Array) -> str:
        """The name of an array."""
        name = self._name()
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """The name of what an operator makes of values; an input that is left out is empty."""
        (result,) = self.results(1, operator, *inputs, domain=domain, **attributes)
        return result

    def results(self, count: int, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> list[str]:
        """The names of the several results of one."""
        names = [self._name() for _ in range(count)]
        self.nodes.append(helper.make_node(operator, inputs, names, domain=domain, **attributes))
        return names

    def model(self, ids: str, hidden: str) -> bytes:
        """The whole, as a file."""
        asked = helper.make_tensor_value_info(ids, onnx.TensorProto.INT64, [1, None])
        made = helper.make_tensor_value_info(hidden, onnx.TensorProto.FLOAT, [1, None, DIMENSION])
        graph = helper.make_graph(self.nodes, "all-MiniLM-L6-v2", [asked], [made], self.constants)
        operators = [helper.make_opsetid("", _OPERATORS), helper.make_opsetid(FUSED, 1)]
        served: bytes = helper.make_model(graph, opset_imports=operators, ir_version=_FORMAT).SerializeToString()
        return served

    def _name(self) -> str:
        self.named += 1
        return f"v{self.named}"


def _embedded(graph: _Graph, weights: _Weights) -> str:
    """Each piece's vector plus that of its place; the table of pieces stays int8, a quarter of the memory."""
    arrays, table = weights.arrays, "inner.embeddings."
    pieces = f"{table}word_embeddings.weight"
    found = graph.node("Gather", graph.constant(arrays[f"{pieces}_q"]), "input_ids")
    scales = graph.node("Gather", graph.constant(arrays[f"{pieces}_scale"]), "input_ids")
    words = graph.node("Mul", graph.node("Cast", found, to=onnx.TensorProto.FLOAT), scales)
    places = f"{table}position_embeddings.weight"
    # A single text is all of the first type.
    every = arrays[f"{places}_q"] * arrays[f"{places}_scale"] + arrays[f"{table}token_type_embeddings.weight"][0]
    begin = graph.constant(np.array([0], dtype=np.int64))
    length = graph.node("Shape", "input_ids", start=1, end=2)
    placed = graph.node("Slice", graph.constant(every.astype(np.float32)), begin, length, begin)
    return _normal(graph, weights, f"{table}LayerNorm", graph.node("Add", words, placed))


def _layer(graph: _Graph, weights: _Weights, name: str, hidden: str) -> str:
    attended = _linear(graph, weights, f"{name}attention.output.dense", _attention(graph, weights, name, hidden))
    middle = _normal(graph, weights, f"{name}attention.output.LayerNorm", graph.node("Add", attended, hidden))
    wide = graph.node("Gelu", _linear(graph, weights, f"{name}intermediate.dense", middle), domain=FUSED)
    narrow = _linear(graph, weights, f"{name}output.dense", wide)
    return _normal(graph, weights, f"{name}output.LayerNorm", graph.node("Add", narrow, middle))


def _attention(graph: _Graph, weights: _Weights, name: str, hidden: str) -> str:
    """Query, key and value as one product."""
    parts = [weights.of_linear(f"{name}attention.self.{part}") for part in ("query", "key", "value")]
    matrix, scales, bias = (graph.constant(np.concatenate(arrays, axis=-1)) for arrays in zip(*parts, strict=True))
    rounded, step, zero = graph.results(3, "DynamicQuantizeLinear", hidden)
    inputs = (rounded, matrix, bias, step, scales, "", zero)
    return graph.node("QAttention", *inputs, domain=FUSED, num_heads=HEADS)


def _linear(graph: _Graph, weights: _Weights, name: str, factor: str) -> str:
    matrix, scales, bias = (graph.constant(array) for array in weights.of_linear(name))
    return graph.node("DynamicQuantizeMatMul", factor, matrix, scales, "", bias, domain=FUSED)


def _normal(graph: _Graph, weights: _Weights, name: str, value: str) -> str:
    scale, bias = (graph.constant(weights.arrays[f"{name}.{part}"]) for part in ("weight", "bias"))
    return graph.node("LayerNormalization", value, scale, bias, axis=-1, epsilon=EPSILON)
