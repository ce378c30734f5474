"""From a config, or a caller's own parts, to a target, its units and two networks that fit."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from ganviz.config import CUSTOM, ConfigError, RunConfig
from ganviz.config.together import check_shape
from ganviz.datasets import DATASETS, DataError
from ganviz.networks import (
    NETWORKS,
    Family,
    Shape,
    build_discriminator,
    give_stream,
    sees_batch,
    tried,
)
from ganviz.say import Message, _
from ganviz.target import Target
from ganviz.trainer.average import MovingAverage
from ganviz.trainer.game import Game
from ganviz.trainer.notices import of_randomness, of_reach
from ganviz.trainer.own import Role, check_apart, check_discriminator, check_generator, take
from ganviz.trainer.player import Player
from ganviz.trainer.probe import Probe
from ganviz.trainer.source import Source
from ganviz.trainer.streams import Streams
from ganviz.trainer.units import Units
from ganviz.trainer.value_logits import value_source_of


def check_device(config: RunConfig) -> None:
    """Check that the machine has what the settings compute on.

    Raises:
        ConfigError: if it has not.
    """
    if config.device == "cuda" and not torch.cuda.is_available():
        complaint = _("is 'cuda', but this machine has no CUDA device")
        raise ConfigError("device", complaint, {"device": "cuda"})


def registered_target(config: RunConfig) -> Target:
    """The dataset that `config` names.

    Raises:
        ConfigError: if it is "custom", which only a caller can give, or cannot be read.
    """
    if config.dataset == CUSTOM:
        complaint = _("is 'custom', so Trainer needs target=")
        raise ConfigError("dataset", complaint, {"dataset": CUSTOM})
    try:
        target: Target = DATASETS[config.dataset].fn(**config.options("dataset"))
    except DataError as error:
        values = {"dataset": config.dataset, "dataset_options": config.options("dataset")}
        complaint = _("cannot be used: {why}", why=error.message)
        raise ConfigError("dataset", complaint, values) from error
    return target


def find_units(config: RunConfig, target: Target, *, standardise: bool) -> Units:
    """How the networks see the data: as they are, unless `standardise` or the target says so."""
    device = torch.device(config.device)
    dtype: torch.dtype = getattr(torch, config.dtype)
    if not standardise and target.scale is None:
        return Units(torch.zeros((), device=device, dtype=dtype), 1.0, device, dtype)
    shift, scale = target.standardisation
    if isinstance(scale, Tensor):
        scale = scale.to(device, dtype)
    return Units(shift.to(device, dtype), scale, device, dtype)


class Built(NamedTuple):
    """Both networks on their device, and what is known of them."""

    generator: nn.Module
    discriminator: nn.Module
    alone: bool
    """D judges each of its inputs without a look at the rest of the batch."""
    drops: bool
    """There is dropout in G, which draws from the run's stream."""
    notices: tuple[Message, ...]


def build_networks(
    config: RunConfig,
    target: Target,
    units: Units,
    streams: Streams,
    generator: nn.Module | None,
    discriminator: nn.Module | None,
) -> Built:
    """The caller's own networks, or those that `config` describes.

    Raises:
        ConfigError: if the configured family cannot serve the target.
        ValueError: if the target's samples have another shape than it says, or a network of the
            caller's own does not fit them.
    """
    _check_samples(target)
    own: dict[Role, nn.Module | None] = {"generator": generator, "discriminator": discriminator}
    for role, network in own.items():
        if network is not None:
            take(role, network, units)
    if generator is not None and discriminator is not None:
        check_apart(generator, discriminator)
    # G's weights are drawn before D's.
    g = _generator(config, target, units, streams) if generator is None else generator
    d = _discriminator(config, target, units, streams) if discriminator is None else discriminator
    drops = generator is not None and give_stream(g, streams.generator_layers)
    notices: list[Message] = []
    batch = _noise(config, units, config.batch_size)
    if generator is not None:
        check_generator(g, batch, target.shape)
        notices += of_randomness("generator", g, batch)
    if discriminator is None:
        family = _family(config, target)
        alone = family.probe is None and not config.minibatch_std
        return Built(g, d, alone, drops, tuple(notices))
    give_stream(d, streams.discriminator_layers)
    x = _seen_together(config, target, units, g, batch)
    check_discriminator(d, x, learns_by=config.g_steps > 0)
    notices += of_randomness("discriminator", d, x) + of_reach(config, d, x)
    return Built(g, d, not sees_batch(d, x), drops, tuple(notices))


