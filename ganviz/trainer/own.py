"""Networks of the caller's own: whether they fit, said in a sentence that names the module."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from ganviz.networks import Shape, tried, trying
from ganviz.say import Message, Text, _, listed
from ganviz.trainer.units import Units

Role = Literal["generator", "discriminator"]


class Variant(NamedTuple):
    """Another way to run a network that does not fit, and the advice if that way it does."""

    input: Tensor
    advice: Message
    shape: Callable[[Tensor], Tensor] = lambda output: output
    """What is done to the output."""


MOST_LENGTHS = 16
"""Lengths of noise that are tried on a generator that does not take the one it is given."""


def called(role: Role, network: nn.Module) -> Message:
    """How sentences name a network."""
    kind = type(network).__name__
    if role == "generator":
        return _("the generator you passed ({kind})", kind=kind)
    return _("the discriminator you passed ({kind})", kind=kind)


def take(role: Role, network: nn.Module, units: Units) -> None:
    """Move a network to where the run computes.

    Raises:
        ValueError: if it is no module that can be trained from finite weights.
    """
    if not isinstance(network, nn.Module):
        raise ValueError(
            _("{name} must be a torch.nn.Module, got {given}", name=role, given=_no_module(network))
        )
    who, parameters = called(role, network), dict(network.named_parameters())
    if lazy := [name for name, p in parameters.items() if is_lazy(p)]:
        raise ValueError(
            _(
                "{who} has parameters without a shape yet, such as {name!r}; run it once on a "
                "batch before you pass it",
                who=who,
                name=lazy[0],
            )
        )
    if not any(p.requires_grad for p in parameters.values()):
        raise ValueError(_untrainable(role, network))
    network.to(units.device, units.dtype)
    for name, p in network.named_parameters():
        if not p.isfinite().all():
            raise ValueError(
                _("{who} starts with NaN or infinity in its parameter {name!r}", who=who, name=name)
            )


def _no_module(given: Any) -> Text:
    if isinstance(given, type):
        return _("the class {name}", name=given.__name__)
    return type(given).__name__


def _untrainable(role: Role, network: nn.Module) -> Message:
    kind = type(network).__name__
    if role == "generator":
        return _("the generator you passed: {kind} has no parameter to train", kind=kind)
    return _("the discriminator you passed: {kind} has no parameter to train", kind=kind)


def check_apart(generator: nn.Module, discriminator: nn.Module) -> None:
    """Check that no weight belongs to both players.

    Raises:
        ValueError: if one does.
    """
    names = {_place(p): name for name, p in generator.named_parameters() if p.requires_grad}
    for name, p in discriminator.named_parameters():
        if p.requires_grad and _place(p) in names:
            raise ValueError(
                _(
                    "the generator and the discriminator you passed share a parameter, {first!r} "
                    "of the one and {second!r} of the other; each player needs its own",
                    first=names[_place(p)],
                    second=name,
                )
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
    task = _(
        "{who} takes noise of shape {noise}, where {latent_dim} is latent_dim, and must give "
        "samples of shape {samples}",
        who=called("generator", network),
        noise=_shown(z.shape),
        latent_dim=z.shape[1],
        samples=_shown(wanted),
    )

    def variants() -> Iterator[Variant]:
        for axes in (1, 2, 3):
            ones = (1,) * axes
            folded = _shown((z.shape[1], *ones))
            advice = _("Begin it with nn.Unflatten(1, {shape}).", shape=folded)
            yield Variant(z.reshape(*z.shape, *ones), advice)
        for length in _lengths(network):
            advice = _("With latent_dim={length} it does.", length=length)
            yield Variant(z.new_zeros(len(z), length), advice)
        if len(shape) > 1:
            advice = _("End it with nn.Unflatten(1, {shape}).", shape=_shown(shape))
            yield Variant(z, advice, lambda output: output.reshape(len(output), *shape))

    _check(network, z, task, lambda output: tuple(output.shape) == wanted, variants)


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
    task = _(
        "{who} takes samples of shape {samples} and must give one number for each, shape {flat} or "
        "{column}",
        who=called("discriminator", network),
        samples=_shown(x.shape),
        flat=_shown((n,)),
        column=_shown((n, 1)),
    )

    def fits(output: Tensor) -> bool:
        return tuple(output.shape) in ((n,), (n, 1))

    def variants() -> Iterator[Variant]:
        if x.dim() > 2:
            yield Variant(x.flatten(1), _("Begin it with nn.Flatten()."))
        yield Variant(x, _("End it with nn.Flatten()."), lambda output: output.flatten(1))

    _check(network, x, task, fits, variants)


def _check(
    network: nn.Module,
    x: Tensor,
    task: Message,
    fits: Callable[[Tensor], bool],
    variants: Callable[[], Iterator[Variant]],
) -> None:
    """Run the network in both modes and say what is wrong with what it gives."""
    for training in (False, True):
        try:
            output = tried(network, x, training=training)
        except Exception as error:  # a caller's forward may raise anything
            why = str(error).strip() or type(error).__name__
            misfit = _("{task}, but fails on it: {why}", task=task, why=why)
            raise ValueError(_advised(misfit, network, variants(), fits)) from error
        if not isinstance(output, Tensor):
            raise ValueError(_("{task}, got {given}", task=task, given=_kind(output)))
        if not fits(output):
            misfit = _("{task}, got {given}", task=task, given=_shown(output.shape))
            raise ValueError(_advised(misfit, network, variants(), fits))
        if elsewhere := _elsewhere(output, x, task):
            raise ValueError(elsewhere)
        # What is bad in training alone is left to the first iteration, which names it as ever.
        if not training and not output.isfinite().all():
            raise ValueError(_("{task}, got NaN or infinity from its first weights", task=task))
    _check_learns(network, x, task)


def _elsewhere(output: Tensor, x: Tensor, task: Message) -> Message | None:
    """That an output has another type, or is on another device, than the input."""
    if output.dtype != x.dtype:
        return _(
            "{task} in {dtype}, the run's dtype, got {given}",
            task=task,
            dtype=str(x.dtype),
            given=str(output.dtype),
        )
    if output.device != x.device:
        return _(
            "{task} on {device}, the run's device, got {given}",
            task=task,
            device=str(x.device),
            given=str(output.device),
        )
    return None


def _check_learns(network: nn.Module, x: Tensor, task: Message) -> None:
    with trying(network, training=True), torch.enable_grad():
        if not network(x).requires_grad:
            raise ValueError(
                _(
                    "{task} that depend on its parameters, got numbers without a gradient; does it "
                    "detach, or run under no_grad?",
                    task=task,
                )
            )


def _check_slope(network: nn.Module, x: Tensor) -> None:
    with trying(network, training=True), torch.enable_grad():
        x = x.detach().requires_grad_()
        (slope,) = torch.autograd.grad(network(x).sum(), x, allow_unused=True)
    if slope is None:
        raise ValueError(
            _(
                "{who} gives numbers without a gradient in the samples, so G could not learn from "
                "it; does it detach, round or compare them?",
                who=called("discriminator", network),
            )
        )


def _advised(
    misfit: Message,
    network: nn.Module,
    variants: Iterable[Variant],
    fits: Callable[[Tensor], bool],
) -> Message:
    """`misfit`, with the advice of the first variant that fits, if one does."""
    for variant in variants:
        try:
            output = variant.shape(tried(network, variant.input, training=False))
        except Exception:  # it fails in this way too
            continue
        if isinstance(output, Tensor) and fits(output):
            return _("{misfit}. {advice}", misfit=misfit, advice=variant.advice)
    return misfit


def _lengths(network: nn.Module) -> list[int]:
    """Lengths that noise may have, as the shapes of its weights have it."""
    sizes = {size for p in network.parameters() for size in p.shape if size > 1}
    return sorted(sizes)[:MOST_LENGTHS]


def _place(p: Tensor) -> tuple[int, int]:
    return p.data_ptr(), p.numel()


def _shown(shape: Iterable[int]) -> str:
    """As Python writes it, whatever kind of sequence it is."""
    return str(tuple(shape))


def _kind(output: Any) -> Text:
    if isinstance(output, tuple | list):
        inside = listed(map(_kind, output)) if output else ""
        return _("a {kind} of ({inside})", kind=type(output).__name__, inside=inside)
    if isinstance(output, Tensor):
        return _("a tensor of shape {shape}", shape=_shown(output.shape))
    return type(output).__name__
