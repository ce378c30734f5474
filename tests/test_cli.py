"""The command line: what it writes, and one clear sentence for each thing that goes wrong."""

import csv
import html
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from torch import nn

import ganviz
from ganviz import CHARTS, LOSSES, PRESETS, RunConfig, Trainer
from ganviz.cli import main
from ganviz.datasets import DATASETS
from ganviz.quality import reference_for
from ganviz.snapshot import COLUMNS
from tests.test_divergence import BadFrom

TINY = ["train", "--set", "steps=5", "--set", "width=8", "--set", "batch_size=16"]
PLAIN = ["--set", "penalty=none", "--set", "loss=non_saturating"]
"""D is asked twice an iteration: a penalty, or a G that sees data, would ask it once more."""


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ganviz", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def assert_three_files(out: Path, rows: int) -> RunConfig:
    """All of them, whole; gives the config."""
    assert sorted(p.name for p in out.iterdir()) == ["config.json", "history.csv", "report.html"]
    with (out / "history.csv").open(encoding="utf8", newline="") as file:
        header, *lines = csv.reader(file)
    assert tuple(header) == COLUMNS
    assert [line[0] for line in lines] == [str(i) for i in range(1, rows + 1)]
    assert all(len(line) == 15 for line in lines)
    report = (out / "report.html").read_text(encoding="utf8")
    for entry in CHARTS.values():
        assert f"<h2>{html.escape(entry.label)}</h2>" in report
    assert report.count("Plotly.newPlot(") >= len(CHARTS)
    assert "plotly.js v" in report  # the library itself: no connection is needed
    assert '<script src="http' not in report
    return RunConfig.from_json((out / "config.json").read_text(encoding="utf8"))


def test_train_writes_history_config_and_report(tmp_path: Path) -> None:
    out = tmp_path / "new" / "run"
    done = command(
        *("train", "--preset", "ring", "--set", "steps=30", "--set", "width=8"),
        *("--set", "dataset_options.modes=12", "--out", str(out)),
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    config = assert_three_files(out, rows=30)
    ring = PRESETS["ring"].config
    assert config == ring.replace(steps=30, width=8, dataset_options={"modes": 12})
    with (out / "history.csv").open(encoding="utf8", newline="") as file:
        numbers = [[float(text) for text in line] for line in list(csv.reader(file))[1:]]
    report = (out / "report.html").read_text(encoding="utf8")
    assert "gaps and quality are of the averaged G (EMA); V, its terms" in report
    assert "<h2>Quality of samples of the averaged G (EMA)</h2>" in report
    # A finished run is measured: sixteen and more metrics, each beside its floor, with a mark.
    assert report.count("</td><td>") == 3 * len(reference_for(DATASETS["ring"].fn(), 1000).metrics)
    # bit for bit the run itself: Python writes and reads the shortest decimals that are exact
    assert np.array_equal(numbers, ganviz.train(config).history.to_pandas().to_numpy())


@pytest.mark.parametrize(
    ("loss", "levels"),
    [
        ("wasserstein", ("(0 at equilibrium)", "(no level at equilibrium)")),
        ("hinge", ("(2 at equilibrium)", "(no level at equilibrium)")),
        ("relativistic", ("(0.6931 at equilibrium)", "(0.6931 at equilibrium)")),
    ],
)
def test_the_losses_at_the_end_are_said_and_what_they_mean(
    loss: str, levels: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*TINY, "--set", f"loss={loss}", "--out", str(tmp_path)]) == 0
    first, second, _ = capsys.readouterr().out.splitlines()
    frame, entry = pd.read_csv(tmp_path / "history.csv"), LOSSES[loss]
    means = [f"{frame[column].mean():.4g}".replace("-", "−") for column in ("d_loss", "g_loss")]
    said = ", ".join(
        f"{name} = {mean} {level}"
        for name, mean, level in zip(("L_D", "L_G"), means, levels, strict=True)
    )
    when = "means of iterations 1 to 5, penalties apart"
    assert first == f"{entry.label}: {said}, {when}"
    assert second == entry.facts["reading"]
    report = (tmp_path / "report.html").read_text(encoding="utf8")
    assert html.escape(first) in report
    assert html.escape(second) in report


def test_a_frozen_player_has_no_loss_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*TINY, "--set", "d_steps=0", "--out", str(tmp_path)]) == 0
    assert "L_D = none (0.6931 at equilibrium)" in capsys.readouterr().out


def test_a_measurement_that_is_interrupted_leaves_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ganviz.cli.train.measured", interrupted)
    assert main([*TINY, "--out", str(tmp_path)]) == 130
    assert_three_files(tmp_path, rows=int(TINY[2].partition("=")[2]))
    assert "interrupted; writing what there is" in capsys.readouterr().err


