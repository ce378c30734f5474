"""Sentences about snapshots: messages, which become words where they are shown."""

from ganviz.words.captions import beside, captions
from ganviz.words.cost import INSTRUMENTS_OFF, cost, under_way
from ganviz.words.headline import headline
from ganviz.words.losses import at_the_end
from ganviz.words.meaning import meaning
from ganviz.words.table import HEAD, Row, numbers, verdict
from ganviz.words.who import WHOSE, no_value, shown_g

__all__ = [
    "HEAD",
    "INSTRUMENTS_OFF",
    "WHOSE",
    "Row",
    "at_the_end",
    "beside",
    "captions",
    "cost",
    "headline",
    "meaning",
    "no_value",
    "numbers",
    "shown_g",
    "under_way",
    "verdict",
]
