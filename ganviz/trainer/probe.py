"""The probe: a discriminator beside the game, for V where the playing D gives no probability."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from ganviz.config import RunConfig
from ganviz.losses import non_saturating
from ganviz.trainer.player import Player


class Probe:
    r"""Trained by $L = -V$ on the batches that D meets, once an iteration. G never sees it.

    Its V has the meaning of theory: a lower bound of $-\ln 4 + 2\,\mathrm{JSD}$ as far as it keeps
    up.
    """

    def __init__(self, network: nn.Module, config: RunConfig) -> None:
        # Decays that the players' optimiser has no use for are idle here too.
        adam = config.effective.replace(optimizer="adam", grad_clip=0.0)
        self.player = Player(network, adam)

    def logits(self, x: Tensor) -> Tensor:
        """Of each sample by itself, shape `(n,)`."""
        logits: Tensor = self.player.network(x)
        return logits.reshape(-1)

    def learn(self, real: Tensor, fake: Tensor, lr: float) -> tuple[Tensor, Tensor]:
        """One update; gives the logits on both batches before it."""
        with torch.enable_grad():
            real_logits, fake_logits = self.logits(torch.cat([real, fake])).chunk(2)
            self.player.update(non_saturating(real_logits, fake_logits).d, lr)
        return real_logits.detach(), fake_logits.detach()

    def learn_in_parts(self, real: Tensor, fake: Tensor, lr: float, size: int) -> Iterator[None]:
        """`learn`, but for rounding, with at most `size` samples of each kind at a time.

        Yields after each part. Both batches must be equally large.
        """

        def losses() -> Iterator[Tensor]:
            for batches in zip(torch.split(real, size), torch.split(fake, size), strict=True):
                with torch.enable_grad():
                    logits = self.logits(torch.cat(batches)).chunk(2)
                    yield non_saturating(*logits).d * (len(batches[0]) / len(real))

        yield from self.player.update_in_parts(losses(), lr)
