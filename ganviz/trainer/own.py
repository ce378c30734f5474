"""Networks of the caller's own: whether they fit, said in a sentence that names the module."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from ganviz.networks import Shape, tried, trying
from ganviz.trainer.view import Units

Role = Literal["generator", "discriminator"]


class Variant(NamedTuple):
    """Another way to run a network that does not fit, and the advice if that way it does."""

    input: Tensor
    shape: Callable[[Tensor], Tensor]
    """What is done to the output."""
    words: str


MOST_LENGTHS = 16
"""Lengths of noise that are tried on a generator that does not take the one it is given."""


def called(role: Role, network: nn.Module) -> str:
    """How sentences name a network."""
    return f"the {role} you passed ({type(network).__name__})"


def take(role: Role, network: nn.Module, units: Units) -> None:
    """Move a network to where the run computes.

    Raises:
        ValueError: if it is no module that can be trained from finite weights.
    """
    if not isinstance(network, nn.Module):
        given = network.__name__ if isinstance(network, type) else type(network).__name__
        class_ = "the class " if isinstance(network, type) else ""
        raise ValueError(f"{role} must be a torch.nn.Module, got {class_}{given}")
    who, parameters = called(role, network), dict(network.named_parameters())
    if lazy := [name for name, p in parameters.items() if is_lazy(p)]:
        raise ValueError(
            f"{who} has parameters without a shape yet, such as {lazy[0]!r}; "
            "run it once on a batch before you pass it"
        )
    if not any(p.requires_grad for p in parameters.values()):
        raise ValueError(
            f"the {role} you passed: {type(network).__name__} has no parameter to train"
        )
    network.to(units.device, units.dtype)
    for name, p in network.named_parameters():
        if not p.isfinite().all():
            raise ValueError(f"{who} starts with NaN or infinity in its parameter {name!r}")


def check_apart(generator: nn.Module, discriminator: nn.Module) -> None:
    """Check that no weight belongs to both players.

    Raises:
        ValueError: if one does.
    """
    names = {_place(p): name for name, p in generator.named_parameters() if p.requires_grad}
    for name, p in discriminator.named_parameters():
        if p.requires_grad and _place(p) in names:
            raise ValueError(
                "the generator and the discriminator you passed share a parameter, "
                f"{names[_place(p)]!r} of the one and {name!r} of the other; "
                "each player needs its own"
            )


def check_generator(network: nn.Module, z: Tensor, shape: Shape) -> None:
    """Check that a generator makes samples of that shape.

    Args:
        network: any module, taken.
        z: a batch of noise, shape `(n, latent_dim)`.
        shape: of one sample.

    Raises:
        ValueError: if it does not; of a batch of two, if it fails on that too.
    """
    try:
        _check_generator(network, z, shape)
    except ValueError:
        _check_generator(network, z[:2], shape)
        raise


def _check_generator(network: nn.Module, z: Tensor, shape: Shape) -> None:
    wanted = (len(z), *shape)
    task = (
        f"{called('generator', network)} takes noise of shape {_shown(z.shape)}, "
        f"where {z.shape[1]} is latent_dim, and must give samples of shape {_shown(wanted)}"
    )

    def variants() -> Iterator[Variant]:
        for axes in (1, 2, 3):
            ones = (1,) * axes
            words = f"Begin it with nn.Unflatten(1, {_shown((z.shape[1], *ones))})."
            yield Variant(z.reshape(*z.shape, *ones), _same, words)
        for length in _lengths(network):
            words = f"With latent_dim={length} it does."
            yield Variant(z.new_zeros(len(z), length), _same, words)
        if len(shape) > 1:
            words = f"End it with nn.Unflatten(1, {_shown(shape)})."
            yield Variant(z, lambda made: made.reshape(len(made), *shape), words)

    _check(network, z, task, lambda made: tuple(made.shape) == wanted, variants)


def check_discriminator(network: nn.Module, x: Tensor, *, learns_by: bool) -> None:
    """Check that a discriminator gives one number for each sample.

    Args:
        network: any module, taken.
        x: a batch of samples, shape `(n, *shape)`, as D sees them.
        learns_by: a generator is to learn by its gradient in the samples.

    Raises:
        ValueError: if it does not; of a batch of two, if it fails on that too.
    """
    try:
        _check_discriminator(network, x)
    except ValueError:
        _check_discriminator(network, x[:2])
        raise
    if learns_by:
        _check_slope(network, x)


def _check_discriminator(network: nn.Module, x: Tensor) -> None:
    n = len(x)
    task = (
        f"{called('discriminator', network)} takes samples of shape {_shown(x.shape)} and must "
        f"give one number for each, shape {_shown((n,))} or {_shown((n, 1))}"
    )

    def fits(made: Tensor) -> bool:
        return tuple(made.shape) in ((n,), (n, 1))

    def variants() -> Iterator[Variant]:
        if x.dim() > 2:
            yield Variant(x.flatten(1), _same, "Begin it with nn.Flatten().")
        yield Variant(x, lambda made: made.flatten(1), "End it with nn.Flatten().")

    _check(network, x, task, fits, variants)


def _check(
    network: nn.Module,
    x: Tensor,
    task: str,
    fits: Callable[[Tensor], bool],
    variants: Callable[[], Iterator[Variant]],
) -> None:
    """Run the network in both modes and say what is wrong with what it gives."""
    for training in (False, True):
        try:
            made = tried(network, x, training=training)
        except Exception as error:  # a caller's forward may raise anything
            advice = _advice(network, variants(), fits)
            reason = str(error).strip() or type(error).__name__
            raise ValueError(f"{task}, but fails on it: {reason}{advice}") from error
        if not isinstance(made, Tensor):
            raise ValueError(f"{task}, got {_kind(made)}")
        if not fits(made):
            advice = _advice(network, variants(), fits)
            raise ValueError(f"{task}, got {_shown(made.shape)}{advice}")
        if made.dtype != x.dtype:
            raise ValueError(f"{task} in {x.dtype}, the run's dtype, got {made.dtype}")
        if made.device != x.device:
            raise ValueError(f"{task} on {x.device}, the run's device, got {made.device}")
        # What is bad in training alone is left to the first iteration, which names it as ever.
        if not training and not made.isfinite().all():
            raise ValueError(f"{task}, got NaN or infinity from its first weights")
    _check_learns(network, x, task)


def _check_learns(network: nn.Module, x: Tensor, task: str) -> None:
    with trying(network, training=True), torch.enable_grad():
        if not network(x).requires_grad:
            raise ValueError(
                f"{task} that depend on its parameters, got numbers without a gradient; "
                "does it detach, or run under no_grad?"
            )


def _check_slope(network: nn.Module, x: Tensor) -> None:
    with trying(network, training=True), torch.enable_grad():
        x = x.detach().requires_grad_()
        (slope,) = torch.autograd.grad(network(x).sum(), x, allow_unused=True)
    if slope is None:
        raise ValueError(
            f"{called('discriminator', network)} gives numbers without a gradient in the samples, "
            "so G could not learn from it; does it detach, round or compare them?"
        )


def _advice(network: nn.Module, variants: Iterable[Variant], fits: Callable[[Tensor], bool]) -> str:
    """The advice of the first variant that fits, or nothing."""
    for variant in variants:
        try:
            made = variant.shape(tried(network, variant.input, training=False))
        except Exception:  # it fails in this way too
            continue
        if isinstance(made, Tensor) and fits(made):
            return f". {variant.words}"
    return ""


def _same(made: Tensor) -> Tensor:
    return made


def _lengths(network: nn.Module) -> list[int]:
    """Lengths that noise may have, as the shapes of its weights have it."""
    sizes = {size for p in network.parameters() for size in p.shape if size > 1}
    return sorted(sizes)[:MOST_LENGTHS]


def _place(p: Tensor) -> tuple[int, int]:
    return p.data_ptr(), p.numel()


def _shown(shape: Iterable[int]) -> str:
    """As Python writes it, whatever kind of sequence it is."""
    return str(tuple(shape))


def _kind(made: Any) -> str:
    if isinstance(made, tuple | list):
        inside = ", ".join(_kind(one) for one in made)
        return f"a {type(made).__name__} of ({inside})"
    if isinstance(made, Tensor):
        return f"a tensor of shape {_shown(made.shape)}"
    return f"{type(made).__name__}"
