"""The constants that every reference line is drawn at."""

import math

import pytest
import torch
from torch.nn.functional import logsigmoid

from ganviz.datasets import mixture
from ganviz.levels import (
    TERM_EQUILIBRIUM,
    V_EQUILIBRIUM,
    V_SUPREMUM,
    value_with_dropped_modes,
)
from ganviz.value import optimal_logits, value_terms

TABLE = [-0.3924, -0.6255, -0.8057, -0.9548, -1.0827, -1.1951, -1.2955, -1.3863]


def test_the_levels_are_those_of_the_theory() -> None:
    assert V_SUPREMUM == 0
    # Theory section 1, fact 6, to the digits given there (natural logarithms).
    assert pytest.approx(-1.3863, abs=5e-5) == V_EQUILIBRIUM
    assert pytest.approx(-0.6931, abs=5e-5) == TERM_EQUILIBRIUM
    assert pytest.approx(V_EQUILIBRIUM, abs=1e-15) == 2 * TERM_EQUILIBRIUM


@pytest.mark.parametrize(("covered", "value"), list(enumerate(TABLE, 1)))
def test_mode_dropping_table(covered: int, value: float) -> None:
    # Theory section 1, table "m of 8", rounded to 4 digits.
    assert value_with_dropped_modes(covered, 8) == pytest.approx(value, abs=5e-5)


@pytest.mark.parametrize("modes", [1, 2, 8, 25, 1000])
def test_every_mode_covered_is_the_equilibrium(modes: int) -> None:
    assert value_with_dropped_modes(modes, modes) == pytest.approx(-math.log(4), abs=1e-12)


@pytest.mark.parametrize("modes", [2, 25])
def test_each_mode_found_lowers_the_largest_v(modes: int) -> None:
    values = [value_with_dropped_modes(m, modes) for m in range(1, modes + 1)]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == modes
    assert values[0] < V_SUPREMUM


@pytest.mark.parametrize(("covered", "modes"), [(0, 8), (9, 8), (-1, 8), (1, 0)])
def test_impossible_counts_are_refused(covered: int, modes: int) -> None:
    with pytest.raises(ValueError, match=f"covered must be from 1 to {modes}, got {covered}"):
        value_with_dropped_modes(covered, modes)


@pytest.mark.parametrize("covered", range(1, 9))
def test_mode_dropping_by_a_sum_over_modes(covered: int) -> None:
    p = torch.full((8,), 1 / 8, dtype=torch.float64)
    q = torch.zeros(8, dtype=torch.float64)
    q[:covered] = 1 / covered
    best = optimal_logits(p.log(), q.log())  # +inf where G never is
    value = value_terms(best, best[:covered]).value.item()
    # Theory section 1, table "m of 8", rounded to 4 digits; 1e-4.
    assert value == pytest.approx(TABLE[covered - 1], abs=1e-4)
    # The closed form and the sum are both float64.
    assert value == pytest.approx(value_with_dropped_modes(covered, 8), abs=1e-12)


@pytest.mark.parametrize("covered", [1, 4, 7, 8])
def test_mode_dropping_by_quadrature_on_a_registered_mixture(covered: int) -> None:
    data, fakes = mixture(modes=8, spacing=10.0), mixture(modes=covered, spacing=10.0)
    assert data.modes is not None
    assert data.log_density is not None
    assert fakes.modes is not None
    assert fakes.log_density is not None
    x = torch.linspace(-45, 45, 18_001, dtype=torch.float64)[:, None]
    left = (fakes.modes[0] - data.modes[0]).double()
    log_p, log_q = data.log_density(x), fakes.log_density(x + left)
    d_term, g_term = (logsigmoid(sign * optimal_logits(log_p, log_q)) for sign in (1, -1))
    value = (log_p.exp() * d_term + log_q.exp() * g_term).sum().item() * 5e-3
    # Modes 20 σ apart overlap by less than 1e-20; the grid has 100 points a σ.
    assert value == pytest.approx(TABLE[covered - 1], abs=1e-4)
