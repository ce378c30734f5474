"""The instruments take no more than their share of the time, and say when news is due."""

from collections.abc import Iterator

import pytest

from ganviz import Trainer
from ganviz.instruments import Floors, Fresh, Gaps, Panel, Quality, Saturation, Zigzag
from tests.measuring import CONFIG, Clock, finish


def costing(monkeypatch: pytest.MonkeyPatch, clock: Clock, seconds: float) -> None:
    """Every slice of the gaps costs so much; nothing else costs anything."""

    def measure(self: Gaps, step: int) -> Iterator[float]:
        for k in range(4):
            clock.now += seconds
            yield k / 4
        self.add(step=step)

    for kind in (Saturation, Quality, Floors, Fresh):
        monkeypatch.setattr(kind, "measure", lambda self, step: iter(()))
    monkeypatch.setattr(Gaps, "measure", measure)
    monkeypatch.setattr(Floors, "complete", True)
    monkeypatch.setattr(Zigzag, "begin", lambda self, step, iterations: None)


@pytest.mark.parametrize("share", [0.05, 0.15, 0.5])
def test_they_take_their_share_of_the_time_and_no_more(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    costing(monkeypatch, clock, 0.02)
    panel = Panel(Trainer(CONFIG).lens(), share, clock)
    spent = 0.0
    for step in range(60_000):
        clock.now += 0.001
        before = clock.now
        panel.spend(step)
        spent += clock.now - before
    # The gaps are measured once a second, four slices of 0.02 s: they want 0.08 of the time.
    wanted = min(share, 0.08 / 1.0)
    assert spent / clock.now == pytest.approx(wanted, rel=0.15)
    assert panel.readings().cost.limit == share
    assert panel.readings().cost.share == pytest.approx(wanted, abs=0.06)
    assert panel.readings().cost.seconds["gaps"] == pytest.approx(spent, abs=0.1)


def test_switched_off_they_are_not_even_built() -> None:
    panel = Panel(Trainer(CONFIG).lens(), 0.0)
    panel.rest()
    for step in range(10):
        panel.watch(step)
        panel.spend(step)
        panel.after(step)
        panel.ask()
    assert panel._slots == []
    assert not panel.asked
    readings = panel.readings(now=True)
    assert readings.gaps.rows == readings.zigzag.rows == readings.quality.rows == 0
    assert readings.cost.limit == 0
    assert readings.cost.next is None
    assert dict(readings.latest_quality) == {}


def test_what_was_measured_at_rest_is_not_charged_to_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    costing(monkeypatch, clock, 2.0)
    panel = Panel(Trainer(CONFIG).lens(), 0.15, clock)
    panel.ask()
    finish(panel, 0)
    clock.now += 60
    panel.rest()
    rows = panel.readings(now=True).gaps.rows
    for step in range(1, 100):
        clock.now += 0.01
        panel.spend(step)
    # Four slices of two seconds at rest are nobody's: the next measurement begins at once.
    gaps = next(slot for slot in panel._slots if slot.name == "gaps")
    assert gaps.started > 60
    assert rows == 1


def test_when_the_next_error_comes_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    costing(monkeypatch, clock, 0.001)
    panel = Panel(Trainer(CONFIG).lens(), 0.5, clock)
    assert panel.readings(now=True).cost.next == 5.0  # not built: at most so long
    for step in range(100):
        clock.now += 0.05
        panel.spend(step)
    cost = panel.readings(now=True).cost
    assert cost.next is not None
    assert 0 <= cost.next <= 1  # V of the optimal D, once a second
    panel.share = 0.0
    assert panel.readings(now=True).cost.next is None


def test_where_no_density_is_known_a_fresh_d_is_waited_for() -> None:
    clock = Clock()
    panel = Panel(Trainer(CONFIG.replace(dataset="moons")).lens(), 0.5, clock)
    clock.now = 1.0
    panel.spend(1)
    clock.now = 3.0
    # The first is due five seconds after the instruments were built.
    assert panel.readings().cost.next == pytest.approx(3.0, abs=0.01)
    panel.ask()
    assert panel.readings(now=True).cost.next == 0.0
    panel.drop()
    assert panel.readings(now=True).cost.busy is None
