"""Values that are fine by themselves and impossible together."""

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
        raise ConfigError("d_steps", "and g_steps are both 0, so neither player would learn")
    if config.batch_size % config.packing:
        raise ConfigError(
            "packing", f"must divide the batch of {config.batch_size}, got {config.packing}"
        )
    if config.label_smoothing and LOSSES[config.loss].facts["critic"] != "logit":
        raise ConfigError(
            "label_smoothing", f"needs a D that is a probability, which {config.loss} has not"
        )
    if config.dataset != CUSTOM:
        _check_data(config)


def _check_data(config: Fields) -> None:
    options = dict(config.dataset_options)
    if complaint := complaint_of(config.dataset, options):
        raise ConfigError(f"dataset_options.{complaint[0]}", f"cannot be used: {complaint[1]}")
    size, shape = size_of(config.dataset, options), shape_of(config.dataset, options)
    if size and config.batch_size > size:
        raise ConfigError(
            "batch_size",
            f"is {config.batch_size:,}, but {config.dataset} has only {size:,} samples to train on",
        )
    if shape is not None:
        check_shape(config, shape, config.dataset)


def check_shape(config: Fields, shape: tuple[int, ...], data: str) -> None:
    """Check that the players can serve `data` of this shape.

    Raises:
        ConfigError: if the network's family cannot, or a trick cannot.
    """
    complain = NETWORKS[config.network].facts["complaint"]
    for field, depth in (("depth", config.depth), ("depth_g", config.depth_g or config.depth)):
        if complaint := complain(shape, depth, config.latent_dim):
            named = {"depth": field, "latent_dim": "latent_dim"}
            place = next((at for word, at in named.items() if word in complaint), "network")
            raise ConfigError(place, f"cannot serve {data}: {config.network} {complaint}")
    if config.fourier and len(shape) > 1:
        raise ConfigError("fourier", f"is for vectors, and {data} has images")
