"""Values that are fine by themselves and impossible together."""

from typing import Any

from ganviz.config.errors import ConfigError
from ganviz.config.fields import CUSTOM, Fields
from ganviz.datasets import complaint_of, shape_of, size_of
from ganviz.losses import LOSSES
from ganviz.networks import NETWORKS


def check_together(config: Fields) -> None:
    """Check what depends on more than one field; data that must be read first are checked later.

    Raises:
        ConfigError: at the field to change.
    """
    if config.d_steps == config.g_steps == 0:
        raise ConfigError(
            "d_steps",
            "and {} are both 0, so neither player would learn",
            {"d_steps": 0, "g_steps": 0},
            ["g_steps"],
        )
    if config.batch_size % config.packing:
        raise ConfigError(
            "packing",
            f"must divide the batch of {config.batch_size}, got {config.packing}",
            _values(config, "packing", "batch_size"),
        )
    if config.label_smoothing and LOSSES[config.loss].facts["critic"] != "logit":
        raise ConfigError(
            "label_smoothing",
            f"needs a D that is a probability, which {config.loss} has not",
            _values(config, "label_smoothing", "loss"),
        )
    if config.dataset != CUSTOM:
        _check_data(config)


def _check_data(config: Fields) -> None:
    options = dict(config.dataset_options)
    if complaint := complaint_of(config.dataset, options):
        option, sentence = complaint
        field = f"dataset_options.{option}"
        raise ConfigError(field, f"cannot be used: {sentence}", {field: options[option]})
    size, shape = size_of(config.dataset, options), shape_of(config.dataset, options)
    if size and config.batch_size > size:
        raise ConfigError(
            "batch_size",
            f"is {config.batch_size:,}, but {config.dataset} has only {size:,} samples to train on",
            _values(config, "batch_size", "dataset"),
        )
    if shape is not None:
        check_shape(config, shape, config.dataset)


def check_shape(config: Fields, shape: tuple[int, ...], data: str) -> None:
    """Check that the players can serve `data` of this shape.

    Raises:
        ConfigError: if the network's family cannot, or a trick cannot.
    """
    complain = NETWORKS[config.network].facts["complaint"]
    for depth in ("depth", "depth_g") if config.depth_g else ("depth",):
        if complaint := complain(shape, getattr(config, depth), config.latent_dim):
            field = depth if complaint.field == "depth" else complaint.field
            template = f"cannot serve {data}: {config.network} {complaint.template}"
            raise ConfigError(field, template, _values(config, field, "network"), [field])
    if config.fourier and len(shape) > 1:
        values = _values(config, "fourier", "dataset")
        raise ConfigError("fourier", f"is for vectors, and {data} has images", values)


def _values(config: Fields, *names: str) -> dict[str, Any]:
    return {name: getattr(config, name) for name in names}
