"""What an instrument is: it measures moments of a run in slices, or watches iterations."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, TypeVar

import torch

from ganviz.readings import Doing, Readings
from ganviz.registry import Entry, Registry, key_of
from ganviz.trainer.lens import Lens

T = TypeVar("T")


class Kit:
    """The instruments of one run, each built once: when it, or one that reads it, is asked for.

    Args:
        lens: on the run.
    """

    def __init__(self, lens: Lens) -> None:
        self.lens = lens
        self._built: dict[Callable[[Kit], Any], Any] = {}

    def of(self, kind: "Callable[[Kit], T]") -> T:
        """The instrument of that class."""
        if kind not in self._built:
            self._built[kind] = kind(self)
        built: T = self._built[kind]
        return built


class Instrument(ABC):
    """Reads one thing of a run: a `Meter` or a `Watcher`.

    What it has read stays until there is something newer. The docstring of a registered class says
    what is read.

    Args:
        kit: with the lens on the run, and the instruments that this one reads.
    """

    name: ClassVar[str]
    """Its key in the registry."""

    def __init_subclass__(cls) -> None:
        cls.name = key_of(cls)

    def __init__(self, kit: Kit) -> None:
        self._lens = kit.lens

    def _rng(self, step: int) -> torch.Generator:
        """What it draws from at that iteration."""
        return self._lens.rng(step, self.name)

    @abstractmethod
    def add_to(self, readings: Readings) -> Readings:
        """`readings` with what it has read so far."""

    @abstractmethod
    def rewind(self, step: int) -> None:
        """The run goes back to iteration `step`: forget what was read of later ones.

        What is under way is not gone on with.
        """


class Meter(Instrument):
    """Measures a moment, in slices."""

    @abstractmethod
    def measure(self, step: int) -> Iterator[float]:
        """Measure the run as it is at iteration `step`, which it is when the first slice runs.

        The run stands still during a slice, so it should take some hundredths of a second at most.
        Yields between slices, with how much is done, in [0, 1]. The run goes on meanwhile, so what
        the measurement is of must be copied in the first slice.
        """

    def pace(self, every: float) -> float:
        """Seconds from the start of a measurement to that of the next, on these data.

        Args:
            every: the same as it is registered; `inf` is the answer where nothing is left to do.
        """
        return every

    @property
    def tells_error(self) -> bool:
        """Whether G's error is known by this one, on these data."""
        return False


class Watcher(Instrument):
    """Watches iterations from between them: nothing is done inside one."""

    @property
    @abstractmethod
    def watching(self) -> bool:
        """Whether the next iteration is watched."""

    @abstractmethod
    def begin(self, step: int, iterations: int) -> None:
        """Watch the next iterations, the first of which follows `step`."""

    @abstractmethod
    def note(self, step: int) -> None:
        """Iteration `step` is over, and was watched."""

    @abstractmethod
    def stop(self) -> None:
        """Watch no further."""


class Registered(Entry[Callable[[Kit], Instrument]]):
    """An instrument as it is registered."""

    @property
    def needs(self) -> tuple[str, ...]:
        """When it is due; of a meter, which may be waited for, what it does too."""
        return ("every", "doing") if self._measures else ("every",)

    @property
    def _measures(self) -> bool:
        return isinstance(self.fn, type) and issubclass(self.fn, Meter)

    @property
    def every(self) -> float:
        """Seconds from the start of a measurement to that of the next."""
        every: float = self.facts["every"]
        return every

    @property
    def long(self) -> bool:
        """Whether a measurement takes seconds, so that short ones go first."""
        return bool(self.facts.get("long"))

    @property
    def length(self) -> tuple[bool, float]:
        """The greater, the longer a measurement takes: among the long ones, as among the others, it
        is longest where it comes most seldom."""
        return self.long, self.every

    @property
    def light(self) -> bool:
        """Whether a measurement takes a moment: a run that rests has it at once."""
        return bool(self.facts.get("light"))

    @property
    def first(self) -> float:
        """Seconds until the first measurement."""
        first: float = self.facts.get("first", 0.0)
        return first

    @property
    def burst(self) -> int:
        """Iterations in a row that a watcher watches at most."""
        burst: int = self.facts.get("burst", 1)
        return burst

    @property
    def doing(self) -> Doing:
        """What a meter does while it is under way."""
        doing: Doing = self.facts["doing"]
        return doing


INSTRUMENTS: Registry[Callable[[Kit], Instrument], Registered] = Registry("instrument", Registered)
"""Classes of meters and watchers. Facts of an entry are the properties of `Registered`; the label
is what the instrument is called."""
