"""What the measurements of a run say of its players; numpy alone."""

from ganviz.diagnosis.gaps import (
    LARGE,
    NOISE,
    SMALL,
    Gap,
    Seen,
    error_trend,
    last_gap,
    like_real,
    matches,
    seen_by_d,
)
from ganviz.diagnosis.trends import Trend, trend_of

__all__ = [
    "LARGE",
    "NOISE",
    "SMALL",
    "Gap",
    "Seen",
    "Trend",
    "error_trend",
    "last_gap",
    "like_real",
    "matches",
    "seen_by_d",
    "trend_of",
]
