"""Data from outside: uploads are kept, and files are looked at before Start needs them."""

import atexit
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import torch

from ganviz.datasets import DATASETS, complaint_of, shape_of, upload_of
from ganviz.say import Text, _, said_by
from ganviz.target import Target

PATIENCE = 0.4
"""Seconds that pages wait for a file to be read; what takes longer goes on beside them."""

KEPT_BYTES = 4 * 1024**3
"""Of uploads, in all."""

_NAME_LENGTH = 60


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
        found = Path(path.strip()).expanduser().stat()
    except (OSError, RuntimeError, ValueError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def keep(name: str, content: memoryview) -> str:
    """Write an upload into this process's folder and give its path; the same content is kept once.

    Raises:
        OSError: if it cannot be written, or uploads fill `KEPT_BYTES` by now.
    """
    folder = _folder() / hashlib.blake2b(content, digest_size=8).hexdigest()
    path = folder / _safe(name)
    if not path.exists():
        used = sum(file.stat().st_size for file in _folder().glob("*/*"))
        if used + len(content) > KEPT_BYTES:
            raise OSError(
                _("the uploads since this app was started fill their space; start it anew")
            )
        folder.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as part:
            part.write(content)
        os.replace(part.name, path)
    return str(path)


def kept(path: str) -> bool:
    """Whether `path` is that of an upload."""
    return Path(path).is_relative_to(_folder())


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ganviz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _safe(name: str) -> str:
    """The last part of a file's name, without what a path or a shell could take for more."""
    stem, ending = os.path.splitext(re.split(r"[/\\]", name)[-1])
    kept = re.sub(r"[^\w.-]+", "_", stem)[:_NAME_LENGTH].lstrip(".-") or "upload"
    return kept + re.sub(r"[^\w.]+", "", ending)[:8]
