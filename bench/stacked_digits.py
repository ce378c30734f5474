"""Modes of the stacked digits: `python -m bench.stacked_digits [--steps 6000]`.

Three 8×8 digits are the colour channels of one image, so there are 1,000 modes. The classifier of
the image metrics (`bench/digits_classifier.py`) names the three digits of each of 26,000 samples;
printed are how many triples occur, and the KL divergence of their histogram from the uniform one,
for a DCGAN-like pair with the non-saturating loss alone and with the relativistic loss and R1 + R2.

The published rows are of stacked MNIST: 28×28 digits from 60,000 writers' samples, larger networks.
The data differ, so the rows are a scale and no contest. Those figures are as they are commonly
quoted from the papers' tables, which could not be read again for this script.
"""

import argparse
import time
from math import log

import torch
from torch import Tensor

from ganviz import PRESETS, RunConfig, Trainer
from ganviz.datasets import DIGITS_TRAINING
from ganviz.datasets.digits import labelled_digits
from ganviz.quality.features import classify
from ganviz.trainer import one_thread

SAMPLES, PIECE = 26_000, 1_000

PUBLISHED = (
    ("DCGAN (Srivastava et al. 2017)", "99", "3.40"),
    ("ALI (same)", "16", "5.40"),
    ("Unrolled GAN (same)", "48.7", "4.32"),
    ("VEEGAN (same)", "150", "2.95"),
    ("PacDCGAN2 (Lin et al. 2018)", "1000", "0.06"),
)


def triples(samples: Tensor) -> Tensor:
    """The number from 0 to 999 that the three channels show, shape `(n,)`."""
    return classify(samples) @ torch.tensor([100, 10, 1])


def score(shown: Tensor) -> tuple[int, float]:
    """Triples that occur, and KL(histogram ‖ uniform) in nats."""
    counts = torch.bincount(shown, minlength=1000).double()
    share = counts / counts.sum()
    return int((counts > 0).sum()), torch.xlogy(share, 1000 * share).sum().item()


def _trained(config: RunConfig) -> tuple[Trainer, float]:
    start = time.perf_counter()
    trainer = Trainer(config)
    with one_thread():
        for _ in range(config.steps):
            trainer.step()
    return trainer, time.perf_counter() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.stacked_digits")
    parser.add_argument("--steps", type=int, default=PRESETS["stacked_digits"].config.steps)
    steps = parser.parse_args().steps
    images, labels = (x[DIGITS_TRAINING:] for x in labelled_digits())
    accuracy = (classify(images)[:, 0] == labels).double().mean().item()
    print(f"classifier: {100 * accuracy:.1f} % of the 360 held-out digits")
    rng = torch.Generator().manual_seed(0)
    config = PRESETS["stacked_digits"].config.replace(steps=steps)
    plain = config.replace(loss="non_saturating", penalty="none")
    relativistic = config.replace(loss="relativistic", penalty="r1_r2")
    print(f"{'':44} {'modes':>6} {'KL':>6} {'seconds':>8}")
    for name, modes, kl in PUBLISHED:
        print(f"{name + ', stacked MNIST':44} {modes:>6} {kl:>6}")
    real = _trained(plain.replace(steps=1))[0].target.draw_held_out(SAMPLES, rng)
    modes_found, divergence = score(triples(real))
    floor = f"{modes_found:>6} {divergence:6.3f}"
    print(f"{'held-out data themselves':44} {floor}   (noise alone: {999 / (2 * SAMPLES):.3f})")
    for name, config in (
        (f"plain, {steps:,} iterations", plain),
        (f"relativistic + R1 + R2, {steps:,} iterations", relativistic),
    ):
        trainer, seconds = _trained(config)
        made = torch.cat([trainer.sample(PIECE, rng) for _ in range(SAMPLES // PIECE)])
        found, divergence = score(triples(made))
        print(f"{name:44} {found:>6} {divergence:6.3f} {seconds:8.0f}", flush=True)
    print(f"(a histogram on one triple alone: KL {log(1000):.2f})")


if __name__ == "__main__":
    main()
