"""How far a run is: its iteration, the settings in force, and an iteration that is half made."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from torch import Tensor

from ganviz.config import LIVE_FIELDS, RunConfig
from ganviz.say import Message
from ganviz.snapshot import Event
from ganviz.trainer.divergence import Diverged
from ganviz.trainer.halves import DiscriminatorHalf
from ganviz.trainer.schedule import Rates, rates

Phase = Literal["discriminator", "generator"]


class Progress:
    """What moves on with every iteration beside networks and streams.

    Args:
        config: the settings that the run begins with.
    """

    def __init__(self, config: RunConfig) -> None:
        self.iteration = 0
        """Completed ones."""
        self.current = config
        """The settings in force."""
        self.next = config
        """Those of the next iteration: edits wait for the end of the present one."""
        self.events: list[Event] = []
        self.half: DiscriminatorHalf | None = None
        """What D's half left, where G's half is next."""
        self.diverged: Diverged | None = None

    @property
    def phase(self) -> Phase:
        """Whose half is next."""
        return "discriminator" if self.half is None else "generator"

    @property
    def rates(self) -> Rates:
        """What is in force in the present iteration."""
        return rates(self.current, self.iteration)

    def expect_discriminator(self) -> None:
        """Check that D's half is next.

        Raises:
            RuntimeError: if it is not.
            Diverged: if the run has diverged.
        """
        if self.diverged:
            raise self.diverged
        if self.half is not None:
            raise self._other_half()

    def expect_generator(self) -> DiscriminatorHalf:
        """Check that G's half is next, and give what D's half left.

        Raises:
            RuntimeError: if it is not.
            Diverged: if the run has diverged.
        """
        if self.diverged:
            raise self.diverged
        if self.half is None:
            raise self._other_half()
        return self.half

    def edit(self, changes: Mapping[str, Any]) -> tuple[Event, ...]:
        """Change live settings; gives the events.

        Raises:
            ConfigError: if a field is not live or a value is not valid; then nothing is changed.
        """
        self.next = self.next.edited(**changes)
        begins = self.iteration + (self.half is not None)
        events = tuple(Event(begins, name, getattr(self.next, name)) for name in changes)
        self.events += events
        if self.half is None:
            self.current = self.next
        return events

    def complete(self) -> None:
        """The present iteration is made."""
        self.iteration += 1
        self.half, self.current = None, self.next

    def diverge(self, tensor: Message) -> Diverged:
        """The present iteration, the last one, has made that tensor, which is not finite."""
        self.diverged = Diverged(self.iteration, tensor)
        return self.diverged

    def rest(self) -> dict[str, Any]:
        """All of it that is no tensor, as JSON."""
        return {
            "iteration": self.iteration,
            "current": json.loads(self.current.to_json()),
            "next": json.loads(self.next.to_json()),
            "events": [list(event) for event in self.events],
        }

    def tensors(self) -> dict[str, Tensor]:
        """Copies of what D's half left."""
        return {} if self.half is None else self.half.tensors()

    def load(
        self, config: RunConfig, rest: Mapping[str, Any], half: dict[str, Tensor], like: Tensor
    ) -> None:
        """Go on from `rest` and `tensors` of a run that began with `config`, but for live settings.

        Args:
            config: the settings that this run began with.
            rest, half: what `rest` and `tensors` gave.
            like: of the device and dtype that networks compute in.
        """
        self.iteration = rest["iteration"]
        self.current, self.next = (
            config.replace(**{name: rest[when][name] for name in LIVE_FIELDS})
            for when in ("current", "next")
        )
        self.events = [Event(*event) for event in rest["events"]]
        self.half = DiscriminatorHalf.of(half, like) if half else None
        self.diverged = None

    def _other_half(self) -> RuntimeError:
        return RuntimeError(f"the {self.phase}'s half of iteration {self.iteration + 1} is next")
