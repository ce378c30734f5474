"""What is known of a run and never changes: what its losses mean, and where its modes are."""

from collections.abc import Mapping
from math import log
from types import MappingProxyType
from typing import Any

import torch

from ganviz.config import RunConfig
from ganviz.losses import LOSSES
from ganviz.target import Target


def facts_of(config: RunConfig, target: Target) -> Mapping[str, Any]:
    """`Snapshot.facts` of a run with these settings on these data."""
    entry = LOSSES[config.loss]
    d, g = equilibrium(config)
    facts: dict[str, Any] = {
        "loss": entry.label,
        "critic": entry.facts["critic"],
        "equilibrium": d,
        "equilibrium_g": g,
        "reading": " ".join([entry.facts["reading"], *_conditions(config, d, g)]),
    }
    if target.modes is not None and len(target.shape) == 1:
        centres = target.modes.tolist()
        facts["modes"] = {str(k): tuple(centre) for k, centre in enumerate(centres, 1)}
    return MappingProxyType(facts)


def equilibrium(config: RunConfig) -> tuple[float, float | None]:
    r"""L_D and L_G where samples are like data and D is the best constant; None: no such level.

    With one-sided smoothing s, D's label for data is 1 - s: at p = q its best output is
    (1 - s) / 2, of logit $t = \ln\frac{1 - s}{1 + s}$, and L_D gains s t (Salimans et al. 2016,
    section 3.4, [arXiv:1606.03498](https://arxiv.org/abs/1606.03498)).
    """
    entry, s = LOSSES[config.loss], config.label_smoothing
    if not s:
        return entry.facts["equilibrium"], entry.facts["equilibrium_g"]
    logit = log((1 - s) / (1 + s))
    constant = torch.full((2,), logit, dtype=torch.float64)
    objective = entry.fn(constant, constant, **config.options("loss"))
    return objective.d.item() + s * logit, objective.g.item()


def _conditions(config: RunConfig, d: float, g: float | None) -> list[str]:
    """What tricks do to the two numbers, in sentences."""
    said = []
    if config.label_smoothing:
        s, levels = config.label_smoothing, f"{d:.4g} and {g:.4g}".replace("-", "−")
        said.append(
            f"Labels of {1 - s:g} add {s:g} times D's mean logit on data to L_D: the levels are "
            f"{levels}."
        )
    if config.instance_noise:
        said.append("Both are of noised data and samples.")
    if config.unroll:
        said.append(f"L_G is taken against a D that is {config.unroll} steps ahead.")
    if config.consensus:
        said.append("What consensus adds to both is not in them.")
    return said
