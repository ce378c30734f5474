"""The logits that V is of: D's, or those of the probe beside it."""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

from ganviz.config import RunConfig
from ganviz.losses import LOSSES
from ganviz.trainer.judge import Judge, Pair
from ganviz.trainer.player import Player
from ganviz.trainer.probe import Probe

ValueSource = Literal["discriminator", "probe", "none"]


def value_source_of(config: RunConfig, *, alone: bool) -> ValueSource:
    """Whose logits V is of: D's where they are the log odds of one sample, else the probe's.

    Args:
        config: the settings.
        alone: whether D judges each of its inputs without a look at the rest of the batch.
    """
    if LOSSES[config.loss].facts["critic"] == "logit" and config.packing == 1 and alone:
        return "discriminator"
    return "probe" if config.probe else "none"


class ValueLogits:
    """Gives the logits that V is of, on the batches of an iteration and on any others.

    Args:
        source: whose they are.
        judge: asks D.
        d: the player.
        probe: learns beside D; not None where the logits are its own.
    """

    def __init__(self, source: ValueSource, judge: Judge, d: Player, probe: Probe | None) -> None:
        self.source: ValueSource = source
        self._probe = probe
        self.judge: Callable[[Tensor], Tensor] | None = None
        """Samples to the logits; None where there are none."""
        self.network: nn.Module | None = None
        """The module that they come from."""
        if probe is not None:
            self.judge, self.network = probe.logits, probe.player.network
        elif source == "discriminator":
            self.judge, self.network = judge, d.network

    def of_batch(
        self, real: Tensor, fake: Tensor, logits: Pair, lr: float, *, record: bool
    ) -> tuple[Tensor | None, Tensor | None]:
        """On data and samples that D's `logits` are known of; from the batch that the history
        records the probe learns."""
        if self.source == "discriminator":
            return logits[0].detach(), logits[1].detach()
        if self._probe is None or not record:
            return None, None
        return self._probe.learn(real, fake.detach(), lr)

    def of_samples(self, fake: Tensor, logits: Tensor) -> Tensor | None:
        """On samples that D's `logits` are known of."""
        if self.source == "discriminator":
            return logits
        if self._probe is None:
            return None
        with torch.no_grad():
            return self._probe.logits(fake)
