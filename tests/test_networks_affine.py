"""The generator for theory: exactly µ + σz, and a D that is a perceptron."""

import pytest
import torch

from ganviz.networks import NETWORKS, affine, mlp
from tests.test_networks import rng


@pytest.mark.parametrize("shape", [(1,), (3,), (2, 4, 4)])
def test_an_affine_generator_is_its_formula(shape: tuple[int, ...]) -> None:
    n = torch.Size(shape).numel()
    g = affine(mu=0.5, sigma=3.0).generator(shape, n, 7, 2, rng())
    z = torch.randn(9, n, generator=rng(1))
    assert torch.equal(g(z), (0.5 + 3 * z).reshape(9, *shape))
    weights = dict(g.named_parameters())
    assert list(weights) == ["mu", "sigma"]
    with torch.no_grad():
        for weight in weights.values():
            weight.uniform_(generator=rng(2))
    made = weights["mu"].flatten() + weights["sigma"].flatten() * z
    assert torch.equal(g(z).flatten(1), made)


def test_an_affine_generator_starts_as_the_noise_and_draws_nothing() -> None:
    one = rng()
    g = affine().generator((2,), 2, 7, 2, one)
    assert torch.equal(one.get_state(), rng().get_state())
    z = torch.randn(9, 2, generator=rng(1))
    assert torch.equal(g(z), z)


def test_its_discriminator_is_the_perceptron() -> None:
    one = affine(activation="tanh").discriminator((1,), 5, 3, rng())
    other = mlp(activation="tanh").discriminator((1,), 5, 3, rng())
    x = torch.randn(9, 1, generator=rng(1))
    assert torch.equal(one(x), other(x))


def test_as_many_numbers_of_noise_as_of_data_are_needed() -> None:
    complaint = NETWORKS["affine"].facts["complaint"]
    words = "scales z entry by entry, so latent_dim must be 64, got 8"
    found = complaint((1, 8, 8), 2, 8)
    assert (found.field, found.sentence) == ("latent_dim", words)
    assert complaint((1, 8, 8), 2, 64) is None
    assert complaint((1, 8, 8), 2) is None
    with pytest.raises(ValueError, match=f"affine {words}"):
        affine().generator((1, 8, 8), 8, 4, 2, rng())
