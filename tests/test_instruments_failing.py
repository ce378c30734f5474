"""Whatever an instrument fails at switches off that one alone: the run outlives it."""

from collections.abc import Iterator

import pytest

from ganviz import Trainer
from ganviz.instruments import Instrument, Meter, Panel, Quality, Saturation, Watcher, Zigzag
from tests.measuring import CONFIG, Clock, finish


def contract(kind: type) -> list[str]:
    """Whatever an instrument of that kind may be asked."""
    found = {name: what for base in kind.__mro__ for name, what in vars(base).items()}
    return sorted(
        name
        for name, what in found.items()
        if (callable(what) or isinstance(what, property)) and not name.startswith("_")
    )


ASKED = [(kind, name) for kind in (Meter, Watcher) for name in contract(kind)]


def test_the_contract_is_what_it_is_thought_to_be() -> None:
    of_all = {"add_to", "rewind"}
    assert {*contract(Meter)} == of_all | {"measure", "pace", "tells_error"}
    assert {*contract(Watcher)} == of_all | {"begin", "note", "stop", "watching"}


@pytest.mark.parametrize(("kind", "name"), ASKED)
def test_whatever_it_fails_at_switches_it_off_alone(
    kind: type, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Instrument, *_: object) -> None:
        raise OSError("no ruler")

    one: type[Instrument] = Quality if kind is Meter else Zigzag
    found = next(vars(base)[name] for base in one.__mro__ if name in vars(base))
    monkeypatch.setattr(one, name, property(broken) if isinstance(found, property) else broken)
    if name == "stop":  # which is asked of one that has failed
        monkeypatch.setattr(Zigzag, "note", broken)
    monkeypatch.setattr("ganviz.instruments.fresh.MOST_UPDATES", 100)
    clock = Clock()
    panel = Panel(Trainer(CONFIG).lens(), 0.5, clock)
    for step in (1, 2):
        panel.watch(step - 1)
        panel.after(step)
        panel.ask(light=True)
        finish(panel, step)
        clock.now += 10.0
        panel.spend(step)
        panel.readings(now=True)
    assert panel.readings().gaps["step"].tolist() == [1, 2]
    panel.rewind(1)
    readings = panel.readings(now=True)
    label = "quality" if kind is Meter else "zig-zag"
    assert str(panel.notice) == f"Instruments that failed and are off: {label} (no ruler)"
    assert readings.gaps["step"].tolist() == [1]
    assert readings.pulls is None  # of a later moment
    if name in ("add_to", "rewind"):
        assert readings.quality.rows * (kind is Meter) == 0
        assert readings.zigzag.rows * (kind is Watcher) == 0


def test_what_it_has_read_before_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Saturation, step: int) -> Iterator[float]:
        raise OSError("no ruler")

    panel = Panel(Trainer(CONFIG).lens(), 0.15)
    panel.ask(light=True)
    finish(panel, 2)
    monkeypatch.setattr(Saturation, "measure", broken)
    panel.ask(light=True)
    finish(panel, 3)
    assert "saturation (no ruler)" in str(panel.notice)
    assert panel.readings(now=True).pulls is not None
    panel.rewind(1)
    assert panel.readings(now=True).pulls is None
