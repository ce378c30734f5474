"""The limit on the instruments' time, over any ten seconds, with made-up clocks and costs."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from ganviz.instruments.budget import SAVED_SECONDS, WINDOW_SECONDS, Budget


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Day:
    """A run whose instruments always have something to do."""

    share: float
    clock: Clock = field(default_factory=Clock)
    spent: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.budget = Budget(self.clock)

    def spend(self, seconds: float, *, apart: bool = False) -> None:
        began = self.clock.now
        self.clock.now += seconds
        self.budget.charge(began, apart=apart)
        if not apart:
            self.spent.append((self.clock.now, seconds))

    def iterate(self, seconds: float, cost: float) -> None:
        self.clock.now += seconds
        self.budget.earn(self.share)
        while self.budget.allows(cost, self.share):
            self.spend(cost)

    def most(self) -> float:
        """The most that was spent in any ten seconds, by trying the windows that end at a slice."""
        ends = np.array([end for end, _ in self.spent])
        costs = np.array([cost for _, cost in self.spent])
        return max(float(costs[(ends > e - WINDOW_SECONDS) & (ends <= e)].sum()) for e in ends)


@pytest.mark.parametrize("share", [0.02, 0.15, 0.5])
@pytest.mark.parametrize("cost", [0.001, 0.05, 0.19])
def test_no_ten_seconds_hold_more_than_the_limit(share: float, cost: float) -> None:
    day = Day(share)
    while day.clock.now < 60:
        day.iterate(0.002, cost)
    assert day.most() <= share * WINDOW_SECONDS + 1e-9
    # Nor is the time wasted: most of it is used.
    assert day.most() >= 0.8 * share * WINDOW_SECONDS - cost


def test_a_run_that_stands_still_for_a_while_does_not_save_up_for_a_burst() -> None:
    day = Day(0.15)
    day.iterate(30.0, 0.01)
    assert sum(cost for _, cost in day.spent) <= SAVED_SECONDS + 0.01


def test_a_slice_longer_than_the_limit_has_ten_seconds_for_itself() -> None:
    day = Day(0.01)  # a tenth of a second
    while day.clock.now < 60:
        day.iterate(0.01, 0.4)
    ends = np.array([end for end, _ in day.spent])
    assert 1 <= len(ends) <= 6
    assert (np.diff(ends) >= WINDOW_SECONDS).all()


def test_what_is_apart_is_told_apart_and_ends_with_its_window() -> None:
    day = Day(0.15)
    day.clock.now = 1.0
    day.spend(0.8, apart=True)
    day.spend(0.2)
    assert day.budget.apart == pytest.approx(0.8)
    assert day.budget.share == pytest.approx(0.02)
    # It is owed no longer than what can be saved: two seconds at 15 %.
    day.iterate(0.1, 0.01)
    assert len(day.spent) == 1
    for _ in range(400):
        day.iterate(0.01, 0.01)
    assert len(day.spent) > 1
    day.clock.now += 20
    assert day.budget.apart == day.budget.share == 0


def test_a_rest_earns_nothing_and_is_owed_nothing() -> None:
    day = Day(0.15)
    day.spend(5.0, apart=True)
    day.clock.now += 3600
    day.budget.rest()
    day.iterate(0.0, 0.01)
    assert day.spent == []
    day.iterate(0.01, 0.01)
    assert len(day.spent) == 1
