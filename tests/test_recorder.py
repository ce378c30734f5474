"""Rows are recorded and handed on once, wherever an interrupt comes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np
import torch

from ganviz.columns import Columns
from ganviz.snapshot import History
from ganviz.trainer.halves import Scalars
from ganviz.trainer.recorder import Recorder

CODES = [f.__code__ for f in (Recorder.flush, History.append, History._append_thin)]
ROWS = 12


class Interrupt(KeyboardInterrupt):
    """Nobody else's."""


@contextmanager
def interrupted_at(line: int) -> Iterator[None]:
    """An interrupt comes before the line of that number that is run in `CODES`."""
    left = line

    def within(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal left
        left -= event == "line"
        if left < 0:
            raise Interrupt
        return within

    before = sys.gettrace()
    sys.settrace(lambda frame, event, arg: within if frame.f_code in CODES else None)
    try:
        yield
    finally:
        sys.settrace(before)


class Listened:
    """A recorder with two who take its rows; it has recorded some, and handed on the first two."""

    def __init__(self, capacity: int) -> None:
        self.history = History(capacity, decimated=5)
        self.recorder = Recorder(self.history)
        self.taken: list[list[float]] = [[], []]
        self.recorder.hand_rows_to(lambda rows: self.take(0, rows))
        self.recorder.hand_rows_to(lambda rows: self.take(1, rows))
        self.record(1, 2)
        self.recorder.flush()
        self.record(3, ROWS - 2)

    def take(self, who: int, rows: Columns) -> None:
        self.taken[who] += rows["step"].tolist()

    def record(self, first: int, last: int) -> None:
        for step in range(first, last + 1):
            logits = torch.randn(4, generator=torch.Generator().manual_seed(step))
            scalars = Scalars(*(step + k / 10 for k in range(5)))
            self.recorder.record(step, logits, logits + 1, logits - 1, scalars)


def interrupted(line: int, capacity: int) -> Listened | None:
    """A flush interrupted before a line, and two further rows; None: it has fewer lines."""
    listened = Listened(capacity)
    try:
        with interrupted_at(line):
            listened.recorder.flush()
    except Interrupt:
        listened.record(ROWS - 1, ROWS)
        listened.recorder.flush()
        return listened
    return None


def test_an_interrupted_flush_neither_repeats_nor_loses_a_row() -> None:
    whole, line = Listened(100), 0
    whole.record(ROWS - 1, ROWS)
    whole.recorder.flush()
    while listened := interrupted(line, 100):
        for found, expected in (
            (listened.history.columns(), whole.history.columns()),
            (listened.history.decimate(), whole.history.decimate()),
        ):
            for name, column in expected.items():
                assert np.array_equal(found[name], column), (line, name)
        # Whoever was interrupted in taking a block may get it again, nobody else does.
        assert [sorted(set(steps)) for steps in listened.taken] == whole.taken, line
        assert min(map(len, listened.taken)) == ROWS, line
        line += 1
    assert line > 100  # it was interrupted within the rows too


def test_an_interrupted_flush_repeats_no_row_where_the_history_is_full() -> None:
    line = 0
    while listened := interrupted(line, 6):
        steps = listened.history["step"].tolist()
        assert (steps[0], steps[-1]) == (1, ROWS), line
        assert steps == sorted(set(steps)), line
        line += 1
    assert line > 100


def test_a_taker_that_is_let_go_takes_no_more() -> None:
    history = History()
    recorder, steps = Recorder(history), list[float]()
    let_go = recorder.hand_rows_to(lambda rows: steps.extend(rows["step"]))
    for step in (1, 2):
        recorder.record(step, None, None, None, Scalars(*[0.0] * 5))
    recorder.flush()
    let_go()
    recorder.record(3, None, None, None, Scalars(*[0.0] * 5))
    recorder.flush()
    assert steps == [1, 2]
    assert history["step"].tolist() == [1, 2, 3]
