"""The registry of data, what is known of an entry before anything is read, and reading just once.

Facts of an entry: `shape`, of one sample: a tuple, None where only reading tells, or a function of
the options. `size`, how many training samples a batch may hold (None: as many as you like).
`complaint`, where there is one: a function of the options to `(option, sentence)` or None. `needs`,
where something does: "file" or "download"; then `upload`, an `Upload`, or `download`, how many
megabytes the first use downloads at most.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Generic, NamedTuple, ParamSpec, TypeVar

from ganviz.registry import Bounds, Entry, Label, Registry
from ganviz.say import Text, _
from ganviz.store import StoreError, data
from ganviz.target import Target

P = ParamSpec("P")
R = TypeVar("R")

Dataset = Callable[..., Target]

DATASETS: Registry[Dataset, Entry[Dataset]] = Registry("dataset")

Sigma = Annotated[float, Bounds(1e-3, 10, log=True)]
Std = Annotated[Sigma, Label("Mode σ")]
Noise = Annotated[Sigma, Label("Noise σ")]
Modes = Annotated[int, Bounds(1, 64)]


class DataError(ValueError):
    """Data that cannot be read or used. The message is for a person, and says what to do."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message


def shape_of(name: str, options: Mapping[str, Any]) -> tuple[int, ...] | None:
    """The shape of one sample of a dataset with these options; None if only reading it tells.

    >>> shape_of("projected_ring", {"dim": 16})
    (16,)
    """
    shape: tuple[int, ...] | None = _fact("shape", name, options)
    return shape


def size_of(name: str, options: Mapping[str, Any]) -> int | None:
    """How many samples a batch may hold; None: as many as you like.

    >>> size_of("digits", {})
    1437
    """
    size: int | None = _fact("size", name, options)
    return size


def complaint_of(name: str, options: Mapping[str, Any]) -> tuple[str, Text] | None:
    """Which option cannot be as it is, and why, as far as that is known before reading anything.

    >>> print(*complaint_of("table", {"table": "0, 1, -2"}), sep="; ")
    table; line 1 ('0, 1, -2'): sigma must be above 0, got -2
    """
    complaint: tuple[str, Text] | None = _fact("complaint", name, options)
    return complaint


def place_of(given: str) -> Path:
    """The file that a setting names, by its path or, if it was uploaded, by its hash.

    Raises:
        DataError: if uploaded data are gone or damaged.
        OSError: if they cannot be read.
    """
    try:
        return data.located(given)
    except StoreError as error:
        raise DataError(error.message) from None


def called(given: str) -> str:
    """What sentences call the file that a setting names: a path as it was given."""
    return data.shown(data.place_of(given)) if data.is_kept(given) else given


def unreadable(given: str, error: Exception) -> DataError:
    """What to raise where reading a file or folder failed; of an upload, no path is told."""
    why = getattr(error, "strerror", None) or str(error)
    return DataError(_("{file} cannot be read: {why}", file=called(given), why=why))


class Upload(NamedTuple):
    """What may be uploaded for a dataset that needs a file of one's own."""

    label: Text
    option: str
    """Takes the file's path, or the hash of an upload."""
    types: tuple[str, ...]
    megabytes: int
    """At most."""


def upload_of(name: str) -> Upload | None:
    """What may be uploaded for a dataset; None where it needs no file.

    >>> upload_of("images").types
    ('zip',)
    """
    upload: Upload | None = DATASETS[name].facts.get("upload")
    return upload


def _fact(fact: str, name: str, options: Mapping[str, Any]) -> Any:
    entry = DATASETS[name]
    found = entry.facts.get(fact)
    if not callable(found):
        return found
    return found({option: spec.default for option, spec in entry.options.items()} | dict(options))


class Remembered(Generic[P, R]):
    """A function that keeps its last results, and whose callers wait while another one computes.

    `lru_cache` alone would let runs that start together each download the same data.
    """

    def __init__(self, read: Callable[P, R], entries: int) -> None:
        self._read = lru_cache(entries)(read)
        self._lock = Lock()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._lock:
            return self._read(*args, **kwargs)  # type: ignore[arg-type]  # not all P are hashable

    def forget(self) -> None:
        """Compute everything anew from here on."""
        self._read.cache_clear()
