"""The losses of the two players. One function is the whole definition of a loss."""

from ganviz.losses.base import LOSSES, Loss, Objective
from ganviz.losses.classic import hinge, least_squares, minimax, non_saturating, wasserstein
from ganviz.losses.relativistic import relativistic, relativistic_average

# The order of these imports is the order in which the losses are shown.
# isort: split
from ganviz.losses.fgan import (
    F_DIVERGENCES,
    FDivergence,
    fgan_gan,
    fgan_hellinger,
    fgan_js,
    fgan_kl,
    fgan_pearson,
    fgan_reverse_kl,
)

__all__ = [
    "F_DIVERGENCES",
    "LOSSES",
    "FDivergence",
    "Loss",
    "Objective",
    "fgan_gan",
    "fgan_hellinger",
    "fgan_js",
    "fgan_kl",
    "fgan_pearson",
    "fgan_reverse_kl",
    "hinge",
    "least_squares",
    "minimax",
    "non_saturating",
    "relativistic",
    "relativistic_average",
    "wasserstein",
]
