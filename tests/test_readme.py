"""The README names what is there, and its Python example runs."""

import re
from pathlib import Path

import pytest

from ganviz import DATASETS, INSTRUMENTS, LOSSES, METRICS, NETWORKS, PENALTIES, PRESETS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf8")


@pytest.mark.parametrize(
    ("heading", "registry"),
    [
        ("Presets", PRESETS),
        ("Losses", LOSSES),
        ("penalties", PENALTIES),
        ("Datasets", DATASETS),
        ("Networks", NETWORKS),
        ("Metrics", METRICS),
        ("Instruments", INSTRUMENTS),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_registered_name_is_listed_and_no_other(heading: str, registry: object) -> None:
    listed = re.search(rf"\*\*{heading}:\*\*(.*?)(?=\*\*\w+:\*\*|\n\n)", README, re.DOTALL)
    assert listed
    assert set(re.findall(r"`(\w+)`", listed.group(1))) == set(registry)  # type: ignore[call-overload]


def test_pictures_and_links_exist() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(example.replace("500", "20"), "README.md", "exec"), {})
    shown = capsys.readouterr().out
    assert "-1.3863" in shown
    assert "coverage: 0." in shown


def test_the_two_commands_are_there() -> None:
    assert "pip install -r requirements.txt && streamlit run app.py" in README
    assert "pip install -r requirements-dev.txt && pytest" in README
