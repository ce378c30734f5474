"""Sentences about snapshots: messages, which become words where they are shown."""

from ganviz.words.captions import captions
from ganviz.words.cost import DOING, INSTRUMENTS_OFF, cost, doing, under_way
from ganviz.words.headline import headline
from ganviz.words.losses import at_the_end
from ganviz.words.meaning import meaning
from ganviz.words.table import HEAD, Row, numbers, verdict
from ganviz.words.who import WHOSE, no_value, shown_g

__all__ = [
    "DOING",
    "HEAD",
    "INSTRUMENTS_OFF",
    "WHOSE",
    "Row",
    "at_the_end",
    "captions",
    "cost",
    "doing",
    "headline",
    "meaning",
    "no_value",
    "numbers",
    "shown_g",
    "under_way",
    "verdict",
]
