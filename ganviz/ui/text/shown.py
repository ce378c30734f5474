"""What `ganviz.words` says of a run, put into words for whoever looks at the page."""

from ganviz import words
from ganviz.instruments import INSTRUMENTS
from ganviz.say import Text, say
from ganviz.snapshot import Snapshot, Status
from ganviz.trainer import Diverged
from ganviz.ui.text.sentences import plain, said_of


def captions(snapshot: Snapshot | None, *, pale: bool = False) -> dict[str, str]:
    """How to read each chart, in a sentence or two; where others are `pale` in it, that too."""
    return {
        name: say(words.beside(caption, name) if pale else caption)
        for name, caption in words.captions(snapshot).items()
    }


def numbers(snapshot: Snapshot | None) -> list[words.Row]:
    """A row for each metric that was measured, all of it text."""
    return [
        row._replace(label=say(row.label), floor=say(row.floor), mark=say(row.mark))
        for row in words.numbers(snapshot)
    ]


def verdict(snapshot: Snapshot | None) -> str:
    """How many metrics are inside their floors, and what was measured; or why nothing was."""
    return say(words.verdict(snapshot))


def meaning(snapshot: Snapshot | None, status: Status) -> str:
    """What is known of the run now."""
    return say(words.meaning(snapshot, status))


def headline(
    status: Status, step: int, rate: float, error: Exception | None, doing: str = ""
) -> str:
    """Status, iteration and speed in one line; what is being measured; what went wrong."""
    said = None if error is None else plain(_of_error(error))
    return say(words.headline(status, step, rate, said, doing))


def under_way(instrument: str, progress: float) -> str:
    """What an instrument does, and how far it is."""
    return say(words.under_way(INSTRUMENTS[instrument].doing, progress))


def _of_error(error: Exception) -> Text:
    if isinstance(error, Diverged):
        return error.what  # the line names the iteration already
    return said_of(error)
