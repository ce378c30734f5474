"""Runs checks and prints what came of them, row by row as they are measured."""

import math
import time
from collections.abc import Callable, Iterable, Iterator

from ganviz.registry import Entry
from ganviz.say import Message, _, say
from ganviz.trainer import one_thread
from ganviz.verify.base import CHECKS, Check, Row


def selected(*, full: bool) -> list[Entry[Check]]:
    """The quick checks, or all of them, in the order in which they are registered."""
    return [entry for entry in CHECKS.values() if full or entry.facts["quick"]]


def run_checks(checks: Iterable[Entry[Check]], write: Callable[[str], None] = print) -> bool:
    """Print a table for each check at one intra-op thread; gives whether every claim holds.

    A check that raises counts as a claim that fails, and the others still run.
    """
    began, held, failed = time.perf_counter(), 0, 0
    write(_header())
    with one_thread():
        for entry in checks:
            write(f"\n{_titled(entry)}")
            for row in _rows(entry):
                held, failed = held + row.holds, failed + (not row.holds)
                write(line_of(row))
    seconds = time.perf_counter() - began
    total = _(
        "{held} of {all} claims hold ({seconds:.0f} s)",
        held=held,
        all=held + failed,
        seconds=seconds,
    )
    write(f"\n{total}")
    return failed == 0


def line_of(row: Row) -> str:
    """One line of the table."""
    verdict = _("ok") if row.holds else _("FAIL")
    # Adding zero turns -0.0 into 0.0.
    numbers = f"{row.expected:>13.8g} {row.measured + 0.0:>13.8g} {row.tolerance:>9.2g}"
    return f"{verdict:4} {numbers}  {say(row.claim):<68} {say(row.source)}"


def _header() -> str:
    expected, measured, tolerance = _("expected"), _("measured"), _("tolerance")
    claim, source = _("claim"), _("source")
    return f"{'':4} {expected:>13} {measured:>13} {tolerance:>9}  {claim:<68} {source}"


def _titled(entry: Entry[Check]) -> Message:
    label, summary = Message(entry.label), Message(entry.summary)
    return _("{label}: {summary}", label=label, summary=summary)


def _rows(entry: Entry[Check]) -> Iterator[Row]:
    try:
        yield from entry.fn()
    except Exception as error:
        claim = _(
            "{check} runs to its end, not into {kind}: {error}",
            check=entry.name,
            kind=type(error).__name__,
            error=error,
        )
        yield Row(claim, "", 0.0, math.nan, 0.0)
