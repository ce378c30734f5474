"""From a config, or a caller's own parts, to a target, its units and two networks that fit."""

import torch
from torch import Tensor, nn

from ganviz.config import CUSTOM, ConfigError, RunConfig
from ganviz.config.together import check_shape
from ganviz.datasets import DATASETS, DataError
from ganviz.networks import NETWORKS, Shape, build_discriminator
from ganviz.target import Target
from ganviz.trainer.view import Units, evaluating


def registered_target(config: RunConfig) -> Target:
    """The dataset that `config` names.

    Raises:
        ConfigError: if it is "custom", which only a caller can give, or cannot be read.
    """
    if config.dataset == CUSTOM:
        raise ConfigError("dataset", "is 'custom', so Trainer needs target=", {"dataset": CUSTOM})
    try:
        target: Target = DATASETS[config.dataset].fn(**config.options("dataset"))
    except DataError as error:
        values = {"dataset": config.dataset, "dataset_options": config.options("dataset")}
        raise ConfigError("dataset", f"cannot be used: {error}", values) from error
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


def build_networks(
    config: RunConfig,
    target: Target,
    units: Units,
    rng: torch.Generator,
    generator: nn.Module | None,
    discriminator: nn.Module | None,
) -> tuple[nn.Module, nn.Module]:
    """Both networks on their device: the caller's own, or those that `config` describes.

    Raises:
        ConfigError: if the configured family cannot serve the target.
        ValueError: if the shapes of the target's samples and of the networks do not agree.
    """
    if generator is None or discriminator is None:
        entry = NETWORKS[config.network]
        check_shape(config, target.shape, "this target")
        family = entry.fn(**config.options("network"))
        if generator is None:
            generator = family.generator(
                target.shape, config.latent_dim, config.width, config.generator_depth, rng
            )
        if discriminator is None:
            discriminator = build_discriminator(
                family,
                target.shape,
                config.width,
                config.depth,
                rng,
                fourier=config.fourier,
                fourier_scale=config.fourier_scale,
                minibatch_std=config.minibatch_std,
                spectral_norm=config.spectral_norm,
                packing=config.packing,
            )
    for network in (generator, discriminator):
        network.to(units.device, units.dtype)
    _check_shapes(target, units, generator, discriminator, config)
    return generator, discriminator


def build_probe(config: RunConfig, target: Target, units: Units, rng: torch.Generator) -> nn.Module:
    """A discriminator of the same family that judges each sample by itself.

    Raises:
        ConfigError: if the configured family cannot serve the target.
    """
    check_shape(config, target.shape, "this target")
    family = NETWORKS[config.network].fn(**config.options("network"))
    probe = build_discriminator(
        family.single,
        target.shape,
        config.width,
        config.depth,
        rng,
        fourier=config.fourier,
        fourier_scale=config.fourier_scale,
    )
    return probe.to(units.device, units.dtype)


def _check_shapes(
    target: Target,
    units: Units,
    generator: nn.Module,
    discriminator: nn.Module,
    config: RunConfig,
) -> None:
    latent_dim, packing = config.latent_dim, config.packing
    expected: Shape = (2, *target.shape)
    real = target.sample(2, torch.Generator().manual_seed(0))
    if tuple(real.shape) != expected:
        raise ValueError(f"target.sample(2, rng) must have shape {expected}, got {(*real.shape,)}")
    with evaluating(generator, discriminator):
        fake = generator(torch.zeros(2, latent_dim, device=units.device, dtype=units.dtype))
        if tuple(fake.shape) != expected:
            raise ValueError(
                f"generator of noise (2, {latent_dim}) must have shape {expected}, "
                f"got {(*fake.shape,)}"
            )
        logits = discriminator(torch.cat([units.standardised(real)] * packing, 1))
        if tuple(logits.shape) not in ((2,), (2, 1)):
            raise ValueError(
                f"discriminator of 2 samples must have shape (2,) or (2, 1), got {(*logits.shape,)}"
            )
