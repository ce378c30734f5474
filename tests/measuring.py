"""What tests of the panel share: a small run, a clock, and a way to the end of a request."""

from ganviz import RunConfig
from ganviz.instruments import Panel

CONFIG = RunConfig(width=16, batch_size=32, latent_dim=3, steps=200)


class Clock:
    """Seconds that pass when somebody says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def finish(panel: Panel, step: int) -> None:
    for _ in range(100_000):
        if not panel.asked:
            return
        panel.work(step)
    raise AssertionError("it never ends")
