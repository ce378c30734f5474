"""What the updates of an iteration leave: D's to G's half, and both to the record."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, NamedTuple, TypeVar

from torch import Tensor

from ganviz.trainer.state import Tensors, flattened, under

Number = TypeVar("Number")


class Scalars(NamedTuple, Generic[Number]):
    """What is recorded of an iteration beside logits, in the order in which it is handed on."""

    d_loss: Number
    g_loss: Number
    penalty: Number
    """Weighted, and what consensus adds to D's loss."""
    grad_norm_d: Number
    """Before clipping, as that of G."""
    grad_norm_g: Number


@dataclass
class DiscriminatorUpdate:
    """D on one batch of each kind; its losses are NaN where it is not updated."""

    real: Tensor
    latent: Tensor
    g_buffers: list[Tensor]
    """G's buffers before it made `fake`: with them, `latent` gives the same samples again."""
    g_stream: Tensor | None
    """The state, then, of the stream that dropout inside G draws from."""
    fake: Tensor
    real_logits: Tensor
    """Before the update."""
    fake_logits: Tensor
    real_shown: Tensor | None
    """The logits that V is of, also before the update; None where there are none."""
    fake_shown: Tensor | None
    loss: Tensor
    penalty: Tensor
    norm: Tensor


@dataclass
class DiscriminatorHalf:
    """What D's half of an iteration leaves for G's half."""

    first: DiscriminatorUpdate
    """Its logits are what the history records."""
    last: DiscriminatorUpdate
    """G's first update starts from its samples, whose graph is alive; the losses are of it."""
    faced: Tensor | None
    """The parameters of the D that G faces where that is not D as it is."""

    def tensors(self) -> Tensors:
        """Copies, without graphs."""
        updates = [self.first] if self.last is self.first else [self.first, self.last]
        return flattened("updates", map(vars, updates)) | flattened("faced", self.faced)

    @classmethod
    def of(cls, tensors: Tensors, like: Tensor) -> "DiscriminatorHalf":
        """The inverse of `tensors`, on the device and in the dtype of `like`; the graph of the
        samples is not in it."""
        tensors = {
            name: tensor.to(like) if tensor.is_floating_point() else tensor.clone()
            for name, tensor in tensors.items()
        }
        numbers = sorted({name.split(".")[1] for name in tensors if name.startswith("updates.")})
        updates = [_update_of(under(tensors, f"updates.{number}")) for number in numbers]
        return cls(updates[0], updates[-1], tensors.get("faced"))


@dataclass
class GeneratorHalf:
    """What G's half adds; all but NaN where G is frozen."""

    fake_logits: Tensor | None
    """D's logits on the batch of the first update; None where G is frozen."""
    fake_shown: Tensor | None
    """Of the same batch, the logits that V is of."""
    loss: Tensor
    norm: Tensor


def scalars_of(d_half: DiscriminatorHalf, g_half: GeneratorHalf) -> Scalars[Tensor]:
    """The numbers to record, 0-d: those of the last update of either player."""
    last = d_half.last
    return Scalars(
        d_loss=last.loss,
        g_loss=g_half.loss,
        penalty=last.penalty,
        grad_norm_d=last.norm,
        grad_norm_g=g_half.norm,
    )


def scalars_and_sums(numbers: Sequence[Number]) -> tuple[Scalars[Number], list[Number]]:
    """The numbers of an iteration, as `Game.numbers` has them, apart."""
    count = len(Scalars._fields)
    return Scalars(*numbers[:count]), list(numbers[count:])


def _update_of(tensors: Tensors) -> DiscriminatorUpdate:
    values: dict[str, Any] = {f.name: tensors.get(f.name) for f in fields(DiscriminatorUpdate)}
    buffers = under(tensors, "g_buffers")
    values["g_buffers"] = [buffers[str(place)] for place in range(len(buffers))]
    return DiscriminatorUpdate(**values)
