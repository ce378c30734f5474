"""Bytes that the store keeps: arrays with JSON beside them, and tables as Arrow batches."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from safetensors.numpy import load, save

from ganviz.columns import COLUMNS, Array

Arrays = Mapping[str, NDArray[Any]]

_META = "meta"
"""The entry of a safetensors header that holds our JSON."""

_OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")


def pack(arrays: Arrays, rest: Mapping[str, Any] | None = None) -> bytes:
    """Arrays by name, and `rest` as JSON, in the format of a safetensors file.

    Infinities and NaN inside `rest` come back as they are.
    """
    tensors = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    # ascontiguousarray makes a scalar one-dimensional; the shape is part of what is kept.
    tensors = {name: array.reshape(arrays[name].shape) for name, array in tensors.items()}
    return save(tensors, {_META: json.dumps(rest or {})})


def unpack(body: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The inverse of `pack`; arrays are read-only.

    Raises:
        ValueError: if it is not what `pack` gives.
    """
    try:
        arrays = load(body)
        length = int.from_bytes(body[:8], "little")
        header = json.loads(body[8 : 8 + length])
        rest = json.loads(header.get("__metadata__", {}).get(_META, "{}"))
    except Exception as error:  # safetensors has an error of its own, which derives from Exception
        raise ValueError(f"no packed arrays: {error}") from error
    for array in arrays.values():
        array.flags.writeable = False
    return arrays, rest


def to_arrow(rows: Array, names: Sequence[str] = COLUMNS) -> bytes:
    """Rows of a table, shape `(n, len(names))`, as an Arrow stream; `step` as integers."""
    arrays = [
        pa.array(column.astype(np.int64) if name == "step" else np.ascontiguousarray(column))
        for name, column in zip(names, rows.T, strict=True)
    ]
    batch = pa.record_batch(arrays, names=list(names))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=_OPTIONS) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def from_arrow(body: bytes, names: Sequence[str] = COLUMNS) -> Array:
    """The inverse of `to_arrow`: shape `(n, len(names))`. A column that is missing is NaN.

    Raises:
        ValueError: if it is no Arrow stream.
    """
    try:
        table = pa.ipc.open_stream(pa.py_buffer(body)).read_all()
        there = {name: table.column(name).to_numpy() for name in table.column_names}
    except (pa.ArrowInvalid, OSError) as error:
        raise ValueError(f"no Arrow stream: {error}") from error
    rows = np.full((table.num_rows, len(names)), np.nan)
    for place, name in enumerate(names):
        if name in there:
            rows[:, place] = there[name]
    return rows
