"""ganviz: the live laboratory for the GAN loss.

>>> import ganviz
>>> config = ganviz.RunConfig(steps=20, width=16)
>>> trainer = ganviz.train(config)
>>> len(trainer.history)
20
"""

from ganviz.charts import CHARTS
from ganviz.config import ConfigError, RunConfig
from ganviz.datasets import DATASETS
from ganviz.formats import export
from ganviz.instruments import INSTRUMENTS
from ganviz.losses import LOSSES
from ganviz.networks import NETWORKS
from ganviz.penalties import PENALTIES
from ganviz.presets import PRESETS
from ganviz.quality import METRICS, evaluate
from ganviz.resuming import resume
from ganviz.runs import Run
from ganviz.session import Session
from ganviz.snapshot import Event, History, Snapshot
from ganviz.store import Store, StoreError
from ganviz.target import Target
from ganviz.trainer import Diverged, Trainer
from ganviz.value import ValueTerms, value_standard_error, value_terms
from ganviz.work import train

__all__ = [
    "CHARTS",
    "DATASETS",
    "INSTRUMENTS",
    "LOSSES",
    "METRICS",
    "NETWORKS",
    "PENALTIES",
    "PRESETS",
    "ConfigError",
    "Diverged",
    "Event",
    "History",
    "Run",
    "RunConfig",
    "Session",
    "Snapshot",
    "Store",
    "StoreError",
    "Target",
    "Trainer",
    "ValueTerms",
    "evaluate",
    "export",
    "resume",
    "train",
    "value_standard_error",
    "value_terms",
]
