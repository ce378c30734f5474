"""What the first Start would have to wait for is done beside the first page."""

import atexit
import gc
import threading
import time
from collections.abc import Iterator

from ganviz.instruments import Kit, Quality
from ganviz.presets import PRESETS
from ganviz.trainer import Trainer
from ganviz.ui import state

PRESETS_TRIED = ("ring", "digits")
"""Between them they import all that runs and their instruments need."""

ENDING_SECONDS = 2.0
"""What a process that ends needs to end its main thread."""

_warm = threading.Event()


def warm_up() -> None:
    """Once a process, in a thread: pay for slow imports before a run does, out of its way."""
    if _warm.is_set():
        return
    _warm.set()
    thread = threading.Thread(target=_warm_up, name="warm-up", daemon=True)
    atexit.register(thread.join)
    thread.start()


def _warm_up() -> None:
    try:
        for _ in _pieces():
            # A run that begins meanwhile has the interpreter for itself.
            while state.RUNS.starting and threading.main_thread().is_alive():
                time.sleep(0.02)
    except RuntimeError:
        # Some imports register what is done at exit, which Python refuses while the server ends.
        threading.main_thread().join(ENDING_SECONDS)
        if threading.main_thread().is_alive():
            raise


def _pieces() -> Iterator[None]:
    """The work, in pieces of some tenths of a second at most."""
    for preset in PRESETS_TRIED:
        trainer = Trainer(PRESETS[preset].config.replace(width=4, steps=1))
        yield
        trainer.step()
        trainer.snapshot()
        yield
        for _ in Kit(trainer.lens()).of(Quality).measure(1):
            yield
    # What stays imported need not be looked at by later collections.
    gc.collect()
    gc.freeze()
