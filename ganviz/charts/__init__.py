"""Charts: pure functions from runs to Plotly figures. Importing this module registers them all."""

from ganviz.charts.base import CHARTS
from ganviz.charts.curves import accuracy, gradients, terms, value
from ganviz.charts.histogram import histogram
from ganviz.charts.samples import samples

__all__ = ["CHARTS", "accuracy", "gradients", "histogram", "samples", "terms", "value"]
