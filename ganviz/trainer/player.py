"""One player: a network, its parameters in one flat buffer, and an optimiser on that buffer.

With all parameters in one tensor an update is one kernel, a gradient norm is one call and a moving
average one more, however many layers there are. docs/decisions/flat-buffers.md has the figures.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ganviz.config import RunConfig
from ganviz.say import _
from ganviz.trainer.optimisers import Optimiser
from ganviz.trainer.state import Tensors, flattened, under


class Player:
    """A network that is trained.

    Its parameters become views of `flat`, so the module can be used, and its weights loaded, as
    ever. Parameters that need no gradient stay as they are.

    Args:
        network: any module; its trainable parameters must be of one dtype on one device.
        config: names the optimiser, and the norm at which gradients are clipped.
        stream: what dropout inside the network draws from, if there is any.

    Raises:
        ValueError: if the network has nothing to train.
    """

    def __init__(
        self, network: nn.Module, config: RunConfig, stream: torch.Generator | None = None
    ) -> None:
        self.network, self.stream = network, stream
        self.buffers = list(network.buffers())
        named = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
        if not named:
            raise ValueError(f"{type(network).__name__} has no parameter to train")
        self.names = [name for name, _p in named]
        self.parameters = [p for _name, p in named]
        self.sizes = [p.numel() for p in self.parameters]
        self.flat = flatten(self.parameters)
        self.gradient = torch.zeros_like(self.flat)
        self.optimiser = Optimiser.of(config, self.flat)
        self._clip = config.grad_clip

    def __call__(self, x: Tensor) -> Tensor:
        """The network's output."""
        output: Tensor = self.network(x)
        return output

    def assign(self, flat: Tensor) -> None:
        """Give the network these parameters."""
        self.flat.copy_(flat)

    def update(self, loss: Tensor, lr: float) -> Tensor:
        """One step down the gradient of `loss`; gives the gradient's norm before clipping, 0-d.

        Raises:
            ValueError: if the loss depends on no parameter.
        """
        gradients = self._gradients(loss)
        with torch.no_grad():
            torch.cat(gradients, out=self.gradient)
        return self._descend(lr)

    def update_in_parts(self, losses: Iterable[Tensor], lr: float) -> Iterator[None]:
        """`update` by the sum of `losses`, each made and forgotten by itself; yields after each.

        The parameters must stand still until the end.
        """
        total = torch.zeros_like(self.gradient)
        for loss in losses:
            total += torch.cat(self._gradients(loss))
            yield
        self.gradient.copy_(total)
        self._descend(lr)

    def _gradients(self, loss: Tensor) -> list[Tensor]:
        if not loss.requires_grad:
            raise ValueError("the loss depends on no parameter of the network")
        # p.grad would detach from a flat gradient under double backward; explicit gradients do not.
        gradients = torch.autograd.grad(
            loss, self.parameters, allow_unused=True, materialize_grads=True
        )
        return [g.reshape(-1) for g in gradients]

    def _descend(self, lr: float) -> Tensor:
        """One step down the gradient at hand; gives its norm before clipping."""
        with torch.no_grad():
            gradient, norm = self.clipped(self.gradient)
            self.optimiser.step(self.flat, gradient, lr)
        return norm

    def clipped(self, gradient: Tensor) -> tuple[Tensor, Tensor]:
        """The gradient, scaled down to the largest norm allowed, and its norm before."""
        norm: Tensor = torch.linalg.vector_norm(gradient)
        if self._clip:
            gradient = gradient * (self._clip / norm).clamp(max=1)
        return gradient, norm

    def with_parameters(self, flat: Tensor, x: Tensor) -> Tensor:
        """The network's output with `flat` in the place of its parameters, differentiable in it."""
        parts = torch.split(flat, self.sizes)
        values = {
            name: part.view(p.shape)
            for name, part, p in zip(self.names, parts, self.parameters, strict=True)
        }
        output: Tensor = functional_call(self.network, values, (x,))
        return output

    def tensors(self) -> Tensors:
        """Copies of the network's state and of the optimiser's.

        Raises:
            ValueError: if the network's holds anything but tensors.
        """
        state = self.network.state_dict()
        for name, value in state.items():
            if not isinstance(value, Tensor):
                raise ValueError(
                    _(
                        "the state of {kind} has {name!r}, which is no tensor ({given}), so the "
                        "run's state cannot be kept",
                        kind=type(self.network).__name__,
                        name=name,
                        given=type(value).__name__,
                    )
                )
        # A parameter is a view of the whole buffer: saving one uncloned would write all of it.
        network = flattened("network", state)
        return network | flattened("optimiser", self.optimiser.tensors())

    def load(self, tensors: Tensors) -> None:
        """The inverse of `tensors`."""
        self.network.load_state_dict(under(tensors, "network"))
        self.optimiser.load(under(tensors, "optimiser"))

    def named_gradients(self) -> Iterator[tuple[str, Tensor]]:
        """The parts of the last gradient, by the names of their parameters."""
        return zip(self.names, torch.split(self.gradient, self.sizes), strict=True)

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """The parts of `flat`, by name."""
        return zip(self.names, torch.split(self.flat, self.sizes), strict=True)


class Players(NamedTuple):
    """All that learn."""

    d: Player
    g: Player
    probe: Player | None


def flatten(parameters: Sequence[nn.Parameter]) -> Tensor:
    """Copy `parameters` into one new tensor and make each of them a view of it.

    Raises:
        ValueError: if they differ in dtype or device.
    """
    if len({(p.dtype, p.device) for p in parameters}) > 1:
        raise ValueError("a network's parameters must share one dtype and one device")
    flat = torch.cat([p.detach().reshape(-1) for p in parameters])
    parts = torch.split(flat, [p.numel() for p in parameters])
    for p, part in zip(parameters, parts, strict=True):
        p.data = part.view(p.shape)
    return flat
