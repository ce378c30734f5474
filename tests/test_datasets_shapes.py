"""Shapes in the plane against their own definitions."""

import math

import numpy as np
import pytest
import torch

from ganviz.datasets import checkerboard, circles, moons, pinwheel, spiral, swiss_roll
from tests.stand_ins import density, draws

N = 20_000


def test_moons_are_two_half_circles() -> None:
    x = draws(moons(noise=1e-3))
    upper = (x.norm(dim=1) - 1).abs()
    lower = ((x - torch.tensor([1.0, 0.5])).norm(dim=1) - 1).abs()
    on_upper = (upper < 6e-3) & (x[:, 1] > -6e-3)
    on_lower = (lower < 6e-3) & (x[:, 1] < 0.5 + 6e-3)
    # Six σ around the circles about (0, 0) and (1, 1/2); the halves are equally likely.
    assert (on_upper | on_lower).all()
    assert on_upper.double().mean().item() == pytest.approx(0.5, abs=5 * 0.5 / math.sqrt(N))


def test_spiral_arms_wind_as_asked() -> None:
    x = draws(spiral(arms=3, turns=0.5, noise=1e-3)).double()
    radius = x.norm(dim=1)
    keep = radius > 0.1
    turn = torch.atan2(x[:, 1], x[:, 0]) / (2 * math.pi) - 0.5 * radius
    off = (turn * 3 - (turn * 3).round()).abs()[keep]
    # Turned back by turns * radius all points lie on 3 rays; 6 σ / (2π 0.1) of a turn, times 3.
    assert off.max().item() < 3 * 6e-3 / (2 * math.pi * 0.1)
    # Even along the radius up to 1: mean 1/2, standard error 0.29/sqrt(n) = 0.002; five of it.
    assert radius.mean().item() == pytest.approx(0.5, abs=0.0105)
    arm = (turn * 3).round().long().remainder(3)
    shares = torch.bincount(arm[keep], minlength=3) / keep.sum()
    assert shares.tolist() == pytest.approx([1 / 3] * 3, abs=5 * 0.47 / math.sqrt(18_000))


def test_circles_have_the_radii_that_were_asked_for() -> None:
    radius = draws(circles(inner=0.3, noise=1e-3)).norm(dim=1)
    inner = radius < 0.65
    # Each half to six σ; the halves are equally likely.
    assert (radius[inner] - 0.3).abs().max().item() < 6e-3
    assert (radius[~inner] - 1).abs().max().item() < 6e-3
    assert inner.double().mean().item() == pytest.approx(0.5, abs=5 * 0.5 / math.sqrt(N))


@pytest.mark.parametrize("noise", [0.05, 0.5, 1e-3])
def test_the_density_of_circles_is_the_average_over_their_points(noise: float) -> None:
    x = draws(circles(noise=noise), 50).double()
    # A sum over 20,000 even angles is the integral over each circle to float64: the function is
    # periodic and smooth on that scale (0.3 σ between neighbours at most).
    angle = 2 * math.pi * torch.arange(20_000, dtype=torch.float64) / 20_000
    around = torch.stack([angle.cos(), angle.sin()], 1)
    bells = [
        torch.exp(-(x[:, None] - r * around).square().sum(-1) / (2 * noise**2)).mean(1)
        for r in (1.0, 0.5)
    ]
    expected = ((bells[0] + bells[1]) / (4 * math.pi * noise**2)).log()
    assert density(circles(noise=noise), x).tolist() == pytest.approx(expected.tolist(), abs=1e-6)


def test_the_swiss_roll_is_one_arm_of_a_spiral() -> None:
    x = draws(swiss_roll(noise=1e-2)).double()
    t = x.norm(dim=1)
    turned = (torch.atan2(x[:, 1], x[:, 0]) - t) / (2 * math.pi)
    # The angle is the radius, to 6 σ of noise at the smallest radius, 4.7, and as much of the
    # radius itself.
    off = (turned - turned.round()).abs().max().item() * 2 * math.pi
    assert off < 6e-2 * (1 + 1 / (1.5 * math.pi))
    # Evenly spread from 1.5π to 4.5π: mean 3π, standard deviation 3π/sqrt(12) = 2.72; five errors.
    assert t.mean().item() == pytest.approx(3 * math.pi, abs=5 * 2.72 / math.sqrt(N))
    assert t.std().item() == pytest.approx(3 * math.pi / math.sqrt(12), rel=0.02)


