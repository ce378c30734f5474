"""Training: `Trainer` makes iterations, `train` makes a whole run."""

from ganviz.trainer.divergence import Diverged
from ganviz.trainer.iteration import Trainer
from ganviz.trainer.run import one_thread, train

__all__ = ["Diverged", "Trainer", "one_thread", "train"]
