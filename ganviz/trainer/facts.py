"""What is known of a run and never changes, for those who show, judge or keep it without torch."""

from collections.abc import Iterator, Mapping
from math import log
from types import MappingProxyType
from typing import Any

import torch

from ganviz.config import RunConfig
from ganviz.digits import compact
from ganviz.losses import LOSSES
from ganviz.optimal import SAMPLES
from ganviz.quality import METRICS
from ganviz.say import Message, _, _n
from ganviz.target import Target


def facts_of(config: RunConfig, target: Target, *, alone: bool) -> Mapping[str, Any]:
    """`Snapshot.facts` of a run.

    Args:
        config: its settings.
        target: its data.
        alone: whether D judges each of its inputs without a look at the rest of the batch.
    """
    entry = LOSSES[config.loss]
    d, g = equilibrium(config)
    why_not = _no_probability(config, alone)
    facts: dict[str, Any] = {
        "loss": entry.label,
        "critic": entry.facts["critic"],
        "equilibrium": d,
        "equilibrium_g": g,
        "reading": entry.facts["reading"],
        "conditions": [said.to_json() for said in _conditions(config)],
        "no_probability": why_not and why_not.to_json(),
        "losses": {name: loss.label for name, loss in LOSSES.items()},
        "metrics": {
            name: {"label": metric.label}
            | {fact: metric.facts.get(fact) for fact in ("best", "short", "place")}
            for name, metric in METRICS.items()
        },
        "part_of_error": {
            name: metric.facts["part_of_error"]
            for name, metric in METRICS.items()
            if "part_of_error" in metric.facts
        },
        "samples": {"optimal": SAMPLES},
    }
    if target.modes is not None and len(target.shape) == 1:
        facts["modes"] = {str(k): centre for k, centre in enumerate(target.modes.tolist(), 1)}
    return MappingProxyType(facts)


def equilibrium(config: RunConfig) -> tuple[float, float | None]:
    r"""L_D and L_G where samples are like data and D is the best constant; None: no such level.

    With one-sided smoothing s, D's label for data is 1 - s: at p = q its best output is
    (1 - s) / 2, of logit $t = \ln\frac{1 - s}{1 + s}$, and L_D gains s t (Salimans et al. 2016,
    section 3.4, [arXiv:1606.03498](https://arxiv.org/abs/1606.03498)).
    """
    entry = LOSSES[config.loss]
    if not config.label_smoothing:
        return entry.facts["equilibrium"], entry.facts["equilibrium_g"]
    return _smoothed_equilibrium(config)


def _smoothed_equilibrium(config: RunConfig) -> tuple[float, float]:
    s = config.label_smoothing
    logit = log((1 - s) / (1 + s))
    constant = torch.full((2,), logit, dtype=torch.float64)
    objective = LOSSES[config.loss].fn(constant, constant, **config.options("loss"))
    return objective.d.item() + s * logit, objective.g.item()


def _conditions(config: RunConfig) -> Iterator[Message]:
    """What tricks do to the two numbers, in sentences."""
    if config.label_smoothing:
        d, g = _smoothed_equilibrium(config)
        yield _(
            "Labels of {label:g} add {smoothing:g} times D's mean logit on data to L_D: the levels "
            "are {d} and {g}.",
            label=1 - config.label_smoothing,
            smoothing=config.label_smoothing,
            d=compact(d),
            g=compact(g),
        )
    if config.instance_noise:
        yield _("Both are of noised data and samples.")
    if config.unroll:
        yield _n(
            "L_G is taken against a D that is {n} step ahead.",
            "L_G is taken against a D that is {n} steps ahead.",
            config.unroll,
        )
    if config.consensus:
        yield _("What consensus adds to both is not in them.")


def _no_probability(config: RunConfig, alone: bool) -> Message | None:
    """What keeps D's output from being the probability that one sample is real."""
    if config.packing > 1:
        return _("D judges {n} samples together", n=config.packing)
    if LOSSES[config.loss].facts["critic"] != "logit":
        return _("this critic is no probability")
    return None if alone else _("D sees the whole batch")
