"""What measures a run while it goes on, and never moves it: see `Panel`."""

from ganviz.instruments.fresh import FreshValue, fit_fresh
from ganviz.instruments.panel import Panel, measured
from ganviz.instruments.saturation import pulls

__all__ = ["FreshValue", "Panel", "fit_fresh", "measured", "pulls"]
