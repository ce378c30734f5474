"""Which files a folder or a zip holds. Nothing is ever unpacked to disk."""

import os
import re
import stat
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from ganviz.datasets.base import DataError, called, place_of, unreadable
from ganviz.say import Message, _, listed
from ganviz.store.data import shown

MAX_UNPACKED_BYTES = 1024**3
MAX_RATIO = 100
"""Images are compressed already; a zip that unpacks to more than this is made to do harm."""

_HARMLESS_BYTES = 10 * 1024 * 1024
"""No ratio does harm below this."""

_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1
_NAMED = 3

_LITTER = {"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini"}
"""What systems leave in folders."""

Stamp = tuple[int, int]
"""Time of the last change, in nanoseconds, and size; of a member, its zip's time."""

Read = Callable[[str, int], bytes]
"""A name, and how many bytes at most, to the first bytes of that file; raises `DataError`."""


@dataclass(frozen=True)
class Listing:
    """The files under `path`, in the order of their names; equal while none has changed."""

    path: Path
    names: tuple[str, ...]
    stamps: tuple[Stamp, ...]
    notes: tuple[Message, ...]
    packed: int | None
    """Bytes of the zip; None for a folder."""

    @contextmanager
    def opened(self) -> Iterator[Read]:
        """Reads the files."""
        if self.packed is None:
            yield self._read_file
            return
        try:
            with zipfile.ZipFile(self.path) as archive:
                yield partial(_read_member, archive)
        except (zipfile.BadZipFile, OSError) as error:
            raise unreadable(shown(self.path), error) from None

    def refuse_bomb(self, wanted: Collection[str]) -> None:
        """Make sure that unpacking the files `wanted` does no harm.

        Raises:
            DataError: if they are too large, or the zip is packed as none of images is.
        """
        if self.packed is None:
            return
        sizes = {name: size for name, (_, size) in zip(self.names, self.stamps, strict=True)}
        unpacked = sum(sizes.values())
        if unpacked > _HARMLESS_BYTES and unpacked > MAX_RATIO * self.packed:
            raise DataError(
                _(
                    "{file} unpacks to {times:,.0f} times its size, which no zip of images does: "
                    "it is refused",
                    file=shown(self.path),
                    times=unpacked / self.packed,
                )
            )
        unpacked = sum(sizes[name] for name in wanted)
        if unpacked > MAX_UNPACKED_BYTES:
            raise DataError(
                _(
                    "{file} unpacks to {size:,.1f} GB, and at most {most:g} GB are read",
                    file=shown(self.path),
                    size=unpacked / 1024**3,
                    most=MAX_UNPACKED_BYTES / 1024**3,
                )
            )

    def _read_file(self, name: str, most: int) -> bytes:
        try:
            with (self.path / name).open("rb") as file:
                return file.read(most)
        except OSError as error:
            raise DataError(error.strerror or _("cannot be read")) from None


def find(path: str) -> Listing:
    """List the files in a folder or a zip, whatever they hold.

    Raises:
        DataError: if there is no such place.
    """
    if not path.strip():
        raise DataError(_("no images are chosen: give the path of a folder or a .zip"))
    try:
        place = place_of(path).resolve()
        if place.is_dir():
            return _in_folder(place)
        if not place.exists():
            raise DataError(_("there is no {path} on the machine that this app runs on", path=path))
        if not place.is_file() or not zipfile.is_zipfile(place):
            raise DataError(_("{path} is neither a folder nor a zip", path=called(path)))
        return _in_zip(place)
    except (OSError, RuntimeError, zipfile.BadZipFile, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise unreadable(path, error) from None


def _in_folder(root: Path) -> Listing:
    found: dict[str, Stamp] = {}
    seen: set[Path] = set()
    outside = 0
    for folder, below, files in os.walk(root, followlinks=False):
        below[:] = sorted(name for name in below if not _hidden(name))
        for file in sorted(files):
            path = Path(folder, file)
            if _hidden(file):
                continue
            real = path.resolve()
            if not real.is_relative_to(root):
                outside += 1
            elif real not in seen and real.is_file():
                seen.add(real)
                info = real.stat()
                found[path.relative_to(root).as_posix()] = (info.st_mtime_ns, info.st_size)
    notes = []
    if outside:
        notes.append(_("{n:,} links that lead out of the folder are left out.", n=outside))
    return _listing(root, found, notes, packed=None)


def _in_zip(path: Path) -> Listing:
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if not m.is_dir()]
    unsafe = [m.filename for m in members if _unsafe(m.filename)]
    info = path.stat()
    found = {
        m.filename: (info.st_mtime_ns, m.file_size)
        for m in members
        if not _unsafe(m.filename)
        and not any(_hidden(part) for part in PurePosixPath(m.filename).parts)
        and not stat.S_ISLNK(m.external_attr >> 16)
    }
    notes = []
    if unsafe:
        named = listed(unsafe[:_NAMED])
        notes.append(
            _(
                "{n:,} members whose names lead out of the zip are refused: {names}.",
                n=len(unsafe),
                names=_("{names} …", names=named) if len(unsafe) > _NAMED else named,
            )
        )
    return _listing(path, found, notes, packed=info.st_size)


def _listing(
    path: Path, found: dict[str, Stamp], notes: list[Message], *, packed: int | None
) -> Listing:
    names = sorted(found)
    return Listing(path, tuple(names), tuple(found[n] for n in names), tuple(notes), packed)


def _read_member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """The limit holds whatever size the zip itself states."""
    member = archive.getinfo(name)
    if member.flag_bits & _ENCRYPTED:
        raise DataError(_("needs a password"))
    if member.compress_type not in _PLAIN:
        raise DataError(_("packed in a way that is not read"))
    try:
        with archive.open(member) as file:
            return file.read(most)
    # A damaged member can raise whatever its decompressor does; the others can still be read.
    except Exception:
        raise DataError(_("damaged in the zip")) from None


def _hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in _LITTER


def _unsafe(name: str) -> bool:
    """Whether a member would be written outside the folder into which its zip is unpacked."""
    plain = name.replace("\\", "/")
    return plain.startswith("/") or ".." in plain.split("/") or bool(re.match("[A-Za-z]:", plain))
