"""What the Compare page shows of kept runs, as tables."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ganviz.config import ConfigError, RunConfig
from ganviz.config.naming import SEEDS, differences, grouped, label_of, named, short, told_apart
from ganviz.diagnosis import inside, like_real
from ganviz.diagnosis.outcome import seed_noise
from ganviz.digits import significant
from ganviz.say import Message, Text, _, say
from ganviz.snapshot import Snapshot
from ganviz.store import KeptRun
from ganviz.ui.text import compare as words

Floors = tuple[float, float, float]


def table(runs: Sequence[KeptRun]) -> pd.DataFrame:
    """A row for each run, newest first."""
    frame = pd.DataFrame([_row(run) for run in runs], columns=list(words.COLUMNS))
    frame["created"] = pd.to_datetime(frame["created"], unit="s", utc=True)
    return frame


def _row(run: KeptRun) -> dict[str, Any]:
    config, summary = json.loads(run.config_json), run.summary
    quality: Mapping[str, Floors] = summary.get("quality", {})
    return {
        "name": run.label,
        "status": run.status,
        "created": run.created,
        "step": run.step,
        "dataset": config.get("dataset"),
        "loss": config.get("loss"),
        "penalty": config.get("penalty"),
        "seed": config.get("seed"),
        "value": summary.get("value"),
        "error": summary.get("error"),
        "real": f"{like_real(quality)}/{len(quality)}" if quality else "",
        "tags": list(run.tags),
        "id": run.id,
    }


def found(runs: Sequence[KeptRun], search: str, statuses: Sequence[str]) -> list[KeptRun]:
    """The runs that hold every word of `search` and have one of `statuses`; none: any."""
    sought = search.lower().split()
    return [
        run
        for run in runs
        if (not statuses or run.status in statuses) and all(word in _text(run) for word in sought)
    ]


def _text(run: KeptRun) -> str:
    """All that a run can be found by."""
    said = (run.id, run.label, run.notes, *run.tags, run.status, run.config_json)
    return " ".join(said).replace('"', "").lower()


def configs(runs: Sequence[KeptRun]) -> dict[str, RunConfig]:
    """Settings by id, of the runs whose settings this version knows."""
    known = {}
    for run in runs:
        try:
            known[run.id] = RunConfig.from_json(run.config_json)
        except ConfigError:
            continue
    return known


def names(runs: Sequence[KeptRun]) -> dict[str, Text]:
    """What runs are called: as a person called them, else by what differs, else by their ids."""
    by_difference = named(known) if len(known := configs(runs)) > 1 else {}
    called = {
        run.id: run.label if run.label != run.id else by_difference.get(run.id, run.id)
        for run in runs
    }
    return told_apart(called)


def groups(
    runs: Sequence[KeptRun], by: str | None
) -> tuple[dict[str, tuple[str, ...]], dict[str, Text]]:
    """Groups of two and more runs by a key of each, and what each group is called."""
    if by is None:
        return {}, {}
    known = configs(runs)
    several = {"+".join(ids): ids for ids in grouped(known, by).values() if len(ids) > 1}
    if by != SEEDS:
        called = {key: _value(known[ids[0]], by) for key, ids in several.items()}
        return several, called
    plain = {key: known[ids[0]].replace(seed=0) for key, ids in several.items()}
    alone = {run: config for run, config in known.items() if not _in(several, run)}
    return several, {
        key: name if len(plain) + len(alone) > 1 else _("all seeds")
        for key, name in named(plain | alone).items()
        if key in several
    }


def _in(several: Mapping[str, Sequence[str]], run: str) -> bool:
    return any(run in ids for ids in several.values())


def _value(config: RunConfig, by: str) -> Text:
    return _("{setting} {value}", setting=label_of(by), value=short(getattr(config, by)))


def what_differs(runs: Sequence[KeptRun]) -> pd.DataFrame:
    """A row for each setting in which the runs differ, a column for each run."""
    called = names(runs)
    rows = {
        say(label_of(name)): {say(called[run]): _shown(value) for run, value in values.items()}
        for name, values in differences(configs(runs)).items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def _shown(value: Any) -> str:
    return "–" if value is None else short(value)


def quality(
    moments: Mapping[str, Snapshot],
    called: Mapping[str, Text],
    sets: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """A row for each metric, with its floor, a column for each run or group of runs.

    ★: the best, where it is beyond the noise of the next; ✓: not to be told from real data. Of a
    group, mean ± standard deviation.

    Args:
        moments: id to newest moment.
        called: what runs and groups are called.
        sets: groups, by their key.
    """
    sides = {key: ids for key, ids in sets.items() if all(run in moments for run in ids)}
    grouped_ids = {run for ids in sides.values() for run in ids}
    sides |= {run: (run,) for run in moments if run not in grouped_ids}
    metrics = dict.fromkeys(m for s in moments.values() for m in s.quality)
    rows: dict[str, dict[str, str]] = {}
    for metric in metrics:
        facts = next(s.facts["metrics"][metric] for s in moments.values() if metric in s.quality)
        low, high = next(s.quality[metric][1:] for s in moments.values() if metric in s.quality)
        values = {
            side: [moments[run].quality[metric][0] for run in ids if metric in moments[run].quality]
            for side, ids in sides.items()
        }
        values = {side: numbers for side, numbers in values.items() if numbers}
        best = best_of(values, facts["best"], low, high)
        width = max(abs(low), abs(high))
        floor = _("{low} to {high}", low=significant(low, width), high=significant(high, width))
        rows[say(Message(facts["label"]))] = {say(_("real data, 99 %")): str(floor)} | {
            say(called.get(side, side)): _cell(numbers, low, high, marked=side == best)
            for side, numbers in values.items()
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def best_of(
    values: Mapping[str, Sequence[float]], best: str, low: float, high: float
) -> str | None:
    """Who has the best mean, if it is from every other beyond the floor's width and the seeds'
    noise; else None. Values that cannot be told from real data are equally good.

    >>> best_of({"a": [0.1], "b": [0.5]}, "low", 0.0, 0.05)
    'a'
    >>> best_of({"a": [0.1], "b": [0.12]}, "low", 0.0, 0.05)
    >>> best_of({"a": [0.1], "b": [0.2, 0.8]}, "low", 0.0, 0.05)
    """

    def badness(side: str) -> float:
        value = float(np.mean(values[side]))
        off = {"low": value - high, "high": low - value}.get(best, max(low - value, value - high))
        return max(off, 0.0)

    first, *others = sorted(values, key=badness)
    for other in others:
        doubt = max(high - low, seed_noise(values[first], values[other]))
        if not badness(other) - badness(first) > doubt:
            return None
    return first if others else None


def _cell(numbers: Sequence[float], low: float, high: float, *, marked: bool) -> str:
    mean, width = float(np.mean(numbers)), max(abs(low), abs(high))
    shown = significant(mean, max(abs(mean), width))
    if len(numbers) > 1:
        shown += f" ± {significant(float(np.std(numbers, ddof=1)), max(abs(mean), width))}"
    return f"{shown}{' ✓' if inside(mean, low, high) else ''}{' ★' if marked else ''}"
