"""Runs named by what differs: "R1 .1", "lr D .002", "seed 3"."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from ganviz.config.run_config import RunConfig
from ganviz.config.schema import OWNERS, REGISTRIES, labels, settings
from ganviz.say import Message, Text, _, listed

SHORT: Mapping[str, Message] = {
    "lr_d": _("lr D"),
    "lr_g": _("lr G"),
    "d_steps": _("D steps"),
    "g_steps": _("G steps"),
    "batch_size": _("batch"),
    "ema": _("EMA"),
    "instance_noise": _("noise"),
    "latent_dim": _("latent"),
    "width": _("width"),
    "depth": _("depth"),
    "seed": _("seed"),
    "steps": _("iterations"),
}
"""Fields that people call by another word than the form's label."""

MOST = 3
"""Differences that a name holds at most."""

SAME = _("same settings")

SEEDS = "seeds"
"""Groups runs that differ in nothing but their seed."""


@lru_cache(maxsize=256)  # a live page names its runs ten times a second
def flat(config: RunConfig) -> Mapping[str, Any]:
    """Every setting that does something, by name, options as `dataset_options.modes`, in the order
    of the form."""
    effective = config.effective
    values: dict[str, Any] = {}
    for name in settings():
        values[name] = getattr(effective, name)
        for group, owner in OWNERS.items():
            if owner == name:
                values |= {f"{group}.{option}": v for option, v in getattr(effective, group)}
    return MappingProxyType(values)


def differences(configs: Mapping[str, RunConfig]) -> dict[str, dict[str, Any]]:
    """The settings in which runs differ: name to each run's value, None where it has no such
    option; in the order of the form."""
    every = {run: flat(config) for run, config in configs.items()}
    names = dict.fromkeys(name for values in every.values() for name in values)
    found = {name: {run: values.get(name) for run, values in every.items()} for name in names}
    return {
        name: values
        for name, values in found.items()
        if len(configs) > 1 and len({repr(value) for value in values.values()}) > 1
    }


def named(configs: Mapping[str, RunConfig], lead: str | None = None) -> dict[str, Text]:
    """A short name for each run by what differs, from the lead where one is given, else from any.

    A name holds `MOST` differences; those by which runs that would be called the same differ from
    each other come first. What is called the same even so is numbered.
    """
    every = differences(configs)
    between = dict.fromkeys(configs, every)
    if lead is not None:
        between |= {
            run: differences({lead: configs[lead], run: config})
            for run, config in configs.items()
            if run != lead
        }
    names = {run: _name(configs[run], between[run]) for run in configs}
    alike: dict[str, list[str]] = {}
    for run, name in names.items():
        alike.setdefault(str(name), []).append(run)
    for runs in alike.values():
        first = differences({run: configs[run] for run in runs if run != lead})
        for run in runs:
            if run != lead:
                kept = {name: v for name, v in between[run].items() if name not in first}
                here = {name: v for name, v in first.items() if name in between[run]}
                names[run] = _name(configs[run], here | kept)
    return told_apart(names, lead)


def told_apart(names: Mapping[str, Text], lead: str | None = None) -> dict[str, Text]:
    """The same names, numbered where they repeat: "a", "a (2)"; the lead's, which is not said
    beside the others', stays as it is."""
    counts: dict[str, int] = {}
    told: dict[str, Text] = {}
    for run, name in names.items():
        number = counts[str(name)] = counts.get(str(name), 0) + (run != lead)
        told[run] = _("{name} ({n})", name=name, n=number) if number > 1 and run != lead else name
    return told


def without_seed(config: RunConfig) -> RunConfig:
    """The same settings, with the seed that all runs have at first."""
    return config.replace(seed=settings()["seed"].default)


@lru_cache(maxsize=256)
def _but_seed(config: RunConfig) -> str:
    return without_seed(config).id


def grouped(configs: Mapping[str, RunConfig], by: str) -> dict[str, tuple[str, ...]]:
    """The runs that belong together: by all but the seed (`SEEDS`), or by the value of one field.

    Returns:
        The first run's id of each group, to the ids of all of it.
    """
    groups: dict[str, list[str]] = {}
    for run, config in configs.items():
        same = _but_seed(config) if by == SEEDS else repr(flat(config).get(by))
        groups.setdefault(same, []).append(run)
    return {runs[0]: tuple(runs) for runs in groups.values()}


def short(value: Any) -> str:
    """A value as people write it in a hurry.

    >>> short(0.1), short(0.002), short(-0.5), short(1e-05), short(64), short(True)
    ('.1', '.002', '-.5', '1e-05', '64', 'on')
    """
    if isinstance(value, bool):
        return str(_("on") if value else _("off"))
    if isinstance(value, float):
        written = f"{value:g}"
        return written.replace("0.", ".", 1) if written.lstrip("-").startswith("0.") else written
    return str(value)


def label_of(name: str) -> Text:
    """What a setting is called in a name."""
    return SHORT.get(name) or Message(labels()[name])


def _parts(config: RunConfig, between: Mapping[str, Any]) -> list[Text]:
    """What is said of each difference."""
    said: list[Text] = []
    for name in between:
        if name in ("penalty", "penalty_weight"):
            if not any(part == _penalty(config) for part in said):
                said.append(_penalty(config))
        elif name in REGISTRIES:
            said.append(Message(REGISTRIES[name][getattr(config, name)].label))
        elif name in flat(config):
            said.append(
                _("{setting} {value}", setting=label_of(name), value=short(flat(config)[name]))
            )
    return said


def _penalty(config: RunConfig) -> Text:
    if config.penalty == "none":
        return _("no penalty")
    label = REGISTRIES["penalty"][config.penalty].label.partition(" (")[0]
    return _("{setting} {value}", setting=label, value=short(config.penalty_weight))


def _name(config: RunConfig, between: Mapping[str, Any]) -> Text:
    parts = _parts(config, between)
    if not parts:
        return SAME
    shown = listed(parts[:MOST])
    if len(parts) <= MOST:
        return shown
    return _("{names}, +{more}", names=shown, more=len(parts) - MOST)
