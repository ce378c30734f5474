"""Values that are fine by themselves and impossible together."""

from typing import Any

from ganviz.config.errors import ConfigError
from ganviz.config.fields import CUSTOM, Clash, Data, Fields, Values
from ganviz.config.schema import field_metadata, settings
from ganviz.datasets import complaint_of, shape_of, size_of
from ganviz.networks import NETWORKS
from ganviz.registry import Mention
from ganviz.say import Text, _


def check_together(config: Fields) -> None:
    """Check what depends on more than one field; data that must be read first are checked later.

    Raises:
        ConfigError: at the field to change.
    """
    if config.d_steps == config.g_steps == 0:
        complaint = _(
            "and {other} are both 0, so neither player would learn", other=Mention("g_steps")
        )
        raise ConfigError("d_steps", complaint, {"d_steps": 0, "g_steps": 0})
    if config.batch_size % config.packing:
        complaint = _(
            "must divide the batch of {batch}, got {packing}",
            batch=config.batch_size,
            packing=config.packing,
        )
        raise ConfigError("packing", complaint, _values(config, "packing", "batch_size"))
    _check_clashes(config, Data(config.dataset, None))
    if config.dataset != CUSTOM:
        _check_data(config)


def _check_data(config: Fields) -> None:
    options = dict(config.dataset_options)
    if found := complaint_of(config.dataset, options):
        option, sentence = found
        field = f"dataset_options.{option}"
        complaint = _("cannot be used: {error}", error=sentence)
        raise ConfigError(field, complaint, {field: options[option]})
    size, shape = size_of(config.dataset, options), shape_of(config.dataset, options)
    if size and config.batch_size > size:
        complaint = _(
            "is {batch:,}, but {dataset} has only {size:,} samples to train on",
            batch=config.batch_size,
            dataset=config.dataset,
            size=size,
        )
        raise ConfigError("batch_size", complaint, _values(config, "batch_size", "dataset"))
    if shape is not None:
        check_shape(config, shape, config.dataset)


def check_shape(config: Fields, shape: tuple[int, ...], data: Text) -> None:
    """Check that the players can serve `data` of this shape.

    Raises:
        ConfigError: if the network's family cannot, or a trick cannot.
    """
    complain = NETWORKS[config.network].facts["complaint"]
    for depth in ("depth", "depth_g") if config.depth_g else ("depth",):
        if found := complain(shape, getattr(config, depth), config.latent_dim):
            field = depth if found.field == "depth" else found.field
            complaint = _(
                "cannot serve {data}: {network} {complaint}",
                data=data,
                network=config.network,
                complaint=found.message,
            )
            raise ConfigError(field, complaint, _values(config, field, "network"))
    _check_clashes(config, Data(data, shape))


def clash(field: str, values: Values, data: Data) -> Clash | None:
    """Why a field can have no value but its default beside the others and such data, or None."""
    clashes = field_metadata(field)["clashes"]
    found: Clash | None = clashes(values, data) if clashes else None
    return found


def _check_clashes(config: Fields, data: Data) -> None:
    values = _values(config, *settings())
    for name, spec in settings().items():
        if values[name] != spec.default and (found := clash(name, values, data)):
            raise ConfigError(name, found.complaint, _values(config, name, found.field))


def _values(config: Fields, *names: str) -> dict[str, Any]:
    return {name: getattr(config, name) for name in names}
