"""The bundled model by OpenVINO: weights of 8 bits, activations of 8 bits where the CPU can.

Why OpenVINO: of the engines that were measured (docs/measurements.md) it was the fastest and the
nearest to single precision; it builds the graph from the shipped weights without torch, and maps
the file, so that several processes share it. The graph is BERT's (Devlin et al. 2019), with the
mean of the tokens' vectors after it.
"""

import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from similarity.encoding.forward import Model, Vectors
from similarity.encoding.packed import FloatArray, HalfArray, PackedModel

GRAPH, TOKENIZER = "openvino_model.xml", "tokenizer.json"
#: So many activations share one scale; chosen in docs/measurements.md.
_GROUP = 64
_MASKED = 10_000.0

Tensor = NDArray[Any]


class OpenVinoModel(Model):
    """See ``forward.Model``; ``folder`` as ``write_graph`` left it, with the tokenizer beside it.

    There is a thread more than ``workers``, so that a query finds one free beside bulk work.
    """

    def __init__(self, folder: Path, workers: int | None) -> None:
        import openvino
        from tokenizers import Tokenizer

        self.workers: int = workers or _cores()
        self._tokenizer: Any = Tokenizer.from_file(str(folder / TOKENIZER))
        self._end = self._id("</s>")
        self._pad = self._id("<pad>")
        core = openvino.Core()
        graph = core.read_model(folder / GRAPH)
        self.positions: int = graph.get_rt_info("positions").astype(int)
        self._compiled = core.compile_model(
            graph,
            "CPU",
            {
                "PERFORMANCE_HINT": "THROUGHPUT",
                "NUM_STREAMS": self.workers,
                "INFERENCE_NUM_THREADS": self.workers,
                "INFERENCE_PRECISION_HINT": "f32",
                "DYNAMIC_QUANTIZATION_GROUP_SIZE": _GROUP,
                # Another process on this machine would be pinned to the same cores.
                "ENABLE_CPU_PINNING": False,
            },
        )
        self.dimension: int = self._compiled.output(0).partial_shape[1].get_length()
        self._requests = threading.local()
        self._pool = ThreadPoolExecutor(self.workers + 1, thread_name_prefix="encode")

    def tokens(self, prompt: str) -> int:
        return len(self._tokenizer.encode(prompt).ids)

    def offsets(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [each.offsets for each in encoded]

    def submit(self, contents: Sequence[str], prompt: str) -> Future[Vectors]:
        return self._pool.submit(self._forward, [prompt + content for content in contents])

    def _id(self, token: str) -> int:
        return int(self._tokenizer.token_to_id(token))

    def _forward(self, texts: list[str]) -> Vectors:
        if not hasattr(self._requests, "own"):
            self._requests.own = self._compiled.create_infer_request()
        rows = [self._cut(each.ids) for each in self._tokenizer.encode_batch(texts)]
        width = max(map(len, rows))
        ids = np.full((len(rows), width), self._pad, np.int32)
        mask = np.zeros((len(rows), width), np.float32)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = row
            mask[number, : len(row)] = 1
        vectors: Vectors = self._requests.own.infer([ids, mask])[0].copy()
        return vectors

    def _cut(self, ids: list[int]) -> list[int]:
        if len(ids) <= self.positions:
            return ids
        return [*ids[: self.positions - 1], self._end]


def _cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def write_graph(model: PackedModel, folder: Path) -> None:
    """Write the graph with its weights into ``folder``, about 215 MB.

    Raises:
        OSError: the disk refuses.
    """
    import openvino

    graph = _Graph(model).build()
    graph.set_rt_info(str(model.positions), "positions")
    try:
        openvino.save_model(graph, folder / GRAPH, compress_to_fp16=False)
    except RuntimeError as error:  # its only fault here is a disk that refuses
        raise OSError(str(error)) from error


class _Graph:
    """BERT from packed weights."""

    def __init__(self, model: PackedModel) -> None:
        import openvino.opset15 as operations

        self._model = model
        self._op: Any = operations

    def build(self) -> Any:
        """From ids and a mask, both (texts, tokens), to unit vectors (texts, hidden)."""
        import openvino

        op, shape = self._op, openvino.PartialShape([-1, -1])
        ids = op.parameter(shape, openvino.Type.i32, name="ids")
        mask = op.parameter(shape, openvino.Type.f32, name="mask")
        hidden = self._embedded(ids)
        hiding = op.unsqueeze(
            op.multiply(op.subtract(mask, _single(1)), _single(_MASKED)), np.array([1, 2])
        )
        for layer in range(self._model.layers):
            hidden = self._layer(hidden, hiding, f"l{layer}")
        counted = op.multiply(hidden, op.unsqueeze(mask, np.array([2])))
        mean = op.normalize_l2(op.reduce_sum(counted, np.array([1])), np.array([1]), 1e-12, "max")
        return openvino.Model([mean], [ids, mask])

    def _embedded(self, ids: Any) -> Any:
        """Words, positions and the type of all tokens."""
        op, zero, one = self._op, np.array([0]), np.array([1])
        words = op.gather(self._widened(self._rows("emb.word")), ids, np.int64(0))
        width = op.gather(op.shape_of(ids), one, np.int64(0))
        places = op.slice(self._widened(self._rows("emb.pos")), zero, width, one, zero)
        kind = np.asarray(self._rows("emb.type")[:1], np.float32)
        return self._normalised(op.add(op.add(words, op.unsqueeze(places, zero)), kind), "emb.ln")

    def _layer(self, hidden: Any, hiding: Any, layer: str) -> Any:
        op, model = self._op, self._model
        query, key, value = (
            self._heads(self._dense(hidden, f"{layer}.{name}", model.hidden)) for name in "qkv"
        )
        scale = _single((model.hidden // model.heads) ** -0.5)
        seen = op.scaled_dot_product_attention(query, key, value, hiding, scale)
        seen = op.reshape(
            op.transpose(seen, np.array([0, 2, 1, 3])), np.array([0, 0, model.hidden]), True
        )
        attended = self._dense(seen, f"{layer}.ao", model.hidden)
        hidden = self._normalised(op.add(attended, hidden), f"{layer}.aln")
        wide = op.gelu(self._dense(hidden, f"{layer}.fi", model.intermediate), "erf")
        narrow = self._dense(wide, f"{layer}.fo", model.hidden)
        return self._normalised(op.add(narrow, hidden), f"{layer}.oln")

    def _heads(self, each: Any) -> Any:
        """(texts, tokens, hidden) as (texts, heads, tokens, rest)."""
        heads = self._model.heads
        shape = np.array([0, 0, heads, self._model.hidden // heads])
        return self._op.transpose(self._op.reshape(each, shape, True), np.array([0, 2, 1, 3]))

    def _dense(self, each: Any, name: str, width: int) -> Any:
        """A linear layer whose weights are rounded to 8 bits, one scale a row."""
        op = self._op
        weights = np.asarray(self._model.tensors[f"{name}.w"], np.float32).reshape(width, -1)
        scales = np.abs(weights).max(axis=1, keepdims=True) / 127
        rounded = np.round(weights / np.where(scales, scales, 1)).astype(np.int8)
        widened = op.multiply(
            op.convert(op.constant(rounded), "f16"), op.constant(scales.astype(np.float16))
        )
        product = op.matmul(each, op.convert(widened, "f32"), False, True)
        return op.add(product, self._single(f"{name}.b"))

    def _normalised(self, each: Any, name: str) -> Any:
        op, epsilon = self._op, self._model.layer_norm_epsilon
        centred = op.mvn(each, np.array([-1]), True, epsilon, "inside_sqrt")
        return op.add(op.multiply(centred, self._single(f"{name}.w")), self._single(f"{name}.b"))

    def _single(self, name: str) -> FloatArray:
        return np.asarray(self._model.tensors[name], np.float32)

    def _rows(self, name: str) -> FloatArray | HalfArray:
        return self._model.tensors[name].reshape(-1, self._model.hidden)

    def _widened(self, rows: FloatArray | HalfArray) -> Any:
        """Half precision in memory, single where it is used."""
        return self._op.convert(self._op.constant(np.asarray(rows, np.float16)), "f32")


def _single(number: float) -> Tensor:
    return np.array(number, np.float32)