def _family(config: RunConfig, target: Target) -> Family:
    check_shape(config, target.shape, _("this target"))
    family: Family = NETWORKS[config.network].fn(**config.options("network"))
    return family


def _generator(config: RunConfig, target: Target, units: Units, streams: Streams) -> nn.Module:
    network = _family(config, target).generator(
        target.shape,
        config.latent_dim,
        config.width,
        config.generator_depth,
        streams.initialisation,
    )
    return network.to(units.device, units.dtype)


def _discriminator(config: RunConfig, target: Target, units: Units, streams: Streams) -> nn.Module:
    network = build_discriminator(
        _family(config, target),
        target.shape,
        config.width,
        config.depth,
        streams.initialisation,
        fourier=config.fourier,
        fourier_scale=config.fourier_scale,
        minibatch_std=config.minibatch_std,
        spectral_norm=config.spectral_norm,
        packing=config.packing,
    )
    return network.to(units.device, units.dtype)


def _noise(config: RunConfig, units: Units, n: int) -> Tensor:
    """Noise to try a generator on, from no stream of the run."""
    rng = torch.Generator().manual_seed(0)
    z = torch.rand(n, config.latent_dim, generator=rng, dtype=units.dtype)
    return z.mul_(2).sub_(1).to(units.device)


def _seen_together(
    config: RunConfig, target: Target, units: Units, generator: nn.Module, z: Tensor
) -> Tensor:
    """A batch of data and one of samples as D would see them together, packed."""
    real = units.standardised(target.sample(len(z), torch.Generator().manual_seed(0)))
    fake: Tensor = tried(generator, z, training=True)
    x = torch.cat([real, fake])
    return x.reshape(-1, config.packing * x.shape[1], *x.shape[2:])


def build_probe(config: RunConfig, target: Target, units: Units, rng: torch.Generator) -> nn.Module:
    """A discriminator of the same family that judges each sample by itself.

    Raises:
        ConfigError: if the configured family cannot serve the target.
    """
    probe = build_discriminator(
        _family(config, target).single,
        target.shape,
        config.width,
        config.depth,
        rng,
        fourier=config.fourier,
        fourier_scale=config.fourier_scale,
    )
    return probe.to(units.device, units.dtype)


def build_game(
    config: RunConfig,
    target: Target,
    units: Units,
    source: Source,
    streams: Streams,
    generator: nn.Module | None,
    discriminator: nn.Module | None,
) -> tuple[Game, tuple[Message, ...]]:
    """The players of a run, and what a person should know of those that are their own.

    Raises:
        ConfigError, ValueError: as `build_networks`.
    """
    built = build_networks(config, target, units, streams, generator, discriminator)
    value_source, probe = value_source_of(config, alone=built.alone), None
    if value_source == "probe":
        probe = Probe(build_probe(config, target, units, streams.probe), config)
    game = Game(
        config,
        source,
        Player(built.discriminator, config),
        Player(built.generator, config, streams.generator_layers if built.drops else None),
        alone=built.alone,
        value_source=value_source,
        probe=probe,
        average=MovingAverage(built.generator, config.ema) if config.ema > 0 else None,
    )
    return game, built.notices


def _check_samples(target: Target) -> None:
    expected: Shape = (2, *target.shape)
    real = target.sample(2, torch.Generator().manual_seed(0))
    if tuple(real.shape) != expected:
        raise ValueError(
            _(
                "target.sample(2, rng) must have shape {shape}, got {given}",
                shape=str(expected),
                given=str(tuple(real.shape)),
            )
        )
