"""One player: a network, its parameters in one flat buffer, and Adam on that buffer.

With all parameters in one tensor an update is one kernel, a gradient norm is one call and a moving
average one more, however many layers there are. docs/decisions/flat-buffers.md has the figures.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.adam import adam


class Player:
    """A network that is trained.

    Its parameters become views of `flat`, so the module can be used, and its weights loaded, as
    ever. Parameters that need no gradient stay as they are.

    Args:
        network: any module; its trainable parameters must be of one dtype on one device.
        beta1, beta2: Adam's decays.

    Raises:
        ValueError: if the network has nothing to train.
    """

    def __init__(self, network: nn.Module, *, beta1: float, beta2: float) -> None:
        self.network = network
        self.buffers = list(network.buffers())
        named = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
        if not named:
            raise ValueError(f"{type(network).__name__} has no parameter to train")
        self.names = [name for name, _ in named]
        self.parameters = [p for _, p in named]
        self.flat = flatten(self.parameters)
        self.gradient = torch.zeros_like(self.flat)
        self._betas = (beta1, beta2)
        self._moments = (torch.zeros_like(self.flat), torch.zeros_like(self.flat))
        self._updates = torch.zeros((), device=self.flat.device)

    def update(self, loss: Tensor, lr: float) -> Tensor:
        """One step of Adam down the gradient of `loss`; gives the gradient's norm, 0-d.

        Raises:
                ValueError: if the loss depends on no parameter.
        """
        if not loss.requires_grad:
            raise ValueError("the loss depends on no parameter of the network")
        # p.grad would detach from a flat gradient under double backward; explicit gradients do not.
        gradients = torch.autograd.grad(
            loss, self.parameters, allow_unused=True, materialize_grads=True
        )
        with torch.no_grad():
            torch.cat([g.reshape(-1) for g in gradients], out=self.gradient)
            adam(
                [self.flat],
                [self.gradient],
                [self._moments[0]],
                [self._moments[1]],
                [],
                [self._updates],
                foreach=False,
                fused=True,
                amsgrad=False,
                beta1=self._betas[0],
                beta2=self._betas[1],
                lr=lr,
                weight_decay=0.0,
                eps=1e-8,
                maximize=False,
            )
            norm: Tensor = torch.linalg.vector_norm(self.gradient)
            return norm

    def state_dict(self) -> dict[str, Any]:
        """Copies of the network's state and of Adam's."""
        # A parameter is a view of the whole buffer: saving one unclone would write all of it.
        return {
            "network": {name: v.detach().clone() for name, v in self.network.state_dict().items()},
            "moments": [m.clone() for m in self._moments],
            "updates": self._updates.clone(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The inverse of `state_dict`."""
        self.network.load_state_dict(state["network"])
        for mine, saved in zip(self._moments, state["moments"], strict=True):
            mine.copy_(saved)
        self._updates.copy_(state["updates"])

    def first_not_finite(self) -> str | None:
        """The name of the first gradient or parameter that holds NaN or infinity."""
        for kind, flat in (("gradient", self.gradient), ("parameter", self.flat)):
            parts = torch.split(flat, [p.numel() for p in self.parameters])
            for name, part in zip(self.names, parts, strict=True):
                if not part.isfinite().all():
                    return f"{kind} of {name}"
        return None


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
