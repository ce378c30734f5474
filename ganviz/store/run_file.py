"""A run file: one run with everything that is kept of it, for another machine to take up.

A zip of JSON, Arrow streams and safetensors. Nothing in it is ever run or unpickled, and no name in
it becomes a path.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ganviz.say import _
from ganviz.snapshot import LIVE, STATUSES
from ganviz.store.errors import StoreError
from ganviz.store.packing import from_arrow, unpack
from ganviz.store.parts import Parts, checked_row

FORMAT = 1

MANIFEST = "run.json"

MOST_BYTES = 1024**3
"""Of a run file's content, unpacked: above that it is none of ours."""


def write_run_file(
    row: Mapping[str, Any], parts: Parts, path: Path, data: Mapping[str, bytes]
) -> None:
    """Write a run to `path`.

    Args:
        row, parts: as `parts.run_parts` gives them.
        path: of the file.
        data: content by reference, of the data that belong to the run.

    Raises:
        OSError: if the file cannot be written.
    """
    names = sorted(data)
    manifest = {
        "format": FORMAT,
        "run": row,
        "events": parts.events,
        "rows": len(parts.rows),
        "moments": [(step, seconds) for step, seconds, _body in parts.moments],
        "keyframes": [(step, seconds) for step, seconds, _body in parts.keyframes],
        "data": names,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(MANIFEST, json.dumps(manifest))
        for i, body in enumerate(parts.rows):
            file.writestr(f"rows/{i}.arrow", body)
        for kind, frames in (("moments", parts.moments), ("keyframes", parts.keyframes)):
            for step, _seconds, body in frames:
                file.writestr(f"{kind}/{step}.safetensors", body)
        for kind, part in (("given", parts.given), ("readings", parts.readings)):
            if part is not None:
                file.writestr(f"{kind}.safetensors", part)
        for i, name in enumerate(names):
            file.writestr(f"data/{i}", data[name])


def read_run_file(path: Path) -> tuple[dict[str, Any], Parts, dict[str, bytes]]:
    """Row and parts of the run of a run file, and the data that belong to it, by reference.

    Raises:
        StoreError: if it is none, or is damaged.
    """
    try:
        with zipfile.ZipFile(path) as file:
            size = sum(entry.file_size for entry in file.infolist())
            if size > MOST_BYTES:
                raise ValueError(_("it holds {size:,} bytes", size=size))
            return _read(file)
    except OSError as error:
        why = error.strerror or str(error)
        raise StoreError(_("{path} cannot be read: {why}.", path=path, why=why)) from error
    except Exception as error:  # whatever a zip or JSON of somebody else's holds
        raise StoreError(
            _("{path} is no run file of ganviz, or is damaged: {why}.", path=path, why=str(error))
        ) from error


def _read(file: zipfile.ZipFile) -> tuple[dict[str, Any], Parts, dict[str, bytes]]:
    manifest = json.loads(file.read(MANIFEST))
    if manifest["format"] != FORMAT:
        raise ValueError(_("it is of format {found}", found=str(manifest["format"])))
    row = checked_row(manifest["run"])
    if row["status"] not in STATUSES:
        raise ValueError(_("its status is unknown"))
    if row["status"] in LIVE:  # whoever made it, nobody makes it here
        row["status"] = "interrupted"
    present = set(file.namelist())
    parts = Parts(
        rows=tuple(file.read(f"rows/{i}.arrow") for i in range(int(manifest["rows"]))),
        events=tuple((int(s), str(f), str(v)) for s, f, v in manifest["events"]),
        moments=tuple(_frames(file, "moments", manifest["moments"])),
        keyframes=tuple(_frames(file, "keyframes", manifest["keyframes"])),
        given=file.read("given.safetensors") if "given.safetensors" in present else None,
        readings=file.read("readings.safetensors") if "readings.safetensors" in present else None,
    )
    _check(row, parts)
    data = {str(name): file.read(f"data/{i}") for i, name in enumerate(manifest["data"])}
    return row, parts, data


def _frames(
    file: zipfile.ZipFile, kind: str, listed: list[tuple[int, float]]
) -> Iterator[tuple[int, float, bytes]]:
    for step, seconds in listed:
        yield int(step), float(seconds), file.read(f"{kind}/{int(step)}.safetensors")


def _check(row: Mapping[str, Any], parts: Parts) -> None:
    """Check that everything can be read back.

    Raises:
        ValueError: if something cannot.
    """
    tables = [from_arrow(body) for body in parts.rows]
    if sum(map(len, tables)) != row["rows"]:
        raise ValueError(_("rows are missing"))
    for _step, _seconds, body in (*parts.moments, *parts.keyframes):
        unpack(body)
    for part in (parts.given, parts.readings):
        if part is not None:
            unpack(part)
    for _step, _field, value in parts.events:
        json.loads(value)
