"""Running a module of anyone's as if it had not been run, and telling what it draws from."""

import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import copy, deepcopy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

Blame = Callable[[nn.Module, str], None]
"""Hears of a module that drew, and from whose global generator: "torch", "numpy" or "Python"."""


@contextmanager
def untouched(*networks: nn.Module) -> Iterator[None]:
    """Afterwards the modules are bit for bit what they were: parameters, buffers, modes, hooks,
    attributes and own generators."""
    modules = {m: dict(vars(m)) for network in networks for m in network.modules()}
    held = [value for own in modules.values() for value in own.values()]
    containers = [(v, copy(v)) for v in held if isinstance(v, list | dict | set | deque)]
    # Modules of TorchScript hold their parameters and buffers elsewhere than in their attributes.
    tensors = [t for n in networks for t in (*n.parameters(), *n.buffers())]
    tensors += [v for v in held if isinstance(v, Tensor) and v.is_leaf]
    kept = [(t, t.detach().clone()) for t in {id(t): t for t in tensors}.values()]
    states = [(g, g.get_state()) for g in held if isinstance(g, torch.Generator)]
    try:
        yield
    finally:
        for module, own in modules.items():
            for name in vars(module).keys() - own.keys():
                del vars(module)[name]
            vars(module).update(own)
        for container, content in containers:
            container.clear()
            (container.extend if isinstance(container, list | deque) else container.update)(content)
        with torch.no_grad():
            for tensor, values in kept:
                tensor.data.copy_(values)
        for generator, state in states:
            generator.set_state(state)


def twin(network: nn.Module) -> nn.Module:
    """A deep copy, also of a module that holds tensors with a graph, as `weight_norm` does."""
    with untouched(network):
        for module in network.modules():
            for name, value in vars(module).items():
                if isinstance(value, Tensor) and not value.is_leaf:
                    vars(module)[name] = value.detach()
        return deepcopy(network)


@contextmanager
def trying(network: nn.Module, *, training: bool, blame: Blame | None = None) -> Iterator[None]:
    """Inside, `network` can be run and nothing is changed by it.

    Whatever it draws is the same every time, and the global generators of torch, numpy and Python
    stand where they stood: those of numpy and Python are put back, torch's is not touched but by
    operations that take no other, which are those of dropout on CUDA.

    Args:
        network: any module.
        training: the mode of all its modules.
        blame: hears of every module that would draw from a global generator.
    """
    with untouched(network), _Watched(network, blame):
        for module in network.modules():
            module.training = training
        yield


def tried(
    network: nn.Module,
    x: Tensor,
    *,
    training: bool,
    alter: Callable[[nn.Module], None] | None = None,
    blame: Blame | None = None,
) -> Any:
    """What `network` gives for `x`, without gradients, as `trying` has it; `alter` changes the
    network first, for this call alone."""
    with torch.no_grad(), trying(network, training=training, blame=blame):
        if alter is not None:
            alter(network)
        return network(x)


class _Watched(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch has no types for it
    """Serves what asks for torch's global generator from another one, in this thread alone; puts
    those of numpy and Python back. Tells which module drew."""

    def __init__(self, network: nn.Module, blame: Blame | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self._network, self._listens = network, blame is not None
        self._blame: Blame = blame or (lambda module, whose: None)
        self._generators: dict[torch.device, torch.Generator] = {}
        self._inside: list[nn.Module] = [network]
        self._handles = ExitStack()

    def __enter__(self) -> "_Watched":
        self._begun = _states()
        self._states = self._begun
        if self._listens:
            for module in self._network.modules():
                if isinstance(module, torch.jit.ScriptModule):
                    continue  # It takes no hooks; what is around it is named in its place.
                before = module.register_forward_pre_hook(self._enter)
                after = module.register_forward_hook(self._leave, always_call=True)
                self._handles.callback(before.remove)
                self._handles.callback(after.remove)
        super().__enter__()  # type: ignore[no-untyped-call]  # as above
        return self

    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)  # type: ignore[no-untyped-call]  # as above
        self._handles.close()
        for name in _moved(self._begun):
            _put_back(name, self._begun[name])

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if torch.Tag.nondeterministic_seeded not in func.tags:
            return func(*args, **kwargs)
        names = [argument.name for argument in func._schema.arguments]
        given = dict(zip(names, args, strict=False)) | kwargs
        if given.get("generator") is not None:
            return func(*args, **kwargs)
        self._blame(self._inside[-1], "torch")
        tensors = (v.device for v in given.values() if isinstance(v, Tensor))
        device = torch.device(given.get("device") or next(tensors, "cpu"))
        if "generator" not in names:
            which = func._overloadname
            own = "generator" if which == "default" else f"{which}_generator"
            if not hasattr(func._overloadpacket, own):
                with _lent(device):
                    return func(*args, **kwargs)
            func = getattr(func._overloadpacket, own)
        return func(*args, **kwargs | {"generator": self._generator(device)})

    def _generator(self, device: torch.device) -> torch.Generator:
        if device not in self._generators:
            self._generators[device] = torch.Generator(device).manual_seed(0)
        return self._generators[device]

    def _enter(self, module: nn.Module, _: Any) -> None:
        self._note()
        self._inside.append(module)

    def _leave(self, module: nn.Module, *_: Any) -> None:
        self._note()
        self._inside.pop()

    def _note(self) -> None:
        """Whatever moved since the last look was moved by the module that is at work."""
        for name in _moved(self._states):
            self._blame(self._inside[-1], name)
        self._states = _states()


@contextmanager
def _lent(device: torch.device) -> Iterator[None]:
    """The device's global generator at a seed of ours, for what takes no other, and then put back:
    dropout on CUDA."""
    cuda = device.type == "cuda"
    index = torch.cuda.current_device() if cuda and device.index is None else device.index
    generator = torch.cuda.default_generators[index] if cuda else torch.default_generator
    state = generator.get_state()
    generator.manual_seed(0)
    try:
        yield
    finally:
        generator.set_state(state)


def _states() -> dict[str, Any]:
    kind, keys, *rest = np.random.get_state()
    return {"Python": random.getstate(), "numpy": (kind, np.asarray(keys).tobytes(), *rest)}


def _moved(before: dict[str, Any]) -> list[str]:
    """Whose state is no more what it was."""
    return [name for name, now in _states().items() if now != before[name]]


def _put_back(name: str, state: Any) -> None:
    if name == "Python":
        random.setstate(state)
        return
    kind, keys, *rest = state
    np.random.set_state((kind, np.frombuffer(keys, np.uint32), *rest))
