"""What measures a run while it goes on, and never moves it: see `INSTRUMENTS` and `Panel`.

Importing this package registers every instrument.
"""

# In the order in which instruments are listed.
# isort: off
from ganviz.instruments.base import INSTRUMENTS, Instrument, Kit, Meter, Watcher
from ganviz.instruments.gaps import Gaps
from ganviz.instruments.saturation import Saturation, pulls
from ganviz.instruments.zigzag import Zigzag
from ganviz.instruments.quality import Quality
from ganviz.instruments.floors import Floors
from ganviz.instruments.fresh import Fresh, FreshValue, fit_fresh
from ganviz.instruments.panel import Panel, measured

# isort: on

__all__ = [
    "INSTRUMENTS",
    "Floors",
    "Fresh",
    "FreshValue",
    "Gaps",
    "Instrument",
    "Kit",
    "Meter",
    "Panel",
    "Quality",
    "Saturation",
    "Watcher",
    "Zigzag",
    "fit_fresh",
    "measured",
    "pulls",
]
