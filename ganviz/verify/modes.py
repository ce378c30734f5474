"""The mode scorer on the data themselves."""

import math
from collections.abc import Iterator

import torch

from ganviz.datasets import DATASETS
from ganviz.quality import mode_score
from ganviz.quality.modes import OUTSIDE
from ganviz.say import Text, _
from ganviz.verify.base import CHECKS, CLOSED_FORM, Row


@CHECKS.register("The mode scorer on true samples", quick=True)
def true_samples() -> Iterator[Row]:
    """2,500 samples of the data themselves: every mode, 1 - e^-4.5 near one, no divergence."""
    n, perfect = 2_500, 1 - OUTSIDE
    cases: list[tuple[Text, str, dict[str, int]]] = [("ring", "ring", {}), ("grid", "grid", {})]
    for dim in (8, 32, 128):
        cases.append((_("ring in {dim}-D", dim=dim), "projected_ring", {"dim": dim}))
    for name, dataset, options in cases:
        target = DATASETS[dataset].fn(**options)
        drawn = target.sample(n, torch.Generator().manual_seed(0))
        score, modes = mode_score(drawn, *target.mixture), len(target.mixture.centres)
        claim = _("{data}: share of high quality", data=name)
        yield Row(claim, CLOSED_FORM, perfect, score.high_quality, 0.007)
        claim = _("{data}: modes captured", data=name)
        yield Row(claim, CLOSED_FORM, modes, score.captured, 0)
        claim = _("{data}: modes with 20 samples", data=name)
        yield Row(claim, CLOSED_FORM, modes, score.captured_20, 0)
        noise = (modes - 1) / (2 * n)
        # 2n KL is chi-square of K - 1 degrees: its standard deviation is √(2 (K - 1)).
        spread = 4 * math.sqrt(2 * (modes - 1)) / (2 * n)
        claim = _("{data}: reverse KL is noise", data=name)
        yield Row(claim, CLOSED_FORM, noise, score.reverse_kl, spread)
