"""The way of a history's rows to the sinks: all of them, once, oldest first."""

from collections.abc import Callable

from ganviz.columns import Array, Columns
from ganviz.trainer import Trainer


def hand_rows_to(trainer: Trainer, take: Callable[[Columns], None]) -> None:
    """Call `take` with every row that `trainer` records from now on, a block at a time."""
    history = trainer.history
    append = history.append

    def append_and_hand_on(rows: Array) -> None:
        append(rows)
        take(Columns(rows.copy()))

    history.append = append_and_hand_on  # type: ignore[method-assign]


def hand_on(trainer: Trainer) -> None:
    """Hand on what is recorded and waits for its block to be full."""
    len(trainer.history)