def test_the_same_directory_may_be_used_again(tmp_path: Path) -> None:
    for steps in (5, 3):
        assert main([*TINY[:1], "--set", f"steps={steps}", *TINY[3:], "--out", str(tmp_path)]) == 0
        assert assert_three_files(tmp_path, rows=steps).steps == steps


def test_an_error_is_one_sentence_in_a_real_process(tmp_path: Path) -> None:
    done = command("train", "--preset", "rign", "--out", str(tmp_path / "run"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ganviz train: no preset is called 'rign'; did you mean 'ring'?")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--preset", "sprial"], "no preset is called 'sprial'; did you mean 'spiral'?"),
        (["--set", "widht=8"], "widht is no known setting; did you mean 'width'?"),
        (["--set", "dataset_options.mode=8"], "dataset_options.mode is no known setting; "),
        (["--set", "losss_options.x=1"], "losss_options is no known setting; did you mean "),
        (["--set", "width=wide"], "width must be a whole number, got 'wide'"),
        (["--set", "width=0"], "width must be at least 1, got 0"),
        (["--set", "lr_d=nan"], "lr_d must be finite, got nan"),
        (["--set", "loss=minmax"], "loss is unknown: no loss is called 'minmax'; did you mean "),
        (["--set", "latent=gauss"], "latent is 'gauss', which is not a choice; "),
        (["--set", "width"], "width must have the form KEY=VALUE"),
        (["--set", "width=8", "--set", "width=9"], "width is given twice"),
        (["--set", "network=conv"], "network cannot serve ring: conv is for images"),
        (["--set", "d_steps=0", "--set", "g_steps=0"], "d_steps and g_steps are both 0"),
    ],
)
def test_wrong_usage_is_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["train", *arguments, "--out", str(tmp_path / "run")])
    assert caught.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"ganviz train: {sentence}")
    assert shown.err.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_why_an_iteration_is_not_compiled_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = ["--set", "compile=true", "--set", "penalty=dragan"]
    assert main([*TINY, *settings, "--out", str(tmp_path)]) == 0
    error = capsys.readouterr().err
    assert (
        error.count(
            "ganviz train: Not compiled, because of a penalty that draws noise, the probe.\n"
        )
        == 1
    )


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_in_the_place_of_the_directory(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("kept", encoding="utf8")
    with pytest.raises(SystemExit) as caught:
        main([*TINY, "--out", str(tmp_path / place)])
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith(f"ganviz train: --out {tmp_path / place}: ")
    assert error.count("\n") == 1
    assert (tmp_path / "file").read_text(encoding="utf8") == "kept"


@pytest.mark.parametrize("setting", ["device=cuda", "dataset=custom"])
def test_what_is_not_here(
    setting: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SystemExit, match="2"):
        main([*TINY, "--set", setting, "--out", str(tmp_path / "new")])
    assert not (tmp_path / "new").exists()
    error = capsys.readouterr().err
    assert error.startswith(f"ganviz train: {setting.split('=')[0]} is '{setting.split('=')[1]}'")
    assert error.count("\n") == 1


def test_without_a_command_or_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, missing in (([], "command"), (["show"], "id")):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
        assert f"the following arguments are required: {missing}" in capsys.readouterr().err


def break_trainer(monkeypatch: pytest.MonkeyPatch, discriminator: nn.Module) -> None:
    def build(config: RunConfig, **parts: Any) -> Trainer:
        return Trainer(config, discriminator=discriminator, **parts)

    monkeypatch.setattr("ganviz.cli.train.Trainer", build)


def test_a_diverged_run_is_written_and_gives_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # the discriminator is asked twice in an iteration, so its 7th answer is the first of the 4th
    break_trainer(monkeypatch, BadFrom(2, 1, 7, math.nan))
    assert main([*TINY, *PLAIN, "--out", str(tmp_path)]) == 1
    assert_three_files(tmp_path, rows=4)
    error = capsys.readouterr().err
    assert "ganviz train: diverged at iteration 4: D's logits on data is not finite\n" in error
    assert "Traceback" not in error
    frame = pd.read_csv(tmp_path / "history.csv")
    assert np.isfinite(frame["value"]).tolist() == [True, True, True, False]
    assert json.loads((tmp_path / "config.json").read_text(encoding="utf8"))["dataset"] == "custom"


def test_an_interrupted_run_is_written_and_gives_130(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupting(BadFrom):
        def forward(self, x: Any) -> Any:
            if self.training and self.calls == 6:
                raise KeyboardInterrupt
            return super().forward(x)

    break_trainer(monkeypatch, Interrupting(2, 1, 99, 1.0))
    assert main([*TINY, *PLAIN, "--out", str(tmp_path)]) == 130
    assert_three_files(tmp_path, rows=3)
    assert "interrupted; writing what there is" in capsys.readouterr().err
