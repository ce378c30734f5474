"""Data from outside are looked at before Start needs them."""

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import torch

from ganviz.datasets import DATASETS, complaint_of, shape_of, upload_of
from ganviz.say import Text, said_by
from ganviz.store.data import place_of
from ganviz.target import Target

PATIENCE = 0.4
"""Seconds that pages wait for a file to be read; what takes longer goes on beside them."""


@dataclass(frozen=True)
class Look:
    """What is known of the data that the form names."""

    shape: tuple[int, ...] | None
    """Of one sample; None as long as only reading can tell."""
    reading: bool = False
    """Whether a file is being read at this moment."""
    error: Text | None = None
    """Why the file cannot be used."""
    notes: tuple[Text, ...] = ()
    """What was done to the data."""
    shift: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    """How networks see vectors from a file, a number for all columns or for each; else empty."""


def look(dataset: str, options: Mapping[str, Any]) -> Look:
    """What is known of a dataset with these options. Files are read once, while they stay the same.

    Args:
        dataset: a registered name.
        options: its options, the default where one is left out; values that no run accepts count as
            unknown data.
    """
    try:
        known = DATASETS[dataset].options
        checked = {n: spec.check(options.get(n, spec.default)) for n, spec in known.items()}
    except ValueError:
        return Look(None)
    shape = shape_of(dataset, checked)
    upload = upload_of(dataset)
    if upload is None or complaint_of(dataset, checked):
        return Look(shape)
    stamp = _stamp(checked[upload.option])
    found, since = _begin(dataset, tuple(sorted(checked.items())), stamp)
    done = wait([found], max(0.0, since + PATIENCE - time.monotonic())).done
    return found.result() if done else Look(shape, reading=True)


@lru_cache(maxsize=32)
def _begin(
    dataset: str, options: tuple[tuple[str, Any], ...], stamp: tuple[int, ...] | None
) -> "tuple[Future[Look], float]":
    """Begin to read, and say when; `stamp` changes with the file, so that a new one is read."""
    return _reader().submit(_read, dataset, dict(options)), time.monotonic()


@cache
def _reader() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="read-data")


def _read(dataset: str, options: dict[str, Any]) -> Look:
    try:
        target: Target = DATASETS[dataset].fn(**options)
    except Exception as error:  # whatever it is would end the run too: it is said before
        known = shape_of(dataset, options)
        return Look(known, error=said_by(error) or type(error).__name__)
    if len(target.shape) > 1:
        return Look(target.shape, notes=target.notes)
    shift, scale = (_numbers(part) for part in target.standardisation)
    return Look(target.shape, notes=target.notes, shift=shift, scale=scale)


def _numbers(values: "float | torch.Tensor") -> tuple[float, ...]:
    return tuple(torch.as_tensor(values).reshape(-1).tolist())


def _stamp(path: str) -> tuple[int, ...] | None:
    try:
        found = place_of(path).stat()
    except (OSError, RuntimeError, ValueError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
