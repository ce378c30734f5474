"""Image metrics: distances in features, classes, and copies of training images."""

from functools import cache

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from scipy.stats import betabinom
from torch import Tensor

from ganviz.datasets import DIGITS_TRAINING, digits, stacked_digits
from ganviz.datasets.digits import labelled_digits
from ganviz.datasets.samplers import without_repetition
from ganviz.quality import METRICS, Evaluation, Reference, evaluate
from ganviz.quality.classes import class_shares, data_shares
from ganviz.quality.draws import held_out, training
from ganviz.quality.features import classify, features
from ganviz.quality.images import frechet_distance, kernel_distance
from ganviz.readings import Floor
from ganviz.target import Target
from ganviz.verify import CHECKS
from tests.stand_ins import rng

N = 179
"""An eighth of the training digits."""
NAMES = ("frechet", "kid", "nearest_training", "class_kl", "class_entropy")


def points(n: int, dim: int, seed: int = 0) -> Tensor:
    """Correlated, so that neither covariance is diagonal, and away from 0."""
    x = torch.randn(n, dim, generator=rng(seed), dtype=torch.float64)
    return x @ torch.randn(dim, dim, generator=rng(seed + 100), dtype=torch.float64) + seed


@cache
def measured() -> tuple[Target, Reference, dict[str, Floor]]:
    """The digits, with every floor of the image metrics for samples of 179."""
    target = digits()
    reference = Reference(target, N)
    reference.floors.complete(NAMES)
    floors = {name: reference.floors.of(name) for name in NAMES}
    return target, reference, {name: floor for name, floor in floors.items() if floor}


def inside(samples: Tensor) -> dict[str, bool]:
    """Metric to whether its value lies in its floor."""
    _, reference, floors = measured()
    evaluation = Evaluation(samples, reference)
    return {name: floors[name].contains(evaluation.measure(name)) for name in NAMES}


# The distances.


def test_every_claim_on_the_frechet_distance_holds() -> None:
    rows = list(CHECKS["frechet_distances"].fn())
    assert len(rows) == 13
    assert [row for row in rows if not row.holds] == []


def test_the_frechet_distance_is_the_textbook_formula() -> None:
    x, y = points(400, 5), points(300, 5, seed=1)
    a, b = np.cov(x.numpy().T), np.cov(y.numpy().T)
    apart = (x.mean(0) - y.mean(0)).square().sum().item()
    level = apart + np.trace(a + b - 2 * sqrtm(a @ b).real)
    assert frechet_distance(x, y) == pytest.approx(level, rel=1e-9)
    assert frechet_distance(y, x) == pytest.approx(level, rel=1e-9)
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-9)


def test_the_frechet_distance_of_few_points_in_many_dimensions_is_finite() -> None:
    x, y = points(5, 40), points(4, 40, seed=1)
    # Covariances of rank 4 and 3, of which a square root of the product is hard to take.
    spread = x.var(0).sum() + y.var(0).sum()
    apart = (x.mean(0) - y.mean(0)).square().sum()
    assert 0 < frechet_distance(x, y) < (apart + spread).item()
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-6)


def test_kid_is_the_mean_over_pairs_of_different_points() -> None:
    x, y = points(12, 3) / 4, points(9, 3, seed=1) / 4

    def k(a: Tensor, b: Tensor) -> float:
        return ((a @ b).item() / 3 + 1) ** 3

    def mean(pairs: list[float]) -> float:
        return sum(pairs) / len(pairs)

    same = [[k(a, b) for i, a in enumerate(z) for j, b in enumerate(z) if i != j] for z in (x, y)]
    level = mean(same[0]) + mean(same[1]) - 2 * mean([k(a, b) for a in x for b in y])
    assert kernel_distance(x, y) == pytest.approx(level, abs=1e-12)


def test_kid_of_one_distribution_is_0_in_the_mean() -> None:
    pairs = torch.randn(300, 2, 40, 4, generator=rng(0), dtype=torch.float64)
    found = torch.tensor([kernel_distance(x, y) for x, y in pairs])
    # A biased estimate would read 2 E k(x, x) / 40 = 0.5; four standard errors are 0.07.
    assert found.mean().item() == pytest.approx(0, abs=4 * found.std().item() / 300**0.5)
    assert found.std().item() / 300**0.5 < 0.02
    assert (found < 0).any()


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
@pytest.mark.parametrize("shape", [(4,), (4, 3), (1, 2)])
def test_what_has_no_distance(distance: object, shape: tuple[int, ...]) -> None:
    assert callable(distance)
    with pytest.raises(ValueError, match="at least two points of the same dim, got"):
        distance(torch.zeros(4, 2), torch.zeros(shape))


