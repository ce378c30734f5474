"""What a dataset is: something to draw from, and what is known of it exactly."""

from collections.abc import Callable, Hashable
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor

from ganviz.say import Text, _

Sampler = Callable[[int, torch.Generator], Tensor]
"""`(n, rng)` to a float tensor of shape `(n, *shape)`; all its randomness comes from `rng`."""

Known = TypeVar("Known")

MEASURED_DRAWS = 10_000


class Mixture(NamedTuple):
    """The modes of data."""

    centres: Tensor
    """Shape `(modes, dim)`."""
    std: float | Tensor
    """σ of all modes, or of each, shape `(modes,)`."""


@dataclass(frozen=True, eq=False)
class Target:
    """A distribution that G is to match, in the data's own units.

    Args:
        sample: draws `(n, rng)` to a tensor of shape `(n, dim)` or `(n, channels, height, width)`.
        dim: an int for vectors, `(channels, height, width)` for images.
        log_density: ln p(x) for x of shape `(n, dim)`, giving `(n,)`; None where it has no closed
            form.
        modes: mode centres, shape `(modes, dim)`.
        mode_std: the standard deviation of each mode along every axis; a tensor of shape
            `(modes,)` where they are not all equal.
        shift, scale: networks see `(x - shift) / scale`. None: measured once, see
            `standardisation`. Either may be a tensor of shape `(dim,)`, one number a coordinate.
        held_out: draws data that training never sees; None: `sample` (an unlimited source).
        size: how many different samples training sees; None: as many as you like.
        distinct: draws `(n, rng)` of these, n at most `size`, without repetition; None: `sample`
            may repeat some, and noise floors find out by drawing.
        held_out_size: how many different samples are held out; None: as many as you like.
        classes: names of the classes of what the images show, where it is one of the digits of
            `ganviz.quality.features`; None otherwise.
        notes: sentences on what was done to the data before anyone sees them: rows left out, files
            that could not be read.

    Raises:
        ValueError: if `dim`, `scale`, `mode_std`, a size or the shape of `modes` is impossible.
    """

    sample: Sampler
    dim: int | tuple[int, int, int]
    _: KW_ONLY
    log_density: Callable[[Tensor], Tensor] | None = None
    modes: Tensor | None = None
    mode_std: float | Tensor | None = None
    shift: float | Tensor | None = None
    scale: float | Tensor | None = None
    held_out: Sampler | None = None
    size: int | None = None
    distinct: Sampler | None = None
    held_out_size: int | None = None
    classes: tuple[str, ...] | None = None
    notes: tuple[Text, ...] = ()
    _known: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.dim, int | tuple) or not (
            len(self.shape) in (1, 3)
            and all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in self.shape)
        ):
            raise ValueError(
                _("dim must be an int or (channels, height, width), got {dim!r}", dim=self.dim)
            )
        if self.modes is not None and tuple(self.modes.shape[1:]) != self.shape:
            raise ValueError(
                _(
                    "modes must have shape (modes, {dim}), got {shape}",
                    dim=self.dim,
                    shape=str(tuple(self.modes.shape)),
                )
            )
        self._check_positive("scale", self.scale, self.shape if len(self.shape) == 1 else ())
        self._check_positive(
            "mode_std", self.mode_std, () if self.modes is None else self.modes.shape[:1]
        )
        for name, size in (("size", self.size), ("held_out_size", self.held_out_size)):
            if size is not None and not (type(size) is int and size > 0):
                raise ValueError(
                    _("{name} must be a whole number above 0, got {size!r}", name=name, size=size)
                )

    def _check_positive(
        self, name: str, value: float | Tensor | None, shape: tuple[int, ...]
    ) -> None:
        """A number, or one for each entry of `shape` (of none: a number only)."""
        if isinstance(value, Tensor):
            if tuple(value.shape) not in {(), tuple(shape)}:
                raise ValueError(
                    _(
                        "{name} must be a number or have shape {shape}, got {given}",
                        name=name,
                        shape=str(tuple(shape)),
                        given=str(tuple(value.shape)),
                    )
                )
            if not bool(((value > 0) & value.isfinite()).all()):
                given = value.tolist()
                raise ValueError(
                    _("{name} must be above 0 and finite, got {value}", name=name, value=given)
                )
        elif value is not None and not 0 < value < float("inf"):
            raise ValueError(
                _("{name} must be above 0 and finite, got {value}", name=name, value=value)
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return (self.dim,) if isinstance(self.dim, int) else tuple(self.dim)

    @property
    def centres(self) -> Tensor:
        """The modes' centres, shape `(modes, dim)`.

        Raises:
            ValueError: if they are not known.
        """
        if self.modes is None:
            raise ValueError(_("the target has no modes"))
        return self.modes

    @property
    def mixture(self) -> Mixture:
        """The modes of the data, and how wide they are.

        Raises:
            ValueError: if one of the two is not known.
        """
        centres = self.centres
        if self.mode_std is None:
            raise ValueError(_("the σ of the target's modes is not known: give it as mode_std"))
        return Mixture(centres, self.mode_std)

    def draw_held_out(self, n: int, rng: torch.Generator) -> Tensor:
        """`n` samples that training does not see, shape `(n, *shape)`."""
        return (self.held_out or self.sample)(n, rng)

    def known(self, calculate: Callable[..., Known], *arguments: Hashable) -> Known:
        """`calculate(self, *arguments)`, made once and kept as long as the target itself.

        Threads that ask at the same time may each calculate it; all of them get the same one.
        """
        key = calculate, *arguments
        if key not in self._known:
            self._known.setdefault(key, calculate(self, *arguments))
        known: Known = self._known[key]
        return known

    @cached_property
    def standardisation(self) -> tuple[Tensor, float | Tensor]:
        """`(shift, scale)`: what is stated, else measured from 10,000 draws with a fixed generator.

        The measured shift is the mean of each coordinate (of all pixels for images). The measured
        scale is one number, the root mean square about it, so that shapes and angles are kept.

        Raises:
            ValueError: if the target is constant or not finite, so that no scale exists.
        """
        if self.shift is not None and self.scale is not None:
            return torch.as_tensor(self.shift), self.scale
        draws = self.sample(MEASURED_DRAWS, torch.Generator().manual_seed(0)).double()
        if self.shift is not None:
            shift = torch.as_tensor(self.shift)
        else:
            shift = draws.mean(0) if len(self.shape) == 1 else draws.mean()
        if self.scale is not None:
            return shift, self.scale
        scale = (draws - shift).square().mean().sqrt().item()
        if not 0 < scale < float("inf"):
            raise ValueError(
                _(
                    "the target's spread is {spread}: give Target a shift and a scale, or data "
                    "that vary and are finite",
                    spread=scale,
                )
            )
        return shift, scale
