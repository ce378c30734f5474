"""Where ganviz keeps what lasts: runs, and the data that belong to them."""

import os
from pathlib import Path

from platformdirs import user_data_path

VARIABLE = "GANVIZ_HOME"


def home() -> Path:
    """`$GANVIZ_HOME`, else the platform's folder for data of programs. Nothing is made there."""
    named = os.environ.get(VARIABLE)
    return Path(named).expanduser() if named else user_data_path("ganviz", appauthor=False)