# The metrics, against their floors.


def test_training_digits_lie_inside_the_floors() -> None:
    target, _, _ = measured()
    found = [inside(target.sample(N, rng(seed))) for seed in range(100)]
    for name in ("frechet", "kid", "class_kl", "class_entropy"):
        assert sum(one[name] for one in found) >= 97, name
    # They are the images that training has seen, every one of them.
    assert sum(one["nearest_training"] for one in found) == 0


def test_digits_that_training_has_not_seen_keep_their_distance() -> None:
    target, _, _ = measured()
    found = [inside(held_out(target, N, rng(seed))) for seed in range(100)]
    assert sum(one["nearest_training"] for one in found) >= 97
    found = [inside(target.draw_held_out(N, rng(seed))) for seed in range(100)]
    assert sum(one["nearest_training"] for one in found) >= 97


def test_a_generator_of_one_class_lies_far_outside() -> None:
    _, reference, floors = measured()
    images, labels = (x[:DIGITS_TRAINING] for x in labelled_digits())
    threes = images[labels == 3]
    evaluation = Evaluation(threes[torch.randint(len(threes), (N,), generator=rng(0))], reference)
    for name in ("frechet", "kid", "class_kl"):
        spread = floors[name].high - floors[name].mean
        assert evaluation.measure(name) > floors[name].mean + 20 * spread, name
    assert evaluation.measure("class_kl") > 2
    assert evaluation.measure("class_entropy") < 0.1 < 2.2 < floors["class_entropy"].low


def test_noise_lies_outside_on_the_other_side_of_copies() -> None:
    _, reference, floors = measured()
    noise = Evaluation(torch.rand(N, 1, 8, 8, generator=rng(0)), reference)
    assert noise.measure("nearest_training") > floors["nearest_training"].high
    assert noise.measure("frechet") > 5 * floors["frechet"].high


def test_copies_have_a_distance_of_exactly_0() -> None:
    target, reference, floors = measured()
    copies = Evaluation(target.sample(N, rng(3)), reference)
    assert copies.measure("nearest_training") == 0
    assert floors["nearest_training"].low > 0.5


def test_copies_of_images_in_colour_have_a_distance_of_exactly_0() -> None:
    # Sixteenths add up exactly in float32, so that digits cannot tell; these numbers can.
    pixels = torch.rand(50, 3, 12, 12, generator=rng(0))
    split = (without_repetition(pixels[:40]), without_repetition(pixels[40:]))
    target = Target(split[0], (3, 12, 12), held_out=split[1], size=40, held_out_size=10)
    reference = Reference(target, 40)
    assert Evaluation(pixels[:40], reference).measure("nearest_training") == 0
    assert Evaluation(pixels[10:], reference).measure("nearest_training") > 1


def test_the_nearest_training_image_is_the_nearest_of_all() -> None:
    _, reference, _ = measured()
    fakes = torch.rand(N, 1, 8, 8, generator=rng(0))
    apart = fakes.flatten(1)[:, None] - labelled_digits()[0][:DIGITS_TRAINING].flatten(1)
    level = apart.double().square().sum(2).sqrt().min(1).values.mean().item()
    measured_distance = Evaluation(fakes, reference).measure("nearest_training")
    assert measured_distance == pytest.approx(level, rel=1e-6)


def test_metrics_agree_with_the_distances_of_the_features() -> None:
    target = stacked_digits()
    reference = Reference(target, 1200)
    samples = target.sample(1200, rng(0))
    evaluation = Evaluation(samples, reference)
    real, fake = features(reference.real), features(samples)
    assert evaluation.measure("frechet") == pytest.approx(frechet_distance(real, fake), rel=1e-6)
    level = kernel_distance(real[:1000], fake[:1000])
    assert evaluation.measure("kid") == pytest.approx(level, abs=1e-4)


def test_which_metrics_apply() -> None:
    def metrics(target: Target) -> set[str]:
        return {name for name in NAMES if METRICS[name].facts["applies"](target)}

    assert metrics(digits()) == set(NAMES)
    assert metrics(stacked_digits()) == set(NAMES) - {"nearest_training"}
    sample = digits().sample
    plain = Target(sample, (1, 8, 8), held_out=sample, size=1437, held_out_size=360)
    assert metrics(plain) == {"frechet", "kid", "nearest_training"}
    flat = Target(lambda n, r: torch.randn(n, 2, generator=r), 2, classes=digits().classes)
    assert metrics(flat) == set()


