"""Everything that is said of a run comes from the catalogue: nothing bypasses it but names."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from ganviz import INSTRUMENTS, PRESETS, words
from ganviz.cli import main
from ganviz.columns import COLUMNS, Columns
from ganviz.readings import Cost, Readings
from ganviz.report import report
from ganviz.say import Text, say
from ganviz.snapshot import Snapshot, Status
from tests.instrumented import full, gaps, sparse
from tests.moments import FLOOR, read, snapshot
from tests.pseudo import pseudo, unwrapped

KINDS: Mapping[str, dict[str, Any]] = {
    "logit": {},
    "one g": {"ema": 0.0},
    "playing": {"which_g": "playing"},
    "probe": {"loss": "hinge"},
    "no probe": {"loss": "wasserstein", "probe": False},
    "packing": {"packing": 2},
    "packing, no probe": {"packing": 2, "probe": False},
    "whole batch": {"minibatch_std": True, "probe": False},
    "tricks": {"instance_noise": 0.1, "label_smoothing": 0.1, "unroll": 1},
    "line": {"dataset": "gaussian", "latent_dim": 1},
    "smoothed line": {"dataset": "gaussian", "latent_dim": 1, "label_smoothing": 0.1},
    "probed line": {"dataset": "gaussian", "loss": "hinge"},
    "images": {"dataset": "digits", "network": "conv"},
    "many dimensions": {"dataset": "projected_ring"},
}

STATUSES: tuple[Status, ...] = ("running", "paused", "finished", "stopped", "failed", "diverged")


def series(**columns: Any) -> Readings:
    """Measurements one after the other, with a floor."""
    n = max(np.size(column) for column in columns.values())
    return Readings(gaps=gaps(step=600.0 * np.arange(1, n + 1), **columns), error_floor=FLOOR)


def readings() -> Iterator[Readings]:
    """Of all kinds: every trend, every size of G's error, either best D, every state of a panel."""
    yield from (Readings(), full(), sparse(), replace(full(), error_floor=None))
    yield Readings(cost=Cost(limit=0.15), too_few=(60, 1_000))
    yield replace(full(), floors=MappingProxyType({}), cost=Cost(limit=0.15))
    yield replace(read(jsd=(0.2, 0.0, 0.1), modes=(8.0, 8.0, 8.0)), shares=None)
    rests = Cost(limit=0.15, apart=0.5, share=0.1)
    busy = (
        replace(rests, busy=name, doing=entry.doing, progress=0.4)
        for name, entry in INSTRUMENTS.items()
        if "doing" in entry.needs
    )
    for cost in (rests, *busy):
        for after in (3.2, 0.0, None):
            yield Readings(cost=replace(cost, next=after))
            yield replace(full(), cost=replace(cost, next=after))
    for v in (-0.1, -1.2, -1.386, -1.8, np.nan):
        for best in (-0.01, -0.25, -1.2, -1.36, -1.386):
            for kind in ("optimal", "fresh"):
                yield series(value=v, value_se=0.01, fresh_se=0.01, **{kind: best})
        yield series(value=v, optimal=-0.92, fresh=-0.73, fresh_se=0.01)
    for errors in (
        [1.2, 0.9, 0.7, 0.5],
        [0.3, 0.5, 0.8, 1.2],
        [0.2] * 6,
        [0.01, 0.03, 0.05, 0.068],
    ):
        yield series(value=-1.38, optimal=np.array(errors) - 1.3863)
        yield series(value=-0.9, optimal=np.array(errors) / 5 - 1.3863)
    yield series(value=[-1.0, -1.0], held_out=[-1.4, -1.4], memorised_se=0.01, optimal=-0.25)


def said_of(shown: Snapshot | None, status: Status) -> Iterator[Text]:
    """All that is said of a moment."""
    yield from words.captions(shown).values()
    yield words.meaning(shown, status)
    yield words.verdict(shown)
    for row in words.numbers(shown):
        yield from row[:-1]


def moments(changes: dict[str, Any]) -> Iterator[Snapshot]:
    """Of one kind of run: with all readings, every V, and after it has diverged."""
    shown = snapshot(**changes)
    for found in readings():
        yield replace(shown, readings=found)
        yield replace(shown, readings=found, step=10_000)
    rows = np.stack([shown.history[name] for name in COLUMNS], 1).repeat(40, 0)
    for v in (-0.1, -0.8, -1.2, -1.386, -1.7, np.nan):
        rows[:, COLUMNS.index("value")], rows[:, COLUMNS.index("value_se")] = v, 0.01
        yield replace(shown, history=Columns(rows.copy()))
    far = None if shown.samples_ema is None else 99 * shown.samples_ema + 5
    yield replace(shown, finite_step=2, samples=99 * shown.samples + 5, samples_ema=far)


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_is_said_of_a_run_comes_from_the_catalogue(kind: str) -> None:
    seen = set()
    with pseudo():
        for moment in moments(KINDS[kind]):
            for status in STATUSES:
                for text in said_of(replace(moment, status=status), status):
                    seen.add(say(text))
    assert len(seen) > 100
    assert {text: found for text in seen if (found := unwrapped(text))} == {}


def test_so_does_what_is_said_before_there_is_a_run_and_in_one_line() -> None:
    with pseudo():
        lines = [*map(say, said_of(None, "idle")), *map(say, said_of(None, "running"))]
        lines += map(say, words.HEAD)
        for status in (*STATUSES, "idle"):
            doing = words.under_way(INSTRUMENTS["quality"].doing, 0.3)
            lines.append(say(words.headline(status, 1234, 56.7, words.INSTRUMENTS_OFF, doing)))
    assert {text: found for text in lines if (found := unwrapped(text))} == {}


NAMES = {"ganviz", "html", "utf", "en", "history", "csv", "config", "json", "report", "train"}
"""Of the program, its files and its settings."""

TINY = ["train", "--set", "steps=5", "--set", "width=8", "--set", "batch_size=16"]


def visible(page: str) -> str:
    """The text of an HTML page, without scripts, styles and what is quoted as it is."""
    for element in ("script", "style", "pre"):
        page = re.sub(f"<{element}\\b.*?</{element}>", " ", page, flags=re.DOTALL)
    return html.unescape(re.sub("<[^>]*>", " ", page))


def test_so_does_a_report(tmp_path: Path) -> None:
    shown = replace(snapshot(instance_noise=0.1), readings=full())
    with pseudo():
        seen = visible(report(shown, ["a note"]))
    assert "⟦Settings⟧" in seen
    assert "⟦outside⟧" in seen
    names = {"non", "saturating", "ring"}  # of loss and dataset, as in `--set`
    assert set(unwrapped(seen)) <= NAMES | names


def test_so_does_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x"
    with pseudo():
        assert main([*TINY, "--out", str(out)]) == 0
        with pytest.raises(SystemExit):
            main(["train", "--help"])
    done = capsys.readouterr()
    ran, _, usage = done.out.replace(str(out), "").partition("usage:")
    said = re.sub(r"\b[0-9a-f]{8}\b", "", ran + done.err)  # the run's id
    assert set(unwrapped(said)) <= NAMES | {"it"}
    # The words of Python's own parser, and what is typed.
    typed = "preset set out share no store PRESET KEY VALUE DIR PART"
    typed += " options show this help message and exit"
    presets = {word for name in PRESETS for word in name.split("_")}
    assert set(unwrapped(usage)) <= NAMES | set(typed.split()) | presets
