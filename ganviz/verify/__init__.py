"""The theory against the product: registered checks that measure what publications state.

`python -m ganviz verify` prints them. Importing this package registers them all, arithmetic first.
"""

from ganviz.verify.base import CHECKS, Check, Row
from ganviz.verify.levels import at_best, at_constant, at_zero, dropped_modes

# The order of these imports is the order of the table.
# isort: split
from ganviz.verify.divergences import best_fits, conjugates, divergences

# isort: split
from ganviz.verify.saturation import generator_gradients

# isort: split
from ganviz.verify.modes import true_samples

# isort: split
from ganviz.verify.quality import balls, optimal_discriminator, transport_and_kernel

# isort: split
from ganviz.verify.dirac import dirac_eigenvalues, dirac_ends

# isort: split
from ganviz.verify.training import (
    more_trained_critics,
    more_trained_fits,
    trained_critics,
    trained_fits,
    wgan_gp_gap,
)

# isort: split
from ganviz.verify.frechet import frechet_distances

# isort: split
from ganviz.verify.report import run_checks, selected

__all__ = [
    "CHECKS",
    "Check",
    "Row",
    "at_best",
    "at_constant",
    "at_zero",
    "balls",
    "best_fits",
    "conjugates",
    "dirac_eigenvalues",
    "dirac_ends",
    "divergences",
    "dropped_modes",
    "frechet_distances",
    "generator_gradients",
    "more_trained_critics",
    "more_trained_fits",
    "optimal_discriminator",
    "run_checks",
    "selected",
    "trained_critics",
    "trained_fits",
    "transport_and_kernel",
    "true_samples",
    "wgan_gp_gap",
]
