"""Training: `Trainer` makes iterations; `ganviz.work` makes whole runs."""

from ganviz.trainer.divergence import Diverged
from ganviz.trainer.state import State
from ganviz.trainer.threads import one_thread
from ganviz.trainer.trainer import Trainer

__all__ = ["Diverged", "State", "Trainer", "one_thread"]
