"""NaN and infinity: how they are noticed, and where the first one is."""

from torch import Tensor

from ganviz.say import Message, _
from ganviz.trainer.halves import DiscriminatorHalf, GeneratorHalf
from ganviz.trainer.player import Players


class Diverged(ArithmeticError):
    """NaN or infinity appeared: `tensor` says where first, `step` in which iteration."""

    def __init__(self, step: int, tensor: Message) -> None:
        super().__init__(step, tensor)
        self.step, self.tensor = step, tensor
        self.what = _("{tensor} is not finite", tensor=tensor)
        """The sentence for those who say elsewhere when it happened."""

    @property
    def message(self) -> Message:
        """When, and what."""
        return _("iteration {step:,}: {what}", step=self.step, what=self.what)

    def __str__(self) -> str:
        return str(self.message)


def totals(d_half: DiscriminatorHalf, g_half: GeneratorHalf, players: Players) -> list[Tensor]:
    """The sum of every tensor that must be finite: one NaN or infinity in it shows in its sum."""
    d, g, probe = players
    checked = [d_half.first.real_logits, d_half.first.fake_logits, d.flat, g.flat]
    if g_half.fake_logits is not None:
        checked.append(g_half.fake_logits)
    if probe is not None:
        checked.append(probe.flat)
    return [t.sum() for t in checked]


def first_not_finite(
    d_half: DiscriminatorHalf, g_half: GeneratorHalf, players: Players, *, d_trained: bool
) -> Message:
    """The name of the first bad tensor, in the order in which the iteration makes them."""
    d, g, probe = players
    tensors = [
        (name, tensor)
        for update in (d_half.first, d_half.last)
        for name, tensor in (
            (_("the batch of data"), update.real),
            (_("the batch of samples G(z)"), update.fake),
            (_("D's logits on data"), update.real_logits),
            (_("D's logits on samples"), update.fake_logits),
        )
    ]
    last = d_half.last
    if d_trained:
        tensors += [(_("D's loss"), last.loss), (_("D's penalty"), last.penalty)]
    tensors += [
        (_("D's gradient of {name}", name=name), part) for name, part in d.named_gradients()
    ]
    tensors += [
        (_("D's parameter of {name}", name=name), part) for name, part in d.named_parameters()
    ]
    if g_half.fake_logits is not None:
        tensors.append((_("D's logits on samples, after its update"), g_half.fake_logits))
        tensors.append((_("G's loss"), g_half.loss))
    tensors += [
        (_("G's gradient of {name}", name=name), part) for name, part in g.named_gradients()
    ]
    tensors += [
        (_("G's parameter of {name}", name=name), part) for name, part in g.named_parameters()
    ]
    if probe is not None:
        tensors += [
            (_("the probe's gradient of {name}", name=name), part)
            for name, part in probe.named_gradients()
        ]
        tensors += [
            (_("the probe's parameter of {name}", name=name), part)
            for name, part in probe.named_parameters()
        ]
    # From here on each number by itself is finite, but they are too large to be squared or added.
    if d_trained:
        tensors.append((_("the norm of D's gradient"), last.norm))
    if g_half.fake_logits is not None:
        tensors.append((_("the norm of G's gradient"), g_half.norm))
    bad = (name for name, tensor in tensors if not tensor.isfinite().all())
    return next(bad, _("the sum of logits or parameters"))
