"""A snapshot in the parts that the store keeps: what never changes, what was read, and moments."""

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganviz.columns import Columns
from ganviz.diagnosis import last_gap
from ganviz.readings import GAPS, ZIGZAG, Cost, Floor, Pulls, Readings, Shares
from ganviz.snapshot import CLOCK, Snapshot, Surface, frozen
from ganviz.store.packing import pack, unpack

Arrays = dict[str, NDArray[Any]]


class Parts(NamedTuple):
    """Of one snapshot, each packed."""

    given: bytes
    """Data, grid and facts: the same in all snapshots of a run."""
    readings: bytes
    """Tables of readings and of the clock, and floors: those of a later snapshot hold these."""
    moment: bytes
    """The rest, without the history."""


def given_of(snapshot: Snapshot) -> bytes:
    """`Parts.given`."""
    arrays: Arrays = {"real": snapshot.real}
    surface = snapshot.surface
    if surface is not None:
        arrays |= {"x": surface.x}
        arrays |= {} if surface.y is None else {"y": surface.y}
        arrays |= {} if surface.density is None else {"density": surface.density}
    rest = {"facts": dict(snapshot.facts), "value_source": snapshot.value_source}
    return pack(arrays, rest)


def readings_of(snapshot: Snapshot) -> bytes:
    """`Parts.readings`."""
    read = snapshot.readings
    arrays: Arrays = {
        "gaps": _values(read.gaps),
        "quality": _values(read.quality),
        "clock": _values(snapshot.clock),
    }
    rest = {
        "metrics": list(read.quality),
        "error_floor": read.error_floor,
        "floors": dict(read.floors),
        "samples": read.samples,
        "too_few": read.too_few,
        "limit": read.cost.limit,
        "seconds": dict(read.cost.seconds),
    }
    return pack(arrays, rest)


def moment_of(snapshot: Snapshot) -> bytes:
    """`Parts.moment`."""
    arrays: Arrays = {
        "real_logits": snapshot.real_logits,
        "fake_logits": snapshot.fake_logits,
        "samples": snapshot.samples,
    }
    if snapshot.samples_ema is not None:
        arrays["samples_ema"] = snapshot.samples_ema
    if snapshot.surface is not None:
        arrays["discriminator"] = snapshot.surface.discriminator
    read = snapshot.readings
    arrays["zigzag"] = _values(read.zigzag)
    rest: dict[str, Any] = {"status": snapshot.status, "finite_step": snapshot.finite_step}
    if read.pulls is not None:
        arrays |= {f"pulls.{name}": values for name, values in read.pulls.of.items()}
        rest["pulls"] = {"own": read.pulls.own, "starved": read.pulls.starved}
    if read.shares is not None:
        named = read.shares._asdict()
        rest["labels"] = list(named.pop("labels"))
        arrays |= {f"shares.{name}": values for name, values in named.items()}
    return pack(arrays, rest)


class Whole(NamedTuple):
    """What a snapshot needs beside its parts."""

    run: str
    label: str
    config_json: str
    events: tuple[Any, ...]
    history: Columns


def snapshot_from(step: int, parts: Parts, whole: Whole) -> Snapshot:
    """The snapshot after iteration `step`: of tables, what had been read by then.

    Raises:
        ValueError: if a part is damaged.
    """
    given, facts = unpack(parts.given)
    moment, rest = unpack(parts.moment)
    surface = None
    if "discriminator" in moment:
        surface = Surface(given["x"], given.get("y"), moment["discriminator"], given.get("density"))
    readings, clock = _readings(step, parts.readings)
    return Snapshot(
        run=whole.run,
        label=whole.label,
        config_json=whole.config_json,
        step=step,
        status=rest["status"],
        history=whole.history,
        real_logits=moment["real_logits"],
        fake_logits=moment["fake_logits"],
        samples=moment["samples"],
        samples_ema=moment.get("samples_ema"),
        real=given["real"],
        surface=surface,
        events=tuple(event for event in whole.events if event.step <= step),
        value_source=facts["value_source"],
        facts=MappingProxyType(facts["facts"]),
        finite_step=rest["finite_step"],
        readings=replace(
            readings,
            zigzag=_table(moment["zigzag"], ZIGZAG),
            pulls=_pulls(moment, rest),
            shares=_shares(moment, rest),
        ),
        clock=clock,
    )


def _readings(step: int, body: bytes) -> tuple[Readings, Columns]:
    arrays, rest = unpack(body)
    floors = {name: Floor(*floor) for name, floor in rest["floors"].items()}
    too_few = rest["too_few"]
    readings = Readings(
        gaps=_until(step, arrays["gaps"], GAPS),
        quality=_until(step, arrays["quality"], tuple(rest["metrics"])),
        error_floor=Floor(*rest["error_floor"]) if rest["error_floor"] else None,
        floors=MappingProxyType(floors),
        samples=rest["samples"],
        too_few=(too_few[0], too_few[1]) if too_few else None,
        cost=Cost(limit=rest["limit"], seconds=MappingProxyType(rest["seconds"])),
    )
    return readings, _until(step, arrays["clock"], CLOCK)


def _pulls(arrays: Mapping[str, NDArray[Any]], rest: Mapping[str, Any]) -> Pulls | None:
    if "pulls" not in rest:
        return None
    of = {name: frozen(values) for name, values in _named(arrays, "pulls").items()}
    return Pulls(
        own=rest["pulls"]["own"], of=MappingProxyType(of), starved=rest["pulls"]["starved"]
    )


def _shares(arrays: Mapping[str, NDArray[Any]], rest: Mapping[str, Any]) -> Shares | None:
    if "labels" not in rest:
        return None
    return Shares(labels=tuple(rest["labels"]), **_named(arrays, "shares"))


def _named(arrays: Mapping[str, NDArray[Any]], group: str) -> dict[str, NDArray[Any]]:
    start = f"{group}."
    return {k.removeprefix(start): v for k, v in arrays.items() if k.startswith(start)}


def _values(table: Columns) -> NDArray[np.float64]:
    """Shape `(rows, columns)`."""
    return np.stack(list(table.values()), 1) if len(table) else np.empty((0, 0))


def _table(values: NDArray[np.float64], names: tuple[str, ...]) -> Columns:
    return Columns(values.copy(), names)


def _until(step: int, values: NDArray[np.float64], names: tuple[str, ...]) -> Columns:
    table = values.reshape(-1, len(names))
    return _table(table[table[:, 0] <= step], names)


def summary_of(snapshot: Snapshot) -> str:
    """What a table of many runs shows of one, as JSON: `value`, V of its last row; `quality`, each
    metric with its floor; `error`, G's error, and `best`, the best D that it is by."""
    gap = last_gap(snapshot.readings)
    rows = snapshot.history
    found = {
        "value": float(rows["value"][-1]) if rows.rows else None,
        "error": None if gap is None else gap.error,
        "best": None if gap is None else "optimal" if gap.optimal else "fresh",
        "quality": {name: list(found) for name, found in snapshot.quality.items()},
    }
    return json.dumps(found)
