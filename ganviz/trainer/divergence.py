"""What an iteration holds between its halves, and where its first bad number is."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ganviz.trainer.player import Player


class Diverged(ArithmeticError):
    """NaN or infinity appeared: `tensor` says where first, `step` in which iteration."""

    def __init__(self, step: int, tensor: str) -> None:
        self.step, self.tensor = step, tensor
        self.what = f"{tensor} is not finite"
        """The sentence for those who say elsewhere when it happened."""
        super().__init__(f"iteration {step:,}: {self.what}")


@dataclass
class Meeting:
    """D on one batch of each kind, and what it learnt from them."""

    real: Tensor
    latent: Tensor
    buffers: list[Tensor]
    """G's buffers before it made `fake`: with them, `latent` gives the same samples again."""
    drawn_from: Tensor | None
    """The state, then, of the stream that dropout inside G draws from."""
    fake: Tensor
    real_logits: Tensor
    """Before the update."""
    fake_logits: Tensor
    real_shown: Tensor | None
    """The logits that V is of, also before the update; None where there are none."""
    fake_shown: Tensor | None
    d_loss: Tensor
    penalty: Tensor
    """Weighted, and what consensus adds."""
    norm: Tensor


@dataclass
class DiscriminatorHalf:
    """What D's half leaves for G's half."""

    first: Meeting
    """Its logits are what the history records."""
    last: Meeting
    """G's first update starts from its samples, whose graph is alive; the losses are of it."""
    asked: Tensor | None
    """The parameters of the D that G answers where that is not D as it is."""

    def state_dict(self) -> dict[str, Any]:
        """Copies, without graphs."""
        values = {"first": vars(self.first), "last": vars(self.last), "asked": self.asked}
        return {name: _copied(value) for name, value in values.items()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "DiscriminatorHalf":
        """The inverse of `state_dict`; the graph of the samples is not in it."""
        copy = _copied(state)
        return cls(Meeting(**copy["first"]), Meeting(**copy["last"]), copy["asked"])


@dataclass
class GeneratorHalf:
    """What G's half adds; all but NaN where G is frozen."""

    fake_logits: Tensor | None
    """D's logits on the batch of the first update; None where G is frozen."""
    fake_shown: Tensor | None
    """Of the same batch, the logits that V is of."""
    g_loss: Tensor
    norm: Tensor


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_copied(one) for one in value]
    return None if value is None else value.detach().clone()


def totals(
    d_half: DiscriminatorHalf, g_half: GeneratorHalf, d: Player, g: Player, probe: Player | None
) -> list[Tensor]:
    """The sum of every tensor that must be finite: one NaN or infinity in it shows in its sum."""
    checked = [d_half.first.real_logits, d_half.first.fake_logits, d.flat, g.flat]
    if g_half.fake_logits is not None:
        checked.append(g_half.fake_logits)
    if probe is not None:
        checked.append(probe.flat)
    return [t.sum() for t in checked]


def first_not_finite(
    d_half: DiscriminatorHalf,
    g_half: GeneratorHalf,
    d: Player,
    g: Player,
    probe: Player | None,
    *,
    d_trained: bool,
) -> str:
    """The name of the first bad tensor, in the order in which the iteration makes them."""
    made: list[tuple[str, Tensor]] = [
        (name, tensor)
        for met in (d_half.first, d_half.last)
        for name, tensor in (
            ("the batch of data", met.real),
            ("the batch of samples G(z)", met.fake),
            ("D's logits on data", met.real_logits),
            ("D's logits on samples", met.fake_logits),
        )
    ]
    if d_trained:
        made += [("D's loss", d_half.last.d_loss), ("D's penalty", d_half.last.penalty)]
    for name, tensor in made:
        if not tensor.isfinite().all():
            return name
    if bad := d.first_not_finite():
        return f"D's {bad}"
    if g_half.fake_logits is not None:
        if not g_half.fake_logits.isfinite().all():
            return "D's logits on samples, after its update"
        if not g_half.g_loss.isfinite():
            return "G's loss"
    if bad := g.first_not_finite():
        return f"G's {bad}"
    if probe is not None and (bad := probe.first_not_finite()):
        return f"the probe's {bad}"
    # From here on each number by itself is finite, but they are too large to be squared or added.
    if d_trained and not d_half.last.norm.isfinite():
        return "the norm of D's gradient"
    if g_half.fake_logits is not None and not g_half.norm.isfinite():
        return "the norm of G's gradient"
    return "the sum of logits or parameters"
