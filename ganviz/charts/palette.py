"""One colour for each thing, everywhere; told apart by colour-blind eyes, on light and on dark.

Okabe & Ito, *Color Universal Design*, 2008, with the blue a little lighter for dark backgrounds.
"""

REAL = "#1f88c9"
FAKE = "#d55e00"
VALUE = "#009e73"
DISCRIMINATOR = "#e69f00"
GENERATOR = "#cc79a7"
PENALISED = "#6f7b88"
"""Of what D minimises where a penalty is added to its loss."""
BEST_D = "#7d63cf"
"""Of the optimal D and of fresh ones."""
HELD_OUT = "#a0522d"
"""Of data that the training never draws."""
REFERENCE = "#8a8f98"

LOSSES = {
    "minimax": "#2893ff",
    "non_saturating": "#3a783a",
    "least_squares": "#97971a",
    "hinge": "#7f00ff",
    "wasserstein": "#b200b2",
}
"""Thin lines in the one chart that sets losses side by side, apart from `GENERATOR` too."""

RUNS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7d63cf", "#8c564b")
"""Of runs that are drawn alike, where colour says whose a line is and not what it is of."""

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
"""Runs in one chart differ by dash, as colour already says what a line is of."""


def faint(colour: str, alpha: float) -> str:
    """`colour` (`#rrggbb`) with an opacity in [0, 1].

    >>> faint("#009e73", 0.2)
    'rgba(0,158,115,0.2)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"
