"""A caller's own distribution: what is refused, what is measured."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from ganviz.target import MEASURED_DRAWS, Target


def stretched(n: int, rng: torch.Generator) -> Tensor:
    """Normal with means (3, -1) and standard deviations (2, 0.5)."""
    return torch.randn(n, 2, generator=rng) * torch.tensor([2.0, 0.5]) + torch.tensor([3.0, -1.0])


def picture(n: int, rng: torch.Generator) -> Tensor:
    return 5 + 2 * torch.randn(n, 1, 4, 4, generator=rng)


def constant(n: int, rng: torch.Generator) -> Tensor:
    return torch.full((n, 2), 7.0)


@pytest.mark.parametrize(
    ("dim", "shape"), [(1, (1,)), (2, (2,)), (100, (100,)), ((1, 8, 8), (1, 8, 8))]
)
def test_shape_is_that_of_one_sample(dim: Any, shape: tuple[int, ...]) -> None:
    assert Target(stretched, dim).shape == shape


@pytest.mark.parametrize("dim", [0, -2, True, (8, 8), (1, 8, 0), (1, 8, 8.0), (1, 1, 8, 8), ()])
def test_an_impossible_dim_is_refused(dim: Any) -> None:
    with pytest.raises(ValueError, match="dim must be an int or"):
        Target(stretched, dim)


@pytest.mark.parametrize("dim", [1.5, None])
def test_a_dim_of_another_type_is_refused_in_the_same_words(dim: Any) -> None:
    with pytest.raises(ValueError, match="dim must be an int or"):
        Target(stretched, dim)


def test_modes_must_be_points_of_the_space() -> None:
    Target(stretched, 2, modes=torch.zeros(5, 2))
    with pytest.raises(ValueError, match=r"modes must have shape \(modes, 2\), got \(5, 3\)"):
        Target(stretched, 2, modes=torch.zeros(5, 3))
    with pytest.raises(ValueError, match="modes must have shape"):
        Target(stretched, 2, modes=torch.zeros(2))


@pytest.mark.parametrize("scale", [0.0, -1.0, math.nan])
def test_a_scale_must_be_positive(scale: float) -> None:
    with pytest.raises(ValueError, match="scale must be above 0"):
        Target(stretched, 2, scale=scale)


@pytest.mark.parametrize("dim", [2, 1, 100])
def test_each_coordinate_may_have_its_own_scale(dim: int) -> None:
    scale = torch.linspace(0.5, 3, dim)
    shift, found = Target(stretched, dim, shift=torch.zeros(dim), scale=scale).standardisation
    assert found is scale
    assert shift.tolist() == [0.0] * dim


@pytest.mark.parametrize(
    ("dim", "scale", "words"),
    [
        (2, [1.0, 0.0], r"scale must be above 0 and finite, got \[1.0, 0.0\]"),
        (2, [1.0, -1.0], "scale must be above 0 and finite"),
        (2, [1.0, math.inf], "scale must be above 0 and finite"),
        (2, [math.nan, 1.0], "scale must be above 0 and finite"),
        (2, [1.0, 1.0, 1.0], r"scale must be a number or have shape \(2,\), got \(3,\)"),
        (2, [[1.0, 1.0]], r"scale must be a number or have shape \(2,\), got \(1, 2\)"),
        ((3, 8, 8), [1.0, 1.0, 1.0], r"scale must be a number or have shape \(\), got \(3,\)"),
    ],
)
def test_scales_must_be_positive_and_one_for_each_coordinate(
    dim: Any, scale: Any, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Target(stretched, dim, scale=torch.tensor(scale))


def test_each_mode_may_have_its_own_sigma() -> None:
    modes, sigma = torch.zeros(3, 2), torch.tensor([0.1, 0.2, 0.3])
    assert Target(stretched, 2, modes=modes, mode_std=sigma).mode_std is sigma
    with pytest.raises(ValueError, match=r"mode_std must be a number or have shape \(3,\)"):
        Target(stretched, 2, modes=modes, mode_std=sigma[:2])
    with pytest.raises(ValueError, match="mode_std must be above 0"):
        Target(stretched, 2, modes=modes, mode_std=sigma - 0.1)
    with pytest.raises(ValueError, match="mode_std must be above 0"):
        Target(stretched, 2, modes=modes, mode_std=0.0)


def test_notes_are_none_unless_something_was_done_to_the_data() -> None:
    assert Target(stretched, 2).notes == ()
    assert Target(stretched, 2, notes=("A row was left out.",)).notes == ("A row was left out.",)


@pytest.mark.parametrize("name", ["size", "held_out_size"])
def test_sizes_are_whole_numbers_above_0(name: str) -> None:
    for bad in (0, -3, 2.0, True, "5"):
        with pytest.raises(ValueError, match=f"{name} must be a whole number above 0, got"):
            Target(stretched, 2, **{name: bad})  # type: ignore[arg-type]
    assert getattr(Target(stretched, 2, **{name: 7}), name) == 7  # type: ignore[arg-type]
    assert getattr(Target(stretched, 2), name) is None


def test_only_the_sampler_and_dim_go_by_position() -> None:
    with pytest.raises(TypeError):
        Target(stretched, 2, None)  # type: ignore[call-arg]


def test_vectors_are_measured_by_coordinate_and_scaled_as_a_whole() -> None:
    shift, scale = Target(stretched, 2).standardisation
    # Standard errors of the means at 10,000 draws are 0.02 and 0.005; four of each.
    assert shift[0].item() == pytest.approx(3, abs=0.08)
    assert shift[1].item() == pytest.approx(-1, abs=0.02)
    # Root mean square of both coordinates: sqrt((4 + 1/4)/2) = 1.4577, known to 1 %.
    assert scale == pytest.approx(math.sqrt(2.125), rel=0.03)


def test_measuring_is_the_definition_on_ten_thousand_draws_of_a_fixed_generator() -> None:
    draws = stretched(10_000, torch.Generator().manual_seed(0)).double().numpy()
    shift, scale = Target(stretched, 2).standardisation
    assert MEASURED_DRAWS == 10_000
    # The same draws in float64 by numpy.
    assert shift.tolist() == pytest.approx(draws.mean(0).tolist(), abs=1e-12)
    assert scale == pytest.approx(((draws - draws.mean(0)) ** 2).mean() ** 0.5, rel=1e-12)


def test_pictures_share_one_shift() -> None:
    shift, scale = Target(picture, (1, 4, 4)).standardisation
    # 160,000 pixels of N(5, 4): standard errors 0.005 and 0.0035; four of each.
    assert shift.shape == ()
    assert shift.item() == pytest.approx(5, abs=0.02)
    assert scale == pytest.approx(2, abs=0.015)


def test_what_is_stated_is_taken() -> None:
    def never(n: int, rng: torch.Generator) -> Tensor:
        raise AssertionError("nothing needs measuring")

    shift, scale = Target(never, 2, shift=3.0, scale=2.0).standardisation
    assert (shift.item(), scale) == (3.0, 2.0)
    both = torch.tensor([1.0, 2.0])
    assert Target(never, 2, shift=both, scale=2.0).standardisation[0].tolist() == [1.0, 2.0]


def test_half_a_statement_is_completed_by_measuring() -> None:
    shift, scale = Target(stretched, 2, scale=2.0).standardisation
    assert scale == 2.0
    assert shift[0].item() == pytest.approx(3, abs=0.08)
    shift, scale = Target(stretched, 2, shift=0.0).standardisation
    assert shift.item() == 0
    # Root mean square about 0: sqrt((4 + 9 + 1/4 + 1)/2) = 2.669, known to 1 %.
    assert scale == pytest.approx(math.sqrt(7.125), rel=0.03)


def test_data_without_spread_are_refused() -> None:
    with pytest.raises(ValueError, match="give Target a shift and a scale"):
        _ = Target(constant, 2).standardisation


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_data_that_are_not_finite_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="give Target a shift and a scale"):
        _ = Target(lambda n, rng: constant(n, rng) * bad, 2).standardisation


def test_measuring_happens_once_and_repeats_itself() -> None:
    calls: list[int] = []

    def counted(n: int, rng: torch.Generator) -> Tensor:
        calls.append(n)
        return stretched(n, rng)

    target = Target(counted, 2)
    before = torch.get_rng_state()
    first, again = target.standardisation, target.standardisation
    assert calls == [MEASURED_DRAWS]
    assert first is again
    assert torch.equal(torch.get_rng_state(), before)
    other = Target(stretched, 2).standardisation
    assert torch.equal(other[0], first[0])
    assert other[1] == first[1]


def test_an_unlimited_source_is_its_own_held_out_set() -> None:
    target = Target(stretched, 2)
    draws = target.draw_held_out(6, torch.Generator().manual_seed(1))
    assert torch.equal(draws, stretched(6, torch.Generator().manual_seed(1)))


def test_a_stated_held_out_set_is_drawn_from() -> None:
    target = Target(stretched, 2, held_out=constant)
    assert target.draw_held_out(3, torch.Generator()).tolist() == [[7.0, 7.0]] * 3
