"""Charts: pure functions from runs to Plotly figures. Importing this module registers them all."""

# The order of import is the order in which charts are listed.
# isort: off
from ganviz.charts.base import CHARTS
from ganviz.charts.curves import accuracy, gradients, terms, value
from ganviz.charts.histogram import histogram
from ganviz.charts.samples import samples
from ganviz.charts.losses import losses
from ganviz.charts.gaps import gaps
from ganviz.charts.quality import quality
from ganviz.charts.shares import shares
from ganviz.charts.precision_recall import precision_recall
from ganviz.charts.zigzag import zigzag
from ganviz.charts.saturation import saturation
# isort: on

__all__ = [
    "CHARTS",
    "accuracy",
    "gaps",
    "gradients",
    "histogram",
    "losses",
    "precision_recall",
    "quality",
    "samples",
    "saturation",
    "shares",
    "terms",
    "value",
    "zigzag",
]