def test_more_samples_than_digits_can_be_measured() -> None:
    samples = labelled_digits()[0][torch.arange(1500) % DIGITS_TRAINING]
    value, low, high = evaluate(samples, digits(), metrics=["class_entropy"])["class_entropy"]
    assert low <= value <= high


# Classes.


def test_shares_are_counted_beside_the_data_and_its_noise() -> None:
    target = digits()
    images, labels = (x[:DIGITS_TRAINING] for x in labelled_digits())
    shares = class_shares(images[labels == 7][:100], target)
    assert shares.labels == tuple("0123456789")
    assert shares.fakes[7] > 0.95
    assert shares.fakes.sum() == pytest.approx(1)
    data = torch.bincount(labels, minlength=10) / DIGITS_TRAINING
    np.testing.assert_allclose(shares.data, data, atol=0.005)
    # The data's share is itself counted on so many images.
    counts = [DIGITS_TRAINING * part for part in (shares.data[7], 1 - shares.data[7])]
    assert shares.high[7] == np.float32(betabinom.ppf(0.995, 100, *counts) / 100)
    assert shares.low[7] == np.float32(betabinom.ppf(0.005, 100, *counts) / 100)
    assert (shares.low < shares.data).all()
    assert (shares.data < shares.high).all()


def test_a_class_that_the_data_lack_keeps_the_kl_finite() -> None:
    images, labels = (x[:DIGITS_TRAINING] for x in labelled_digits())
    shown = classify(images)[:, 0]
    some = without_repetition(images[shown < 9])
    n = int((shown < 9).sum())
    target = Target(some, (1, 8, 8), size=n, classes=tuple("0123456789"))
    assert data_shares(target)[9].item() == pytest.approx(0.5 / (n + 5), rel=1e-9)
    nines = Evaluation(images[labels == 9][:100], Reference(target, 100))
    assert 5 < nines.measure("class_kl") < float("inf")


def test_shares_of_stacked_digits_are_over_all_channels() -> None:
    images, labels = labelled_digits()
    ones = images[labels == 1][:30].reshape(10, 3, 8, 8)
    eights = images[labels == 8][:10]
    ones[:, 2:] = eights
    shares = class_shares(ones, stacked_digits())
    assert shares.fakes[[1, 8]] == pytest.approx([2 / 3, 1 / 3], abs=0.1)


def test_shares_need_classes() -> None:
    with pytest.raises(ValueError, match="states no classes"):
        class_shares(torch.zeros(10, 1, 8, 8), Target(digits().sample, (1, 8, 8)))


def test_kl_and_entropy_are_those_of_the_shares() -> None:
    target, reference, _ = measured()
    samples = target.sample(N, rng(9))
    shares, evaluation = class_shares(samples, target), Evaluation(samples, reference)
    p, q = shares.data.astype(float), shares.fakes.astype(float)
    assert evaluation.measure("class_kl") == pytest.approx((q * np.log(q / p)).sum(), abs=1e-6)
    assert evaluation.measure("class_entropy") == pytest.approx(-(q * np.log(q)).sum(), abs=1e-6)


# Real data in the place of samples.


def test_draws_of_training_repeat_no_image() -> None:
    drawn = training(digits(), DIGITS_TRAINING, rng(0))
    assert len({image.numpy().tobytes() for image in drawn}) == DIGITS_TRAINING
    with pytest.raises(ValueError, match="asked for 1438 different rows of 1437"):
        training(digits(), DIGITS_TRAINING + 1, rng(0))


def test_the_mean_of_held_out_draws_scatters_like_that_of_new_data() -> None:
    target = digits()
    images = labelled_digits()[0][DIGITS_TRAINING:]
    ink = images.sum((1, 2, 3))
    for n in (100, 360, 2000):
        means = [held_out(target, n, rng(seed)).sum((1, 2, 3)).mean().item() for seed in range(400)]
        level = ink.std().item() * (1 / n + 1 / 360) ** 0.5
        # 400 draws know a deviation to 3.5 %; three of these and the rounding of m.
        assert float(np.std(means)) == pytest.approx(level, rel=0.13)
    known = {image.numpy().tobytes() for image in images}
    assert {image.numpy().tobytes() for image in held_out(target, 2000, rng(0))} <= known
