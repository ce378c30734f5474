"""Every word in a chart comes from the catalogue, and every run is called by its label."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from ganviz import CHARTS, RunConfig, Trainer
from ganviz.readings import Cost, Readings
from ganviz.snapshot import Event, Snapshot
from tests.instrumented import COST, figure, full, lines, notes, plain, sparse, watched
from tests.pseudo import pseudo, unwrapped

SHOWN = ("name", "text", "ticktext", "customdata", "hovertemplate")
"""What a person reads of a figure, by key."""

NAMES = {"lr"}
"""Not words: `lr_d`, a field of the settings."""


@cache
def run(steps: int = 3, **changes: Any) -> Snapshot:
    settings: dict[str, Any] = {"width": 4, "depth": 1, "batch_size": 8} | changes
    trainer = Trainer(RunConfig(**settings))
    for _ in range(steps):
        trainer.step()
    return trainer.snapshot()


def cases() -> Iterator[tuple[str, dict[str, Snapshot]]]:
    """Runs by number, which is no word, of everything that a chart has words for."""
    edited = replace(watched(run(), full()), events=(Event(2, "lr_d", 0.1),))
    yield "no run", {}
    yield "all read", {"1": edited}
    yield "three", {"1": edited, "2": watched(run(loss="hinge"), sparse()), "3": run(0)}
    yield "alike", {"1": watched(run(), full()), "2": watched(run(seed=1), full())}
    yield "many modes", {"1": watched(run(dataset="grid"), full(modes=25))}
    yield "few rows", {"1": watched(run(), Readings(too_few=(12, 3_400), cost=COST))}
    yield "waiting", {"1": watched(run(), Readings(cost=COST))}
    yield "floors", {"1": watched(run(), replace(full(), floors={}, shares=None))}
    yield "off", {"1": watched(run(), Readings(cost=Cost(limit=0.0)))}
    yield "no V", {"1": run(loss="wasserstein", probe=False, penalty="wgan_gp")}
    yield "frozen", {"1": run(d_steps=0), "2": run(g_steps=0)}
    yield "a line", {"1": run(dataset="mixture"), "2": run(dataset="gaussian", probe=False)}
    yield "dimensions", {"1": run(dataset="projected_ring")}
    yield "images", {"1": run(dataset="digits")}


CASES = dict(cases())


def words(part: Any, key: str = "") -> Iterator[str]:
    """All that is read of a figure, markup and Plotly's placeholders apart."""
    if isinstance(part, dict):
        for name, inner in part.items():
            yield from words(inner, name)
    elif isinstance(part, list):
        for inner in part:
            yield from words(inner, key)
    elif isinstance(part, str) and key in SHOWN:
        yield re.sub(r"%\{[^}]*\}|<[^>]*>", " ", part)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("chart", list(CHARTS))
def test_no_word_bypasses_the_catalogue(chart: str, case: str) -> None:
    english = CHARTS[chart].facts["draws"](CASES[case]).to_json()
    with pseudo():
        shown = json.loads(CHARTS[chart].facts["draws"](CASES[case]).to_json())
    assert {word for text in words(shown) for word in unwrapped(text)} <= NAMES
    # What is drawn is the same in any language.
    unmarked = json.dumps(shown, ensure_ascii=False).replace("⟦", "").replace("⟧", "")
    assert json.loads(unmarked) == json.loads(english)


def test_the_search_for_words_finds_them() -> None:
    shown = json.loads(figure("value", full()).to_json())
    found = {word for text in words(shown) for word in unwrapped(text)}
    assert {"nats", "iteration", "batch", "mean", "always"} <= found


def test_runs_are_called_by_their_labels_and_else_by_their_ids() -> None:
    runs = {"8f3": replace(plain(), label="healthy"), "a07": plain()}
    names = lines(CHARTS["losses"].fn(runs))
    assert list(names)[:2] == ["healthy · L_D", "a07 · L_D"]
    points = {trace.name for trace in CHARTS["samples"].fn(runs).data if trace.name}
    assert points == {"healthy · data", "healthy · fakes", "a07 · data", "a07 · fakes"}
    alone = CHARTS["losses"].fn({"8f3": runs["8f3"]})
    assert "L_D" in lines(alone)


