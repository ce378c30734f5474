"""Which images a folder or a zip holds. Nothing is ever unpacked to disk."""

import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from ganviz.datasets.base import DataError

MAX_IMAGES = 50_000
"""Of more images, this many are kept, evenly spaced in the order of their names."""

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_UNPACKED_BYTES = 1024**3
MAX_RATIO = 100
"""Images are compressed already; a zip that unpacks to more than this is made to do harm."""

_HARMLESS_BYTES = 10 * 1024 * 1024
"""No ratio does harm below this."""

_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"}
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1
_NAMED = 3

Stamp = tuple[int, int]
"""Time of the last change, in nanoseconds, and size."""


@dataclass(frozen=True)
class Listing:
    """The images under `path`, in the order of their names; equal while no file has changed."""

    path: Path
    names: tuple[str, ...]
    stamps: tuple[Stamp, ...]
    notes: tuple[str, ...]
    zipped: bool

    def files(self) -> Iterator[tuple[str, Callable[[], bytes]]]:
        """Each image's name, and a function that reads its bytes or raises `DataError`."""
        if not self.zipped:
            for name in self.names:
                yield name, partial(_read_file, self.path / name)
            return
        try:
            with zipfile.ZipFile(self.path) as archive:
                for name in self.names:
                    yield name, partial(_read_member, archive, name)
        except (zipfile.BadZipFile, OSError) as error:
            raise DataError(f"{self.path.name} cannot be read: {error}") from None


def find(path: str) -> Listing:
    """List the images in a folder or a zip.

    Raises:
        DataError: if there is none, or the zip is unsafe.
    """
    if not path.strip():
        raise DataError("no images are chosen: give the path of a folder or a .zip")
    try:
        place = Path(path.strip()).expanduser().resolve()
        if place.is_dir():
            return _in_folder(place)
        if not place.exists():
            raise DataError(f"there is no {path} on the machine that this app runs on")
        if not place.is_file() or not zipfile.is_zipfile(place):
            raise DataError(f"{path} is neither a folder nor a zip")
        return _in_zip(place)
    except (OSError, RuntimeError, zipfile.BadZipFile, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path} cannot be read: {error}") from None


def _in_folder(root: Path) -> Listing:
    found: dict[str, Stamp] = {}
    seen: set[Path] = set()
    outside = 0
    for folder, below, files in os.walk(root, followlinks=False):
        below[:] = sorted(name for name in below if not _hidden(name))
        for file in sorted(files):
            path = Path(folder, file)
            if _hidden(file) or path.suffix.lower() not in _SUFFIXES:
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
        notes.append(f"{outside:,} links that lead out of the folder are left out.")
    return _listing(root, found, notes, zipped=False)


def _in_zip(path: Path) -> Listing:
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if not m.is_dir()]
    unsafe = [m.filename for m in members if _unsafe(m.filename)]
    wanted = {
        m.filename: m
        for m in members
        if PurePosixPath(m.filename).suffix.lower() in _SUFFIXES
        and not _unsafe(m.filename)
        and not any(_hidden(part) for part in PurePosixPath(m.filename).parts)
        and not stat.S_ISLNK(m.external_attr >> 16)
    }
    info = path.stat()
    stamp = (info.st_mtime_ns, info.st_size)
    notes = []
    if unsafe:
        named = ", ".join(unsafe[:_NAMED]) + (" …" if len(unsafe) > _NAMED else "")
        notes.append(
            f"{len(unsafe):,} members whose names lead out of the zip are refused: {named}."
        )
    listing = _listing(path, dict.fromkeys(wanted, stamp), notes, zipped=True)
    _refuse_bomb(path, [wanted[name] for name in listing.names], info.st_size)
    return listing


def _listing(path: Path, found: dict[str, Stamp], notes: list[str], *, zipped: bool) -> Listing:
    names = sorted(found)
    if not names:
        kinds = ", ".join(sorted(_SUFFIXES))
        raise DataError(" ".join([f"{path.name} holds no images ({kinds}).", *notes]))
    if len(names) > MAX_IMAGES:
        notes.append(f"{MAX_IMAGES:,} of {len(names):,} images are kept, evenly spaced by name.")
        names = [names[k * len(names) // MAX_IMAGES] for k in range(MAX_IMAGES)]
    return Listing(path, tuple(names), tuple(found[n] for n in names), tuple(notes), zipped)


def _refuse_bomb(path: Path, members: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(m.file_size for m in members)
    if unpacked > MAX_UNPACKED_BYTES:
        raise DataError(
            f"{path.name} unpacks to {unpacked / 1024**3:,.1f} GB, and at most "
            f"{MAX_UNPACKED_BYTES / 1024**3:g} GB are read"
        )
    if unpacked > _HARMLESS_BYTES and unpacked > MAX_RATIO * packed:
        raise DataError(
            f"{path.name} unpacks to {unpacked / packed:,.0f} times its size, which no zip of "
            "images does: it is refused"
        )


def _read_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise DataError(f"more than {MAX_FILE_BYTES // 1024**2} MB")
        return path.read_bytes()
    except OSError as error:
        raise DataError(error.strerror or "cannot be read") from None


def _read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """A member's bytes; the limit holds whatever size the zip itself states."""
    member = archive.getinfo(name)
    if member.flag_bits & _ENCRYPTED:
        raise DataError("needs a password")
    if member.compress_type not in _PLAIN:
        raise DataError("packed in a way that is not read")
    try:
        with archive.open(member) as file:
            data = file.read(MAX_FILE_BYTES + 1)
    # A damaged member can raise whatever its decompressor does; the others can still be read.
    except Exception:
        raise DataError("damaged in the zip") from None
    if len(data) > MAX_FILE_BYTES:
        raise DataError(f"more than {MAX_FILE_BYTES // 1024**2} MB")
    return data


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _unsafe(name: str) -> bool:
    """Whether a member would be written outside the folder into which its zip is unpacked."""
    plain = name.replace("\\", "/")
    return plain.startswith("/") or ".." in plain.split("/") or bool(re.match("[A-Za-z]:", plain))
