"""For all tests, those in docstrings included."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test writes among a person's own runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANVIZ_HOME", str(tmp_path_factory.mktemp("home")))
        yield
