"""Imports go down only; nothing but the UI knows Streamlit; what is shown or kept needs no torch.

Every contract is broken once on purpose in a copy, as one that cannot fail proves nothing.
"""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

with (ROOT / "pyproject.toml").open("rb") as file:
    CONTRACTS: list[dict[str, Any]] = tomllib.load(file)["tool"]["importlinter"]["contracts"]

LAYERS = "Imports go down only"
NO_STREAMLIT = "Only ganviz.ui knows streamlit"
PAGES = "Pages do not know each other"
NO_TORCH = "What is shown or kept needs no torch"

NEEDS_NO_TORCH = [
    "ganviz.say",
    "ganviz.digits",
    "ganviz.runs",
    "ganviz.registry",
    "ganviz.levels",
    "ganviz.columns",
    "ganviz.readings",
    "ganviz.snapshot",
    "ganviz.diagnosis",
    "ganviz.words",
    "ganviz.report",
    "ganviz.home",
    "ganviz.versions",
    "ganviz.stopwatch",
    "ganviz.store",
    "ganviz.formats",
    "ganviz.charts",
    "ganviz.charts.along",
    "ganviz.charts.base",
    "ganviz.charts.cast",
    "ganviz.charts.curves",
    "ganviz.charts.densities",
    "ganviz.charts.gaps",
    "ganviz.charts.histogram",
    "ganviz.charts.lines",
    "ganviz.charts.losses",
    "ganviz.charts.main_lines",
    "ganviz.charts.mosaic",
    "ganviz.charts.palette",
    "ganviz.charts.precision_recall",
    "ganviz.charts.quality",
    "ganviz.charts.samples",
    "ganviz.charts.saturation",
    "ganviz.charts.shares",
    "ganviz.charts.small_multiples",
    "ganviz.charts.smoothing",
    "ganviz.charts.steps",
    "ganviz.charts.zigzag",
]


def python(code: str, where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=120)


def lint(where: Path) -> subprocess.CompletedProcess[str]:
    return python(LINT, where, "--no-cache", "--no-logo", "--config", "pyproject.toml")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy that a test may break."""
    shutil.copytree(
        ROOT / "ganviz", tmp_path / "ganviz", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def add_line(house: Path, module: str, line: str) -> None:
    path = house / module
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{line}\n{before}", encoding="utf-8")


def test_the_house_keeps_its_contracts() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    for contract in CONTRACTS:
        assert f"{contract['name']} KEPT" in result.stdout


def test_the_untouched_copy_keeps_them_too(house: Path) -> None:
    result = lint(house)
    assert result.returncode == 0, result.stdout + result.stderr


BREACHES = [
    (LAYERS, "ganviz/say.py", "import ganviz.levels"),
    (LAYERS, "ganviz/snapshot.py", "import ganviz.runs"),
    (LAYERS, "ganviz/levels.py", "import ganviz.value"),
    (LAYERS, "ganviz/snapshot.py", "from ganviz.charts import CHARTS"),
    (LAYERS, "ganviz/config.py", "from ganviz.presets import PRESETS"),
    (LAYERS, "ganviz/trainer/trainer.py", "from ganviz.work import train"),
    (LAYERS, "ganviz/trainer/halves.py", "from ganviz.instruments import Panel"),
    (LAYERS, "ganviz/trainer/state.py", "from ganviz.session import Session"),
    (LAYERS, "ganviz/work.py", "from ganviz.session import Session"),
    (LAYERS, "ganviz/instruments/base.py", "from ganviz.work import train"),
    (NO_STREAMLIT, "ganviz/work.py", "import streamlit"),
    (LAYERS, "ganviz/losses/base.py", "from ganviz.penalties import PENALTIES"),
    (LAYERS, "ganviz/instruments/gaps.py", "from ganviz.session import Session"),
    (LAYERS, "ganviz/quality/base.py", "from ganviz.datasets import DATASETS"),
    (LAYERS, "ganviz/optimal.py", "from ganviz.quality import METRICS"),
    (LAYERS, "ganviz/readings.py", "from ganviz.snapshot import Snapshot"),
    (LAYERS, "ganviz/diagnosis/gaps.py", "from ganviz.charts import CHARTS"),
    (LAYERS, "ganviz/diagnosis/value.py", "from ganviz import words"),
    (LAYERS, "ganviz/words/table.py", "from ganviz.quality import METRICS"),
    (LAYERS, "ganviz/words/cost.py", "from ganviz.instruments import Panel"),
    (LAYERS, "ganviz/words/captions.py", "from ganviz.charts import CHARTS"),
    (LAYERS, "ganviz/charts/gaps.py", "from ganviz.words import captions"),
    (LAYERS, "ganviz/words/captions.py", "from ganviz.report import report"),
    (LAYERS, "ganviz/registry.py", "from ganviz.levels import V_SUPREMUM"),
    (LAYERS, "ganviz/session/worker.py", "from ganviz.ui import text"),
    (LAYERS, "ganviz/ui/board.py", "from ganviz.ui import controls"),
    (NO_STREAMLIT, "ganviz/value.py", "import streamlit"),
    (NO_STREAMLIT, "ganviz/charts/base.py", "from streamlit.delta_generator import Any"),
    (NO_STREAMLIT, "ganviz/levels.py", "import ganviz.ui.state"),
    (PAGES, "ganviz/ui/pages/other.py", "import ganviz.ui.pages.train"),
    (NO_TORCH, "ganviz/charts/samples.py", "import torch"),
    (NO_TORCH, "ganviz/registry.py", "from torch import Tensor"),
    (NO_TORCH, "ganviz/say.py", "import torch"),
    (NO_TORCH, "ganviz/runs.py", "import torch"),
    (NO_STREAMLIT, "ganviz/say.py", "import streamlit"),
    (NO_TORCH, "ganviz/snapshot.py", "import ganviz.value"),
    (NO_TORCH, "ganviz/diagnosis/trends.py", "import torch"),
    (NO_TORCH, "ganviz/words/captions.py", "import torch"),
    (NO_TORCH, "ganviz/words/cost.py", "import ganviz.instruments"),
    (NO_TORCH, "ganviz/report.py", "import torch"),
]


@pytest.mark.parametrize(("contract", "module", "line"), BREACHES)
def test_a_contract_fails_when_it_is_broken(
    house: Path, contract: str, module: str, line: str
) -> None:
    add_line(house, module, line)
    result = lint(house)
    assert result.returncode == 1
    assert f"{contract} BROKEN" in result.stdout, result.stdout + result.stderr


def test_every_contract_is_broken_once() -> None:
    assert {contract["name"] for contract in CONTRACTS} == {breach[0] for breach in BREACHES}


def contract(name: str) -> dict[str, Any]:
    (found,) = (contract for contract in CONTRACTS if contract["name"] == name)
    return found


def rooms() -> set[str]:
    """The modules and packages right under ganviz; `__init__` and `__main__` are its doors, and
    `locale` holds no code."""
    found = (path for path in (ROOT / "ganviz").iterdir() if path.suffix == ".py" or path.is_dir())
    names = {path.stem for path in found if not path.stem.startswith("__")}
    return {f"ganviz.{name}" for name in names - {"locale"}}


def test_a_new_room_has_its_place_in_the_contracts() -> None:
    # Neither kind of contract covers a module that it does not name.
    layers, streamlit = (contract(name) for name in (LAYERS, NO_STREAMLIT))
    named = {name for layer in layers["layers"] for name in layer.split(" | ")}
    expected = (rooms() | {"ganviz.__main__"}) - {"ganviz.ui"}
    assert expected == {name for name in named if ".ui" not in name}
    assert expected == set(streamlit["source_modules"])


def test_inside_the_package_nobody_imports_from_its_front_door(house: Path) -> None:
    code = """
