"""`Trainer.step()` with everything recorded, against a textbook loop: `python -m bench.throughput`.

The textbook loop has the same networks, data, batch and losses: BCE on a sigmoid, two passes of D,
torch's default Adam and two `.item()` calls an iteration. It makes the fakes once an iteration and
uses them in both halves, as the trainer does. One thread each; short stretches take turns,
and the medians are compared, so that a busy machine slows both alike.
"""

import time
from collections.abc import Callable
from statistics import median

import torch
from torch import nn

from ganviz import DATASETS, NETWORKS, RunConfig, Trainer

STRETCH = 40
ROUNDS = 50

CASES = {
    "MLP 2-64-64, batch 256": (RunConfig(width=64, latent_dim=2), 1.15),
    "MLP 2-128-128, batch 256": (RunConfig(width=128, latent_dim=2), 1.15),
    "conv pair on digits, batch 64": (
        RunConfig(dataset="digits", network="conv", width=32, latent_dim=32, batch_size=64),
        1.0,
    ),
}


def textbook(config: RunConfig) -> Callable[[], None]:
    """One iteration of the loop that tutorials teach."""
    target = DATASETS[config.dataset].fn(**config.options("dataset"))
    shift, scale = target.standardisation
    shift = shift.float()
    family = NETWORKS[config.network].fn()
    rng = torch.Generator().manual_seed(config.seed)
    sizes = (config.width, config.depth, rng)
    generator = family.generator(target.shape, config.latent_dim, *sizes)
    discriminator = nn.Sequential(family.discriminator(target.shape, *sizes), nn.Sigmoid())
    adam_g = torch.optim.Adam(generator.parameters(), lr=config.lr_g, betas=(0.5, 0.99))
    adam_d = torch.optim.Adam(discriminator.parameters(), lr=config.lr_d, betas=(0.5, 0.99))
    bce = nn.BCELoss()
    real_label, fake_label = torch.ones(config.batch_size, 1), torch.zeros(config.batch_size, 1)
    losses: list[tuple[float, float]] = []

    def step() -> None:
        real = (target.sample(config.batch_size, rng) - shift) / scale
        fake = generator(torch.randn(config.batch_size, config.latent_dim, generator=rng))
        adam_d.zero_grad()
        d_loss = bce(discriminator(real), real_label)
        d_loss = d_loss + bce(discriminator(fake.detach()), fake_label)
        d_loss.backward()
        adam_d.step()
        adam_g.zero_grad()
        g_loss = bce(discriminator(fake), real_label)
        g_loss.backward()
        adam_g.step()
        losses.append((d_loss.item(), g_loss.item()))

    return step


def measure(steps: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Iterations a second of each, from alternating stretches."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for i in range(ROUNDS + 3):
        for name, step in steps.items():
            start = time.perf_counter()
            for _ in range(STRETCH):
                step()
            if i >= 3:
                seconds[name].append(time.perf_counter() - start)
    return {name: STRETCH / median(found) for name, found in seconds.items()}


def main() -> None:
    """Print a line a case."""
    torch.set_num_threads(1)
    print(f"{'case':32} {'textbook/s':>11} {'ganviz/s':>9} {'ratio':>6} {'wanted':>7}")
    for name, (config, wanted) in CASES.items():
        rates = measure({"textbook": textbook(config), "ganviz": Trainer(config).step})
        ratio = rates["ganviz"] / rates["textbook"]
        print(
            f"{name:32} {rates['textbook']:11.0f} {rates['ganviz']:9.0f} {ratio:6.2f} {wanted:7.2f}"
        )


if __name__ == "__main__":
    main()