# Pearson's χ² over 8, 5 and 2 equal cells is beyond its 0.1 % point for one seed in a thousand.
@pytest.mark.parametrize(
    ("squares", "width", "limit"), [(4, 2.0, 24.32), (3, 0.5, 18.47), (2, 10.0, 10.83)]
)
def test_the_dark_squares_of_the_board_are_equally_full(
    squares: int, width: float, limit: float
) -> None:
    x = draws(checkerboard(squares=squares, width=width)).double()
    cell = (x / width + squares / 2).floor().long()
    assert ((cell >= 0) & (cell < squares)).all()
    assert (cell.sum(1) % 2 == 0).all()
    counts = np.bincount((cell[:, 0] * squares + cell[:, 1]).numpy(), minlength=squares**2)
    dark = [i * squares + j for i in range(squares) for j in range(squares) if (i + j) % 2 == 0]
    assert counts.nonzero()[0].tolist() == dark
    expected = N / len(dark)
    assert ((counts[dark] - expected) ** 2 / expected).sum() < limit
    within = x / width + squares / 2 - cell
    # Uniform inside a square: mean 1/2 with standard error 0.002, variance 1/12; five errors.
    assert within.mean(0).tolist() == pytest.approx([0.5, 0.5], abs=0.0103)
    assert within.var(0).tolist() == pytest.approx([1 / 12] * 2, rel=0.032)


def test_the_density_of_the_board_is_flat_on_dark_squares_and_nothing_elsewhere() -> None:
    target = checkerboard()
    middles = torch.cartesian_prod(*[torch.tensor([-5.0, -3.0, -1.0, 1.0, 3.0, 5.0])] * 2)
    found = density(target, middles).exp().reshape(6, 6)
    expected = torch.zeros(6, 6, dtype=torch.float64)
    for i in range(4):
        for j in range(4):
            # Eight dark squares of area 4, so 1/32 on each.
            expected[i + 1, j + 1] = 1 / 32 if (i + j) % 2 == 0 else 0
    assert torch.allclose(found, expected, atol=1e-12)
    assert density(target, draws(target, 1000)).exp().tolist() == pytest.approx([1 / 32] * 1000)


def test_pinwheel_arms_are_bent_gaussians() -> None:
    arms, rate = 5, 0.25
    x = draws(pinwheel(tangential=1e-3)).double()
    along = x.norm(dim=1)
    keep = along > 0.2
    turn = torch.atan2(x[:, 1], x[:, 0]) - rate * along.exp()
    spokes = turn * arms / (2 * math.pi)
    off = (spokes - spokes.round()).abs()[keep]
    # Straightened, all points lie on 5 spokes, to 6 σ at radius 0.2. (A point behind the centre,
    # beyond 3.3 σ of the arm's length, would lie on the other side.)
    assert off.max().item() < 6e-3 / 0.2 * arms / (2 * math.pi)
    # The distance is N(1, 0.3²) but for the one in 2,300 behind the centre: five standard errors.
    assert along.mean().item() == pytest.approx(1, abs=5 * 0.3 / math.sqrt(N))
    assert along.std().item() == pytest.approx(0.3, rel=0.03)
    shares = (
        torch.bincount(spokes.round().long().remainder(arms)[keep], minlength=arms) / keep.sum()
    )
    assert shares.tolist() == pytest.approx([0.2] * 5, abs=5 * 0.4 / math.sqrt(N))


def test_without_a_rate_a_pinwheel_of_one_arm_is_a_gaussian() -> None:
    x = draws(pinwheel(arms=1, rate=0, radial=0.3, tangential=0.1))
    # N((1, 0), diag(0.3², 0.1²)): five standard errors of means and standard deviations.
    assert x.mean(0).tolist() == pytest.approx([1, 0], abs=0.0107)
    assert x.std(0).tolist() == pytest.approx([0.3, 0.1], rel=0.026)


@pytest.mark.parametrize("squares", [2, 3, 16])
def test_no_draw_from_the_board_falls_on_nothing(squares: int) -> None:
    target = checkerboard(squares=squares, width=0.7)
    # Rounded to float32, one draw in two million would lie on the wrong side of an edge.
    assert density(target, draws(target, 2_000_000)).isfinite().all()
