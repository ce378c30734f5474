"""The software that a run's numbers follow from."""

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("torch", "numpy", "streamlit", "plotly")


@cache
def versions() -> dict[str, str]:
    """Package to version, with Python's own and the machine's kind."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
