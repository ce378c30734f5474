"""What the measurements of a run say of its players; numpy alone."""

from ganviz.diagnosis.gaps import (
    LARGE,
    NOISE,
    SMALL,
    Best,
    Gap,
    Off,
    Place,
    Seen,
    best_known,
    error_trend,
    last_gap,
    matches,
    seen_by_d,
)
from ganviz.diagnosis.losses import Ending, ending
from ganviz.diagnosis.memory import memorised, memorises
from ganviz.diagnosis.quality import Escaped, escaped, inside, like_real
from ganviz.diagnosis.trends import MEANS_OF, Trend, trend_of
from ganviz.diagnosis.value import Telling, Value, recent_value

__all__ = [
    "LARGE",
    "MEANS_OF",
    "NOISE",
    "SMALL",
    "Best",
    "Ending",
    "Escaped",
    "Gap",
    "Off",
    "Place",
    "Seen",
    "Telling",
    "Trend",
    "Value",
    "best_known",
    "ending",
    "error_trend",
    "escaped",
    "inside",
    "last_gap",
    "like_real",
    "matches",
    "memorised",
    "memorises",
    "recent_value",
    "seen_by_d",
    "trend_of",
]
