"""What every registered loss must keep to: add one to the registry and it is tested here."""

import itertools
from typing import Any

import pytest
import torch

import ganviz
from ganviz import LOSSES, PENALTIES
from tests.stand_ins import rng


@pytest.mark.parametrize("name", list(LOSSES))
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_loss_has_finite_gradients_as_far_as_it_says(name: str, dtype: torch.dtype) -> None:
    far = LOSSES[name].facts["finite_to"]
    for at in itertools.product((-far, far), repeat=2):
        real, fake = (torch.full((4,), s, dtype=dtype, requires_grad=True) for s in at)
        for cost in LOSSES[name].fn(real, fake):
            found = torch.autograd.grad(cost, (real, fake), materialize_grads=True)
            assert cost.isfinite()
            assert all(gradient.isfinite().all() for gradient in found)


@pytest.mark.parametrize("name", list(LOSSES))
def test_loss_opposes_the_players_at_the_best_constant_critic(name: str) -> None:
    entry = LOSSES[name]
    constants = torch.linspace(-4, 4, 801, dtype=torch.float64)
    batches = [c.repeat(8) for c in constants]
    costs = torch.stack([entry.fn(c, c).d for c in batches])
    # The best constants may be an interval (hinge), or all there are: take the one in the middle.
    minimisers = (costs <= costs.min() + 1e-12).nonzero()
    best = batches[int(minimisers[len(minimisers) // 2])]
    # Steps of 0.01 miss a minimum of curvature 1 by at most 0.005²/2 = 1.3e-5.
    assert costs.min().item() == pytest.approx(entry.facts["equilibrium"], abs=2e-5)
    real, fake = (best.clone().requires_grad_() for _ in range(2))
    d, g = entry.fn(real, fake)
    d_real, d_fake = torch.autograd.grad(d, (real, fake))
    g_real, g_fake = torch.autograd.grad(g, (real, fake), materialize_grads=True)
    # D wants data up and fakes down; G wants its fakes up.
    assert (d_real < 0).all()
    assert (d_fake > 0).all()
    assert (g_fake < 0).all()
    assert g_real.any().item() == entry.facts["generator_sees_real"]


@pytest.mark.parametrize("name", list(LOSSES))
def test_loss_says_what_its_numbers_mean_and_where_g_ends(name: str) -> None:
    entry = LOSSES[name]
    reading, level = entry.facts["reading"], entry.facts["equilibrium_g"]
    assert reading.endswith(".")
    assert "L_D" in reading
    assert "L_G" in reading
    # At most what a third of the board holds in four lines.
    assert 60 <= len(reading) <= 230
    constants = torch.linspace(-4, 4, 801, dtype=torch.float64)
    costs = [entry.fn(c.repeat(8), c.repeat(8)) for c in constants]
    least = min(cost.d.item() for cost in costs)
    of_g = [cost.g.item() for cost in costs if cost.d.item() <= least + 1e-12]
    # Where several constants are best for D, G's cost has a level only if it is the same at each;
    # steps of 0.01 miss the best constant, and G's cost there, by at most 0.005.
    if level is None:
        assert max(of_g) - min(of_g) > 0.5
    else:
        assert of_g == pytest.approx([level] * len(of_g), abs=5e-3)


@pytest.mark.parametrize("entry", LOSSES.values(), ids=lambda entry: entry.name)
def test_loss_is_documented_with_formula_and_source(entry: Any) -> None:
    assert entry.doc.count("$$") >= 2
    assert "arXiv" in entry.doc
    assert entry.facts["critic"] in {"logit", "margin", "ratio", "critic"}
    assert entry.facts["penalty"] in PENALTIES


@pytest.mark.parametrize("entry", LOSSES.values(), ids=lambda entry: entry.name)
def test_loss_trains_a_logit_where_it_says_so_and_there_alone(entry: Any) -> None:
    real, fake = (3 * torch.randn(64, generator=rng(k), dtype=torch.float64) for k in (1, 2))
    zero = torch.zeros_like(real)
    rises = entry.fn(real, fake).d - entry.fn(zero, zero).d
    falls = ganviz.value_terms(real, fake).value - ganviz.value_terms(zero, zero).value
    # V and D's cost are both means of 64 numbers in float64.
    assert (abs(rises + falls).item() < 1e-12) == (entry.facts["critic"] == "logit")
