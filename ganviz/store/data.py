"""Data that belong to runs: kept once by their content, and named by its hash in the settings."""

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ganviz.home import home
from ganviz.say import _
from ganviz.store.errors import StoreError

PREFIX = "sha256:"
"""Before the 64 hexadecimal digits by which settings name kept data."""

MOST_BYTES = 4 * 1024**3
"""Of all kept data."""

TRAVELLING_BYTES = 32 * 1024**2
"""Up to so many bytes of data travel in a run file."""

UNUSED_SECONDS = 7 * 24 * 3600.0
"""Data that no run has used for so long, since they came, are removed."""

_NAME_LENGTH = 60

_REFERENCE = re.compile(r"sha256:([0-9a-f]{64})")


def folder() -> Path:
    """Where kept data lie, each file named by its hash."""
    return home() / "data"


def keep(content: bytes | memoryview, name: str = "") -> str:
    """Keep data and give the name by which settings call them; the same content is kept once.

    Args:
        content: the data.
        name: what their file was called: sentences say it.

    Raises:
        OSError: if they cannot be written, or there is no room for them.
    """
    digest = hashlib.sha256(content).hexdigest()
    path = folder() / digest
    if not path.exists():
        if sum(size for _path, size in _files()) + len(content) > MOST_BYTES:
            raise OSError(
                _(
                    "kept data fill the {size:.1f} GB that they may take; delete runs with data of "
                    "their own",
                    size=MOST_BYTES / 1024**3,
                )
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as part:
            part.write(content)
        os.replace(part.name, path)
    if name:
        _name_file(path).write_text(re.split(r"[/\\]", name)[-1][:_NAME_LENGTH], encoding="utf8")
    return f"{PREFIX}{digest}"


def is_kept(given: str) -> bool:
    """Whether a value of a setting names kept data.

    >>> is_kept("sha256:" + 64 * "0"), is_kept("/home/me/table.csv")
    (True, False)
    """
    return _REFERENCE.fullmatch(given.strip()) is not None


def located(given: str) -> Path:
    """Where the data lie that a setting names: by their hash, or as a path of this machine.

    Raises:
        StoreError: if they are gone, or are not what they were.
    """
    match = _REFERENCE.fullmatch(given.strip())
    if match is None:
        return Path(given.strip()).expanduser()
    path = folder() / match[1]
    try:
        stat = path.stat()
    except OSError:
        raise StoreError(
            _(
                "The data {name} are not kept here any more: upload the file again.",
                name=shown(path),
            )
        ) from None
    if _hash(path, stat.st_mtime_ns, stat.st_size) != match[1]:
        raise StoreError(
            _("The data {name} were damaged: upload the file again.", name=shown(path))
        )
    return path


def shown(path: Path) -> str:
    """What a file is called in a sentence: kept data as their file was, or by their hash.

    >>> str(shown(Path("/tmp/table.csv")))
    'table.csv'
    """
    if not re.fullmatch("[0-9a-f]{64}", path.name):
        return path.name
    try:
        return _name_file(path).read_text(encoding="utf8")
    except OSError:
        return path.name[:8]


def named_in(config: Mapping[str, Any]) -> list[str]:
    """The kept data that settings name, as `RunConfig.to_json` holds them."""
    options = config.get("dataset_options", {})
    return [value for value in options.values() if isinstance(value, str) and is_kept(value)]


def travelling(config: Mapping[str, Any]) -> dict[str, bytes]:
    """The content of the data that settings name, as far as a run file carries them."""
    found: dict[str, bytes] = {}
    for name in named_in(config):
        try:
            path = located(name)
        except StoreError:
            continue
        if path.stat().st_size + sum(map(len, found.values())) <= TRAVELLING_BYTES:
            found[name] = path.read_bytes()
    return found


def adopt(data: Mapping[str, bytes]) -> None:
    """Keep data that came with a run.

    Raises:
        StoreError: if one is not what its name says, or cannot be kept.
    """
    for name, content in data.items():
        if f"{PREFIX}{hashlib.sha256(content).hexdigest()}" != name:
            raise StoreError(_("The data in the run file are damaged."))
        try:
            keep(content)
        except OSError as error:
            raise StoreError(_("The data cannot be kept: {why}.", why=str(error))) from error


def remove_unused(used: Collection[str], now: float | None = None) -> None:
    """Remove data that none of the names in `used` means, once they are old."""
    now = time.time() if now is None else now
    for path, _size in _files():
        old = now - path.stat().st_mtime > UNUSED_SECONDS
        if old and f"{PREFIX}{path.stem}" not in used:
            path.unlink(missing_ok=True)


def used_bytes() -> int:
    """Of all kept data."""
    return sum(size for _path, size in _files())


def _name_file(path: Path) -> Path:
    return path.with_suffix(".name")


def _files() -> Iterator[tuple[Path, int]]:
    if folder().is_dir():
        for path in folder().iterdir():
            if path.is_file():
                yield path, path.stat().st_size


@lru_cache(maxsize=64)
def _hash(path: Path, modified: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