import ast, pathlib
for path in sorted(pathlib.Path("ganviz").rglob("*.py")):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "ganviz" and not node.level:
            for name in node.names:
                if not any(pathlib.Path("ganviz", name.name + end).exists() for end in ("", ".py")):
                    print(path, name.name)
"""
    assert python(code, ROOT).stdout == ""
    add_line(house, "ganviz/losses/base.py", "from ganviz import RunConfig")
    assert "base.py RunConfig" in python(code, house).stdout


LOADED = "import sys; {imports}; print('streamlit' in sys.modules, 'torch' in sys.modules)"


def test_importing_ganviz_loads_no_streamlit() -> None:
    result = python(LOADED.format(imports="import ganviz"), ROOT)
    assert result.stdout.split() == ["False", "True"], result.stderr


def test_the_probe_sees_streamlit_when_it_is_loaded(house: Path) -> None:
    add_line(house, "ganviz/levels.py", "import streamlit")
    result = python(LOADED.format(imports="import ganviz"), house)
    assert result.stdout.split() == ["True", "True"], result.stderr


# The package's `__init__` imports torch for the public names, so a bare package stands in for it:
# what is left in `sys.modules` is what the modules themselves need.
BARE = """
import sys, types
package = types.ModuleType("ganviz")
package.__path__ = ["ganviz"]
sys.modules["ganviz"] = package
import {modules}
print("torch" in sys.modules, "streamlit" in sys.modules)
"""


def test_charts_and_snapshots_load_without_torch() -> None:
    result = python(BARE.format(modules=", ".join(NEEDS_NO_TORCH)), ROOT)
    assert result.stdout.split() == ["False", "False"], result.stderr


def test_the_probe_sees_torch_when_it_is_loaded(house: Path) -> None:
    add_line(house, "ganviz/charts/palette.py", "import torch")
    result = python(BARE.format(modules=", ".join(NEEDS_NO_TORCH)), house)
    assert result.stdout.split() == ["True", "False"], result.stderr


def test_the_list_of_what_needs_no_torch_is_the_contracts() -> None:
    tops = {".".join(name.split(".")[:2]) for name in NEEDS_NO_TORCH}
    assert tops == set(contract(NO_TORCH)["source_modules"])
    charts = {path.stem for path in (ROOT / "ganviz" / "charts").glob("[!_]*.py")}
    assert charts == {name.split(".")[2] for name in NEEDS_NO_TORCH if name.count(".") == 2}
