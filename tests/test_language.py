"""Every word of the page comes from the catalogue, whatever the page shows."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ganviz import RunConfig, Session, Target
from ganviz.config import settings
from ganviz.config.schema import REGISTRIES
from ganviz.ui import board, language, state
from tests.app_page import ended, fill, opened, pick, press, session_of, tab_of
from tests.pseudo import PSEUDO, pseudo, unwrapped
from tests.stand_ins import write_csv

LONG = "10000000"

FIELDS = tuple(word for name in settings() for word in re.findall(r"[^\W\d_]+", name))
"""Of which a message on an unknown one names all."""

DIRECTIVE = re.compile(r":[a-z]+(-badge)?\[")
"""Markdown's colours."""


class Payloads:
    """Stands for the board's component: keeps what it is given."""

    def __init__(self) -> None:
        self.newest: dict[str, Any] = {}

    def __call__(self, *, data: bytes, **_: Any) -> None:
        self.newest = json.loads(data)

    @property
    def words(self) -> list[str]:
        shown, numbers = self.newest, self.newest["numbers"]
        rows = [cell for row in numbers["rows"] for cell in row if isinstance(cell, str)]
        said = [shown["hint"], numbers["title"], numbers["verdict"], *numbers["head"], *rows]
        return [*said, *shown["titles"].values(), *shown["captions"].values()]


@pytest.fixture(autouse=True)
def payloads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Payloads]:
    """The page speaks the language of brackets."""
    monkeypatch.setattr(language, "spoken", lambda: PSEUDO)
    kept = Payloads()
    monkeypatch.setattr(board, "_board", kept)
    with pseudo():
        yield kept
    state.RUNS.clear()


def words(app: AppTest) -> list[str]:
    """All that stands on the page, but what the board shows."""
    said = [
        part.value for kind in (app.markdown, app.caption, app.error, app.info) for part in kind
    ]
    said += [part.label for part in app.expander]
    for kind in (app.button, app.selectbox, app.checkbox, app.text_input, app.text_area):
        for control in kind:
            said += [control.label, control.help or ""]
            said += getattr(control, "options", [])
    return said


def bare(app: AppTest, payloads: Payloads, *names: str) -> list[str]:
    """Words that did not come from the catalogue; `names` may stand as they are."""
    assert not app.exception
    said = [DIRECTIVE.sub("", text) for text in [*words(app), *payloads.words]]
    found = [word for text in said for word in unwrapped(text)]
    return [word for word in found if word not in names]


def test_the_page_that_waits(payloads: Payloads) -> None:
    app = opened()
    assert bare(app, payloads) == []
    assert "⟦" in app.button(key="start").label
    assert len(words(app)) > 150


@pytest.mark.parametrize("owner", sorted(REGISTRIES))
def test_everything_that_can_be_picked(payloads: Payloads, owner: str) -> None:
    app = opened()
    offered = app.selectbox(key=owner).options
    names = [name for name, entry in REGISTRIES[owner].items() if f"⟦{entry.label}⟧" in offered]
    assert names
    for name in names:
        pick(app, owner, name)
        assert bare(app, payloads, "ring", *names) == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"width": "abc"}, ("abc",)),
        ({"widht": "64"}, ("widht", *FIELDS)),
        ({"run": "feedbeef"}, ("feedbeef",)),
        ({"dataset": "custom"}, ()),
        ({"label_smoothing": "0.1", "loss": "hinge"}, ("hinge",)),
        ({"dataset": "images", "network": "dcgan"}, ()),
        ({"d_steps": "0", "g_steps": "0"}, ()),
    ],
)
def test_what_is_wrong_with_an_address(
    payloads: Payloads, query: dict[str, str], names: tuple[str, ...]
) -> None:
    assert bare(opened(**query), payloads, *names) == []


def test_what_is_wrong_with_a_form_and_what_is_answered(payloads: Payloads) -> None:
    app = opened(width="8", steps=LONG)
    press(app, "measure")
    assert bare(app, payloads) == []
    fill(app, "steps", "x")
    fill(app, "packing", 3)
    fill(app, "instruments", 80)
    press(app, "start")
    assert bare(app, payloads) == []
    for field, value in (("steps", LONG), ("packing", 1), ("instruments", 0)):
        fill(app, field, value)
    press(app, "start")
    press(app, "measure")
    fill(app, "width", 16)
    assert bare(app, payloads) == []
    fill(app, "width", 8)
    press(app, "start")
    assert bare(app, payloads) == []
    for button in ("pause", "stop", "reset"):
        press(app, button)
        assert bare(app, payloads) == []


@pytest.mark.parametrize(
    "query",
    [
        {"dataset": "gaussian", "latent_dim": "1"},
        {"loss": "wasserstein", "probe": "false"},
        {"loss": "hinge", "instance_noise": "0.1", "ema": "0.9"},
        {"dataset": "digits", "network": "conv", "batch_size": "64"},
        {"lr_d": "1.0", "lr_g": "1.0", "depth": "8", "width": "64"},
        {"compile": "true", "packing": "2"},
    ],
)
def test_a_run_to_its_end(payloads: Payloads, query: dict[str, str]) -> None:
    app = opened(**({"width": "8", "steps": "60"} | query))
    press(app, "start")
    assert bare(app, payloads) == []
    ended(app)
    assert bare(app, payloads) == []


def test_a_run_that_was_measured(payloads: Payloads) -> None:
    app = opened(dataset="gaussian", latent_dim="1", width="8", depth="1", steps="60")
    press(app, "start")
    deadline = time.monotonic() + 120
    while session_of(app).live or session_of(app).measuring:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    app.run()
    assert len(payloads.newest["numbers"]["rows"]) > 3
    assert bare(app, payloads) == []


def test_a_run_that_failed(payloads: Payloads) -> None:
    app = opened(width="8")

    def broken(n: int, rng: object) -> object:
        raise OSError("disk")

    target = Target(broken, 2, shift=0.0, scale=1.0)  # type: ignore[arg-type]
    session = Session(RunConfig(steps=50, width=8), target=target)
    state.RUNS.add(session, "")
    tab_of(app).turn_to(session)
    session.start()
    ended(app)
    assert bare(app, payloads, "disk") == []


def test_data_of_ones_own(payloads: Payloads, tmp_path: Path) -> None:
    rows = "".join(f"{n},{n % 7},\n" for n in range(300))
    path = write_csv(tmp_path, "x,y,z\n" + rows)
    app = opened(**{"dataset": "csv", "dataset_options.file": path})
    assert bare(app, payloads, "data", "csv") == []
    fill(app, "dataset_options.columns", "q")
    assert bare(app, payloads, "data", "csv") == []
