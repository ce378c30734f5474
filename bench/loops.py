"""Training loops as people write them, to measure ours against: same networks, data and losses."""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from ganviz import DATASETS, NETWORKS, RunConfig
from ganviz.networks import build_discriminator

Step = Callable[[], None]


class Parts:
    """Data, networks and torch's Adam, as a loop needs them."""

    def __init__(self, config: RunConfig) -> None:
        self.config = config
        self.target = DATASETS[config.dataset].fn(**config.options("dataset"))
        shift, scale = self.target.standardisation
        self.shift, self.scale = shift.float(), scale
        self.rng = torch.Generator().manual_seed(config.seed)
        family = NETWORKS[config.network].fn(**config.options("network"))
        shape, width = self.target.shape, config.width
        self.generator = family.generator(
            shape, config.latent_dim, width, config.generator_depth, self.rng
        )
        self.discriminator = build_discriminator(
            family,
            shape,
            width,
            config.depth,
            self.rng,
            fourier=config.fourier,
            fourier_scale=config.fourier_scale,
        )

    def adam(self, network: nn.Module, lr: float, *, fused: bool) -> torch.optim.Adam:
        """Torch's Adam for one player."""
        betas = (self.config.beta1, self.config.beta2)
        return torch.optim.Adam(network.parameters(), lr=lr, betas=betas, fused=fused)

    def real(self) -> Tensor:
        """A batch of data, standardised."""
        batch: Tensor = self.target.sample(self.config.batch_size, self.rng)
        return (batch - self.shift) / self.scale

    def fake(self) -> Tensor:
        """A batch of samples."""
        z = torch.randn(self.config.batch_size, self.config.latent_dim, generator=self.rng)
        made: Tensor = self.generator(z)
        return made


def textbook(config: RunConfig) -> Step:
    """What tutorials teach: BCE on a sigmoid, two passes of D, `.item()` on every loss.

    It makes the fakes once an iteration and uses them in both halves, as the trainer does.
    """
    parts = Parts(config)
    discriminator = nn.Sequential(parts.discriminator, nn.Sigmoid())
    adam_g = parts.adam(parts.generator, config.lr_g, fused=False)
    adam_d = parts.adam(discriminator, config.lr_d, fused=False)
    bce = nn.BCELoss()
    real_label, fake_label = torch.ones(config.batch_size, 1), torch.zeros(config.batch_size, 1)
    losses: list[tuple[float, float]] = []

    def step() -> None:
        real, fake = parts.real(), parts.fake()
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


def textbook_r1_r2(config: RunConfig) -> Step:
    """The textbook loop on logits with R1 and R2, each by a pass of its own, as published code."""
    parts = Parts(config)
    d = parts.discriminator
    adam_g = parts.adam(parts.generator, config.lr_g, fused=False)
    adam_d = parts.adam(d, config.lr_d, fused=False)
    bce = nn.BCEWithLogitsLoss()
    real_label, fake_label = torch.ones(config.batch_size, 1), torch.zeros(config.batch_size, 1)
    losses: list[tuple[float, float]] = []

    def judged(x: Tensor, label: Tensor) -> Tensor:
        x = x.detach().requires_grad_()
        logits = d(x)
        (slope,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
        penalty = slope.square().flatten(1).sum(1).mean() * config.penalty_weight / 2
        loss: Tensor = bce(logits, label) + penalty
        return loss

    def step() -> None:
        real, fake = parts.real(), parts.fake()
        adam_d.zero_grad()
        d_loss = judged(real, real_label) + judged(fake, fake_label)
        d_loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        adam_d.step()
        adam_g.zero_grad()
        g_loss = bce(d(fake), real_label)
        g_loss.backward()
        adam_g.step()
        losses.append((d_loss.item(), g_loss.item()))

    return step


def careful(config: RunConfig) -> Step:
    """What an expert writes without a compiler: logits, one pass of D on both batches, torch's
    fused Adam, D frozen in G's half, an average of G, and numbers fetched together."""
    parts = Parts(config)
    d = parts.discriminator
    adam_g = parts.adam(parts.generator, config.lr_g, fused=True)
    adam_d = parts.adam(d, config.lr_d, fused=True)
    average = deepcopy(parts.generator)
    pairs = list(zip(average.parameters(), parts.generator.parameters(), strict=True))
    losses: list[list[float]] = []

    def step() -> None:
        real, fake = parts.real(), parts.fake()
        real_logits, fake_logits = d(torch.cat([real, fake.detach()])).chunk(2)
        d_loss = softplus(-real_logits).mean() + softplus(fake_logits).mean()
        adam_d.zero_grad(set_to_none=True)
        d_loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        adam_d.step()
        d.requires_grad_(False)
        g_loss = softplus(-d(fake)).mean()
        adam_g.zero_grad(set_to_none=True)
        g_loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        adam_g.step()
        d.requires_grad_(True)
        with torch.no_grad():
            for mine, its in pairs:
                mine.lerp_(its, 1 - config.ema)
        losses.append(torch.stack([d_loss.detach(), g_loss.detach()]).tolist())

    return step
