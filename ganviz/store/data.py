"""Data that belong to runs: kept once by their content, and named by its hash in the settings."""

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from ganviz.home import home
from ganviz.say import Text, _, said_by
from ganviz.store.errors import StoreError

PREFIX = "sha256:"
"""Before the 64 hexadecimal digits by which settings name kept data."""

MOST_BYTES = 4 * 1024**3
"""Of all kept data."""

TRAVELLING_BYTES = 32 * 1024**2
"""Up to so many bytes of data travel in a run file."""

UNUSED_SECONDS = 7 * 24 * 3600.0
"""Data that no run uses and nobody has asked to keep for so long are removed: a form may hold some
that has not started a run yet."""

_NAME_LENGTH = 60

_REFERENCE = re.compile(r"sha256:([0-9a-f]{64})")
_OURS = re.compile(r"[0-9a-f]{64}(\.name)?|\.part-.*")
"""Data, their names, and what is being written."""


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
    if not _is_sound(path):
        _write(path, content)
    with suppress(OSError):  # the data are kept, and may lie where nothing else can be written
        if name:
            called = re.split(r"[/\\]", name)[-1][:_NAME_LENGTH]
            _name_file(path).write_text(called, encoding="utf8")
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
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
        OSError: if they cannot be read.
    """
    path = place_of(given)
    if not is_kept(given):
        return path
    try:
        sound = _hash_of(path) == path.name
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise StoreError(
            _(
                "The data {name} are not kept here any more: upload the file again.",
                name=shown(path),
            )
        ) from None
    if not sound:
        raise StoreError(
            _("The data {name} were damaged: upload the file again.", name=shown(path))
        )
    return path


def place_of(given: str) -> Path:
    """Where the data of a setting would lie, whether they do or not."""
    if is_kept(given):
        return folder() / given.strip().removeprefix(PREFIX)
    return Path(given.strip()).expanduser()


def why_not(error: OSError) -> Text:
    """What an error of the system says, without the path of this machine that its text holds."""
    return error.strerror or said_by(error)


def shown(path: Path) -> str:
    """What a file is called in a sentence: kept data as their file was, or by their hash.

    >>> str(shown(Path("/tmp/table.csv")))
    'table.csv'
    """
    if not re.fullmatch("[0-9a-f]{64}", path.name):
        return path.name
    try:
        called = _name_file(path).read_text(encoding="utf8", errors="replace")
    except OSError:
        called = ""
    return called or path.name[:8]


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
            if path.stat().st_size + sum(map(len, found.values())) <= TRAVELLING_BYTES:
                found[name] = path.read_bytes()
        except (StoreError, OSError):
            continue
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
            raise StoreError(_("The data cannot be kept: {why}.", why=why_not(error))) from error


def remove_unused(used: Collection[str], now: float | None = None) -> None:
    """Remove data that none of the names in `used` means, once they are old."""
    now = time.time() if now is None else now
    found = dict(_files())
    for path, stat in found.items():
        data = found.get(path.with_suffix(""), stat)  # a name goes with what it names
        old = now - max(data.st_mtime, data.st_atime) > UNUSED_SECONDS
        if old and _OURS.fullmatch(path.name) and f"{PREFIX}{path.stem}" not in used:
            with suppress(OSError):
                path.unlink()


def used_bytes() -> int:
    """Of all kept data."""
    return sum(stat.st_size for _path, stat in _files())


def _name_file(path: Path) -> Path:
    return path.with_suffix(".name")


def _files() -> Iterator[tuple[Path, os.stat_result]]:
    """What lies in the folder, as far as it can be seen; others may take files away meanwhile."""
    try:
        found = list(folder().iterdir())
    except OSError:
        return
    for path in found:
        with suppress(OSError):
            yield path, path.stat()


def _write(path: Path, content: bytes | memoryview) -> None:
    """Whoever looks at `path` finds all of it, or nothing."""
    if used_bytes() + len(content) > MOST_BYTES:
        raise OSError(
            _(
                "kept data fill the {size:.1f} GB that they may take; delete runs with data of "
                "their own",
                size=MOST_BYTES / 1024**3,
            )
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    part: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as file:
            part = Path(file.name)
            file.write(content)
        os.replace(part, path)
    except BaseException:
        if part is not None:
            part.unlink(missing_ok=True)
        raise


def _is_sound(path: Path) -> bool:
    """Whether the data are there, and are what their name says."""
    try:
        return _hash_of(path) == path.name
    except OSError:
        return False


def _hash_of(path: Path) -> str:
    stat = path.stat()
    return _hash(path, (stat.st_ino, stat.st_size, stat.st_mtime_ns))


@lru_cache(maxsize=64)
def _hash(path: Path, stamp: tuple[int, ...]) -> str:
    """Of a file's content, taken once while it stays as `stamp` says."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
