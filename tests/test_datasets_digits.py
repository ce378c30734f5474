"""The bundled images, alone and stacked."""

import math

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import Tensor

from ganviz.datasets import DIGITS_TRAINING, digits, stacked_digits
from ganviz.datasets.digits import labelled_digits
from tests.stand_ins import draws, rng


def rows(images: Tensor) -> list[bytes]:
    return [image.numpy().tobytes() for image in images]


def test_digits_are_pixels_between_zero_and_one() -> None:
    images = draws(digits(), DIGITS_TRAINING)
    assert images.shape == (1437, 1, 8, 8)
    assert (images.min().item(), images.max().item()) == (0.0, 1.0)
    # 16 grey levels and black; (x - 1/2)/(1/2) is in [-1, 1].
    assert (images * 16).frac().abs().max().item() == 0
    shift, scale = digits().standardisation
    assert (shift.item(), scale) == (0.5, 0.5)


def test_a_batch_of_digits_repeats_no_image() -> None:
    pixels = np.asarray(load_digits().images, dtype=np.float32) / 16
    known = {image.tobytes() for image in pixels}
    assert len(known) == 1797  # no two of scikit-learn's digits are the same
    batch = draws(digits(), 1437).numpy()
    assert len({image.tobytes() for image in batch} & known) == 1437


def test_the_digits_held_out_are_the_same_in_every_process() -> None:
    order = torch.randperm(1797, generator=torch.Generator().manual_seed(0))
    pixels = torch.as_tensor(load_digits().images, dtype=torch.float32) / 16
    expected = {image.numpy().tobytes() for image in pixels[order[DIGITS_TRAINING:]]}
    held_out = digits().draw_held_out(360, torch.Generator()).numpy()
    assert {image.tobytes() for image in held_out} == expected


def test_more_digits_than_there_are_is_an_error() -> None:
    with pytest.raises(ValueError, match="1438 different images of 1437"):
        draws(digits(), 1438)
    with pytest.raises(ValueError, match="361 different images of 360"):
        digits().draw_held_out(361, torch.Generator())


def test_classes_go_with_their_images() -> None:
    bunch = load_digits()
    classes = {
        (image / 16).astype(np.float32).tobytes(): int(target)
        for image, target in zip(bunch.images, bunch.target, strict=True)
    }
    images, labels = labelled_digits()
    assert [classes[row] for row in rows(images)] == labels.tolist()


def test_stacked_digits_are_three_digits_in_colour() -> None:
    target = stacked_digits()
    images = draws(target, 5000)
    assert images.shape == (5000, 3, 8, 8)
    shift, scale = target.standardisation
    assert (shift.item(), scale) == (0.5, 0.5)
    known, labels = labelled_digits()
    place = {row: k for k, row in enumerate(rows(known))}
    drawn = torch.tensor([[place[row] for row in rows(image)] for image in images])
    assert (drawn < DIGITS_TRAINING).all()
    classes = labels[drawn]
    triples = classes @ torch.tensor([100, 10, 1])
    shares = labels[:DIGITS_TRAINING].bincount() / DIGITS_TRAINING
    chance = torch.einsum("i,j,k->ijk", shares, shares, shares).flatten().double()
    # A triple with chance p is missed by (1 - p)^5000, about e^-5 of a thousand: 993 on average,
    # with a standard deviation below sqrt(6.9) = 2.6; five of it.
    expected = (1 - (1 - chance) ** 5000).sum().item()
    assert len(set(triples.tolist())) == pytest.approx(expected, abs=13)
    # The three are independent: each pair of channels agrees as often as two draws of a class do.
    agree = (classes[:, 0] == classes[:, 1]).double().mean().item()
    assert agree == pytest.approx(shares.square().sum().item(), abs=5 * 0.3 / math.sqrt(5000))


def test_stacked_digits_hold_out_the_same_digits() -> None:
    known, _ = labelled_digits()
    held = set(rows(known[DIGITS_TRAINING:]))
    images = stacked_digits().draw_held_out(2000, rng(1))
    found = {row for image in images for row in rows(image)}
    # 6,000 draws of 360 digits miss one of them with a chance of 360 e^-16.7 = 2e-5.
    assert found == held
