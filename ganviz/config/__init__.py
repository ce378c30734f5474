"""The settings of a run: what they may be, their words for forms and docs, their written forms."""

from ganviz.config.errors import ConfigError
from ganviz.config.fields import CUSTOM, GROUPS, Data, Group
from ganviz.config.run_config import RunConfig
from ganviz.config.schema import LIVE_FIELDS, OWNERS, field_doc, field_metadata, labels, settings

__all__ = [
    "CUSTOM",
    "GROUPS",
    "LIVE_FIELDS",
    "OWNERS",
    "ConfigError",
    "Data",
    "Group",
    "RunConfig",
    "field_doc",
    "field_metadata",
    "labels",
    "settings",
]
