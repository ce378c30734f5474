"""The shipped classifier of digits: what it knows, and that it sees every image by itself."""

import pytest
import torch
from torch.nn.functional import interpolate

from ganviz.datasets import DIGITS_TRAINING
from ganviz.datasets.digits import labelled_digits
from ganviz.quality.features import FILE, WIDTH, classify, features
from tests.stand_ins import rng


def test_the_classifier_knows_digits_that_it_has_not_seen() -> None:
    images, labels = (x[DIGITS_TRAINING:] for x in labelled_digits())
    assert (classify(images)[:, 0] == labels).double().mean().item() >= 0.985


def test_the_weights_are_a_small_file() -> None:
    assert FILE.stat().st_size < 60_000


def test_features_have_a_mean_variance_of_1_on_the_training_digits() -> None:
    seen = features(labelled_digits()[0][:DIGITS_TRAINING])
    assert seen.shape == (DIGITS_TRAINING, WIDTH)
    # The weights were rounded to float16 after they were scaled.
    assert seen.var(0).mean().item() == pytest.approx(1, abs=2e-3)
    assert (seen.var(0) > 1e-2).all()


def test_features_of_an_image_do_not_depend_on_the_others() -> None:
    images = labelled_digits()[0]
    together = features(images.repeat(2, 1, 1, 1))
    for n in (1, 7, 100):
        torch.testing.assert_close(features(images[:n]), together[:n], rtol=0, atol=1e-5)
    torch.testing.assert_close(together[len(images) :], together[: len(images)], rtol=0, atol=1e-5)
    assert features(images[:0]).shape == (0, WIDTH)


def test_channels_are_seen_one_by_one() -> None:
    images, labels = labelled_digits()
    stacked = images[:30].reshape(10, 3, 8, 8)
    assert torch.equal(classify(stacked), classify(images[:30]).reshape(10, 3))
    assert (classify(stacked) == labels[:30].reshape(10, 3)).double().mean().item() > 0.9
    one_behind_the_other = torch.cat([features(stacked[:, i : i + 1]) for i in range(3)], 1)
    torch.testing.assert_close(features(stacked), one_behind_the_other, rtol=0, atol=1e-5)


def test_images_of_another_size_are_brought_to_8_by_8() -> None:
    images, _ = labelled_digits()
    for factors in ((2, 2), (4, 1)):
        larger = images[:50].repeat_interleave(factors[0], 2).repeat_interleave(factors[1], 3)
        torch.testing.assert_close(features(larger), features(images[:50]), rtol=0, atol=1e-4)
    assert features(torch.rand(6, 3, 28, 28, generator=rng(0))).shape == (6, 3 * WIDTH)
    small = torch.rand(6, 1, 4, 8, generator=rng(0))
    enlarged = interpolate(small, (8, 8), mode="bilinear")
    for narrow in (small, small.repeat_interleave(2, 3)):
        torch.testing.assert_close(features(narrow), features(enlarged), rtol=0, atol=1e-4)


def test_features_are_of_images() -> None:
    with pytest.raises(ValueError, match=r"images must be \(n, channels, height, width\)"):
        features(torch.zeros(3, 8, 8))
