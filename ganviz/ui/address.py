"""What is known of a tab's address. Why: docs/decisions/address.md."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

HEARD_SECONDS = 2.0
"""By then the browser shows a new address, and says so."""

AGAIN_SECONDS = 0.5
"""So long the browser has to hear of a new address, before it is told once more."""

Settings = Mapping[str, str]
"""What an address holds: a run's id as `run`, and the settings by their keys."""


@dataclass
class Address:
    """The address that was set last, and what the browser has said of it."""

    settings: Settings = field(default_factory=dict)
    """What it should show."""
    before: Settings | None = None
    """What the browser showed until then; None once it has said that it knows the new one."""
    since: float = -math.inf
    """When it was set, on the monotonic clock."""
    in_hand: bool = False
    """Whether the present redraw has set it, or begins because one that did wants another: what is
    read of it then is ourselves, and not the browser."""

    def set(self, settings: Settings, shown: Settings) -> None:
        """Note that it is set to `settings`, while the browser shows `shown`."""
        self.settings, self.before = settings, shown
        self.since, self.in_hand = time.monotonic(), True

    def adopt(self, shown: Settings) -> None:
        """Take up what the browser shows."""
        self.settings, self.before = shown, None
        self.since, self.in_hand = -math.inf, False

    def hear(self, shown: Settings) -> None:
        """Note what the browser shows, at the beginning of a redraw."""
        if not self.in_hand and same(shown, self.settings):
            self.before = None

    @property
    def is_new(self) -> bool:
        """Whether the browser may not have heard of it yet.

        Streamlit drops what a redraw says that the next message cuts short.
        """
        return self.before is not None and time.monotonic() - self.since < HEARD_SECONDS

    def is_lost(self, shown: Settings) -> bool:
        """Whether a browser that shows `shown` should know better by now.

        It is not told at once: if it only was slow, a second word would undo a Back in between.
        """
        late = time.monotonic() - self.since > AGAIN_SECONDS
        return late and not same(shown, self.settings)

    def left_for(self, shown: Settings, *, by_history: bool) -> bool:
        """Whether a person went from here to `shown`.

        Without Back or Forward (`by_history`), as by a message that came together with another one,
        an address from before the last one that we set is no sign of it, as long as the browser has
        not said that it knows ours.
        """
        if same(shown, self.settings):
            return False
        if by_history or self.in_hand:
            return by_history
        return self.before is None or not (shown == self.before or self.is_new)


def same(one: Settings, other: Settings) -> bool:
    """Whether two addresses name the same run, or the same settings and none."""
    return one == other or one.get("run", "") == other.get("run")
