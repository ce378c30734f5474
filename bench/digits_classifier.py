"""Trains the classifier behind the image metrics: `python -m bench.digits_classifier [--write]`.

It learns from the 1,437 training digits alone and is tested on the other 360. `--write` replaces
`ganviz/quality/digits.npz` by what was learned; every Fréchet distance and KID is in its units.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from ganviz.datasets import DIGITS_TRAINING
from ganviz.datasets.digits import labelled_digits
from ganviz.quality.features import CLASSES, FILE, WIDTH, Weights
from ganviz.trainer import one_thread

CHANNELS = (16, 32)
PASSES, BATCH, RATE = 60, 64, 2e-3


def untrained(rng: torch.Generator) -> Weights:
    """Uniform weights of the usual range, 1/√fan-in."""
    first, second = CHANNELS
    shapes = [(first, 1, 3, 3), (second, first, 3, 3), (WIDTH, second * 16), (CLASSES, WIDTH)]
    made = []
    for shape in shapes:
        weight, bias = torch.empty(shape), torch.empty(shape[0])
        reach = weight[0].numel() ** -0.5
        made += [x.uniform_(-reach, reach, generator=rng) for x in (weight, bias)]
    return Weights(*(x.requires_grad_() for x in made))


def shifted(images: Tensor, rng: torch.Generator) -> Tensor:
    """Each image moved by at most one pixel along either axis, on black."""
    padded = torch.nn.functional.pad(images, (1, 1, 1, 1))
    rows, columns = torch.randint(3, (2, len(images), 1), generator=rng)
    eight = torch.arange(8)
    down, right = (rows + eight)[:, :, None], (columns + eight)[:, None, :]
    return padded[torch.arange(len(images))[:, None, None], 0, down, right].unsqueeze(1)


def trained(rng: torch.Generator) -> Weights:
    """The classifier after all passes over the training digits, its learning rate falling to 0."""
    images, labels = (x[:DIGITS_TRAINING] for x in labelled_digits())
    weights = untrained(rng)
    adam = torch.optim.Adam(weights, lr=RATE)
    batches = PASSES * -(-DIGITS_TRAINING // BATCH)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(adam, batches)
    for _ in range(PASSES):
        for batch in torch.split(torch.randperm(DIGITS_TRAINING, generator=rng), BATCH):
            adam.zero_grad()
            seen = weights.features(shifted(images[batch], rng))
            cost = cross_entropy(weights.logits(seen), labels[batch])
            cost.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            adam.step()
            falling.step()
    return Weights(*(x.detach() for x in weights))


def in_units(weights: Weights) -> Weights:
    """The same classifier, its features scaled to a mean variance of 1 on the training digits."""
    images, _ = labelled_digits()
    scale = weights.features(images[:DIGITS_TRAINING]).var(0).mean().sqrt()
    return weights._replace(
        hidden=weights.hidden / scale,
        hidden_bias=weights.hidden_bias / scale,
        out=weights.out * scale,
    )


def accuracy(weights: Weights, first: int, last: int | None = None) -> float:
    """The share of the digits from `first` to `last` that are recognised."""
    images, labels = (x[first:last] for x in labelled_digits())
    guessed = weights.logits(weights.features(images)).argmax(1)
    return (guessed == labels).double().mean().item()


def write(weights: Weights, path: Path) -> None:
    """The weights as float16 arrays of their names."""
    halves = {name: x.half().numpy() for name, x in weights._asdict().items()}
    np.savez(path, allow_pickle=False, **halves)


def main() -> None:
    """Train, print the accuracy, and write where asked to."""
    parser = argparse.ArgumentParser(prog="python -m bench.digits_classifier")
    parser.add_argument("--write", action="store_true", help=f"replace {FILE.name}")
    wanted = parser.parse_args()
    start = time.perf_counter()
    with one_thread():
        weights = in_units(trained(torch.Generator().manual_seed(0)))
    rounded = Weights(*(x.half().float() for x in weights))
    print(f"{sum(x.numel() for x in weights):,} weights, {time.perf_counter() - start:.0f} s")
    print(f"training digits: {100 * accuracy(rounded, 0, DIGITS_TRAINING):.2f} %")
    print(f"held-out digits: {100 * accuracy(rounded, DIGITS_TRAINING):.2f} %")
    if wanted.write:
        write(weights, FILE)
        print(f"wrote {FILE.name}, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