def test_lines_of_v_carry_their_run() -> None:
    runs = {"8f3": watched(replace(plain(), label="healthy"), full()), "a07": plain()}
    carried = [(t.name, t.meta) for t in CHARTS["value"].fn(runs).data if t.meta]
    assert carried == [
        ("healthy · V, trailing mean", {"run": "8f3", "part": "value"}),
        ("a07 · V, trailing mean", {"run": "a07", "part": "value"}),
    ]
    alone = CHARTS["value"].fn({"8f3": runs["8f3"]})
    of_v = [t.name for t in alone.data if t.meta == {"run": "8f3", "part": "value"}]
    assert of_v == ["V of one batch", "V, trailing mean"]


def test_an_edit_of_one_of_several_runs_says_whose_it_is() -> None:
    edited = replace(plain(), label="healthy", events=(Event(2, "lr_d", 0.1), Event(2, "lr_g", 1)))
    assert "lr_d 0.1<br>lr_g 1" in notes(CHARTS["value"].fn({"8f3": edited})).split("\n")
    both = notes(CHARTS["value"].fn({"8f3": edited, "a07": plain()}))
    assert "healthy · lr_d 0.1<br>lr_g 1" in both.split("\n")


def test_the_axis_of_shares_names_what_all_runs_agree_on() -> None:
    eight, three = figure("shares", full(modes=3), full(modes=8)).layout.xaxis, ("0", "1", "2")
    assert tuple(eight.ticktext) == tuple(map(str, range(8)))
    share = full(modes=3).shares
    assert share is not None
    assert share.labels == three
    named = replace(full(), shares=share._replace(labels=("ant", "bee", "cat")))
    assert not figure("shares", named, full(modes=8)).layout.xaxis.ticktext
    assert tuple(figure("shares", named, named).layout.xaxis.ticktext) == ("ant", "bee", "cat")


def test_too_few_rows_are_said_of_runs_that_all_have_too_few() -> None:
    few = [Readings(too_few=(rows, 3_400), cost=COST) for rows in (12, 30)]
    said = notes(figure("quality", *few))
    assert "run 0 · Too few rows for a floor<br>(12 rows; needs 3,400)" in said
    assert "run 1 · Too few rows for a floor<br>(30 rows; needs 3,400)" in said
    assert notes(figure("quality", few[0], Readings(cost=COST))) == "Not measured yet"


def test_losses_and_metrics_are_called_as_the_run_knows_them() -> None:
    """As a run that was kept does, though the registry has moved on."""
    kept = watched(plain(), full())
    facts = json.loads(json.dumps(dict(kept.facts)))
    facts["losses"]["minimax"] = "The old minimax"
    facts["metrics"]["jsd"] |= {"short": "the old JSD", "place": 8}
    old = replace(kept, facts=facts)
    assert "The old minimax (this run)" in lines(CHARTS["saturation"].fn({"r": old}))
    titles = notes(CHARTS["quality"].fn({"r": old})).split("\n")
    assert [title.split("<br>")[0] for title in titles].index("the old JSD") == 4
    unknown = replace(kept, facts={})
    assert "nearest training" in notes(CHARTS["quality"].fn({"r": unknown}))
    assert "minimax (this run)" in lines(CHARTS["saturation"].fn({"r": unknown}))


def test_margins_leave_room_for_the_axes_of_all_runs() -> None:
    digits, line, ring = run(dataset="digits"), run(dataset="gaussian"), run()
    left = {
        name: CHARTS["samples"].fn(runs).layout.margin.l
        for name, runs in {
            "images": {"1": digits},
            "both": {"1": ring, "2": digits},
            "line": {"1": line, "2": digits},
        }.items()
    }
    assert left["images"] < left["both"] == left["line"]
