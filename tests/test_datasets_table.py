"""A mixture written as text: what it means, and what is refused in which words."""

import math

import pytest
import torch

from ganviz.datasets import table
from ganviz.datasets.mixture_table import read_table
from tests.stand_ins import density, draws, modes_of

pytestmark = pytest.mark.usefixtures("wrapped")


def test_a_line_of_three_numbers_is_a_gaussian_on_a_line() -> None:
    target = table(table="-1 0.33 0.255\n2 0.67 2")
    x = draws(target, 40_000)
    assert target.dim == 1
    assert modes_of(target).tolist() == [[-1.0], [2.0]]
    assert isinstance(target.mode_std, torch.Tensor)
    assert target.mode_std.tolist() == pytest.approx([0.255, 2.0])
    # Mean .33 (-1) + .67 2 = 1.01; variance .33 (.255² + 2.01²) + .67 (2² + .99²) = 4.69, so the
    # standard error is 0.0108; five of it. That of the variance is about 0.03.
    assert x.mean().item() == pytest.approx(1.01, abs=0.054)
    assert x.var().item() == pytest.approx(4.6914, abs=0.15)


def test_weights_are_shares_of_their_sum() -> None:
    target = table(table="-10, 0, 1, 0.5; 10, 0, 3, 0.5")
    x = draws(target)
    assert target.mode_std == 0.5
    # A quarter and three quarters: binomial standard error 0.3 %; five of it.
    assert (x[:, 0] < 0).double().mean().item() == pytest.approx(0.25, abs=0.0154)
    heights = density(target, modes_of(target)).exp().tolist()
    # Weight / (2π σ²), the other Gaussian being 40 σ away.
    expected = [share / (2 * math.pi * 0.25) for share in (0.25, 0.75)]
    assert heights == pytest.approx(expected, rel=1e-9)


def test_each_gaussian_has_its_own_sigma() -> None:
    target = table(table="-4 0 1 0.3; 4 0 2 0.4; 0 6 4 0.6")
    x, modes = draws(target, 70_000), modes_of(target)
    nearest = torch.cdist(x, modes).argmin(1)
    for k, (share, sigma) in enumerate([(1 / 7, 0.3), (2 / 7, 0.4), (4 / 7, 0.6)]):
        mine = x[nearest == k]
        # Binomial standard error 0.19 % at most; five of it.
        assert len(mine) / len(x) == pytest.approx(share, abs=0.0095)
        spread = (mine - modes[k]).square().mean().sqrt().item()
        # 20,000 squares or more: 0.5 % of σ; five of it.
        assert spread == pytest.approx(sigma, rel=0.025)


@pytest.mark.parametrize(
    "text",
    [
        "0 1 1\n2 1 1",
        "0,1,1;2,1,1",
        " 0 , 1 , 1 \n\n 2,1 1 ",
        "0\t1\t1\r\n2\t1\t1\r\n",
        "0 1e0 1;+2 1. 1;",
    ],
)
def test_commas_blanks_and_semicolons_all_separate(text: str) -> None:
    centres, weights, stds = read_table(text)
    assert (centres.tolist(), weights.tolist(), stds.tolist()) == ([[0.0], [2.0]], [1, 1], [1, 1])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the table is empty"),
        (" \n ; \n", "the table is empty"),
        ("0 1 1\n0 one 1", r"line 2 \('0 one 1'\): weight must be a number, got 'one'"),
        ("x y weight sigma", "line 1 .*: x must be a number"),
        ("0 -1 1", "line 1 .*: weight must be above 0, got -1"),
        ("0 0 1", "line 1 .*: weight must be above 0, got 0"),
        ("0 1 1; 0 0 1 0", "line 2 .*: has 4 numbers where the lines above have 3"),
        ("0 1 0", "line 1 .*: sigma must be above 0, got 0"),
        ("0 1 -0.5", "line 1 .*: sigma must be above 0, got -0.5"),
        ("0 1 1\n\n0 1 inf", "line 3 .*: sigma must be finite, got inf"),
        ("nan 1 1", "line 1 .*: x must be finite, got nan"),
        ("0 0 1e999 1", "line 1 .*: weight must be finite"),
        ("1e7 1 1", "line 1 .*: x must be at most 1,000,000 in size"),
        ("0 1 1e-9", "line 1 .*: sigma must be at least 1e-06"),
        ("0 1", "line 1 .*: must hold .*; got 2 of them"),
        ("0 0 0 1 1", "line 1 .*: must hold .*; got 5 of them"),
        ("0,,1,1", "line 1 .*: y must be a number, got ''"),
        ("0 1 1\n" * 257, "line 257: at most 256 Gaussians"),
        ("9" * 100, "line 1 .*999[.]{3}'.*"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        table(table=text)


def test_as_many_gaussians_as_are_allowed() -> None:
    lines = "\n".join(f"{k} {k % 7} {1 + k % 3} 0.1" for k in range(256))
    target = table(table=lines)
    assert modes_of(target).shape == (256, 2)
    assert draws(target, 1000).isfinite().all()
