"""The command line: `python -m ganviz train --preset ring --set steps=2000 --out runs/ring`.

`python -m ganviz verify` measures what the theory states.
"""

import argparse
import html
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from plotly.offline import get_plotlyjs

from ganviz.charts import CHARTS
from ganviz.config import ConfigError, RunConfig
from ganviz.instruments import measured
from ganviz.presets import PRESETS
from ganviz.quality import METRICS
from ganviz.registry import UnknownName
from ganviz.say import Message, joined
from ganviz.snapshot import WHOSE, Snapshot
from ganviz.trainer import Diverged, Trainer, one_thread
from ganviz.verify import run_checks, selected

LAST = 100
"""Recorded iterations that the losses at the end are means of, at most."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code.

    0: done; 1: the run diverged, or a claim of the theory failed; 2: wrong usage; 130: interrupted.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    code: int = given.run(parser, given)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ganviz", description="The GAN loss, without a browser.")
    commands = parser.add_subparsers(required=True, metavar="command")
    train = commands.add_parser(
        "train", help="train one run and write history.csv, config.json and report.html"
    )
    train.add_argument("--preset", default="ring", help=f"one of {', '.join(PRESETS)}")
    train.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a setting, such as lr_d=0.002 or dataset_options.modes=12; may be repeated",
    )
    train.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    train.set_defaults(run=_run_train)
    verify = commands.add_parser(
        "verify", help="measure what the theory states and print expected, measured and verdict"
    )
    verify.add_argument(
        "--full", action="store_true", help="the slow checks too: minutes more, on one core"
    )
    verify.set_defaults(run=_run_verify)
    return parser


def _run_verify(parser: argparse.ArgumentParser, given: argparse.Namespace) -> int:
    try:
        return 0 if run_checks(selected(full=given.full)) else 1
    except KeyboardInterrupt:
        print("\nganviz verify: interrupted", file=sys.stderr)
        return 130


def _run_train(parser: argparse.ArgumentParser, given: argparse.Namespace) -> int:
    try:
        config = _config(given.preset, given.set)
    except (UnknownName, ConfigError) as error:
        parser.exit(2, f"ganviz train: {error}\n")
    try:
        trainer = Trainer(config)
        given.out.mkdir(parents=True, exist_ok=True)
    except ConfigError as error:
        parser.exit(2, f"ganviz train: {error}\n")
    except OSError as error:
        parser.exit(2, f"ganviz train: --out {given.out}: {error.strerror}\n")
    for note in trainer.target.notes:
        print(f"ganviz train: {note}", file=sys.stderr)
    return _train(trainer, given.out)


def _config(preset: str, assignments: Sequence[str]) -> RunConfig:
    pairs = []
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise ConfigError(assignment, "must have the form KEY=VALUE")
        pairs.append((key, value))
    return RunConfig.from_settings(pairs, base=PRESETS[preset].config)


def _train(trainer: Trainer, out: Path) -> int:
    from tqdm import tqdm

    steps = trainer.config.steps
    code = 0
    with one_thread(), tqdm(total=steps, unit="it", mininterval=0.5) as bar:
        try:
            for _ in range(steps):
                trainer.step()
                bar.update()
        except Diverged as error:
            print(f"\nganviz train: diverged at {error}", file=sys.stderr)
            code = 1
        except KeyboardInterrupt:
            print("\nganviz train: interrupted; writing what there is", file=sys.stderr)
            code = 130
        if trainer.notice:
            print(f"ganviz train: {trainer.notice}", file=sys.stderr)
        snapshot = trainer.snapshot()
        if code == 0:
            print("ganviz train: measuring", file=sys.stderr)
            snapshot, code = _measured(trainer, snapshot)
        _write(trainer, snapshot, out)
    return code


def _measured(trainer: Trainer, snapshot: Snapshot) -> tuple[Snapshot, int]:
    """The snapshot with everything measured, as far as there is time, and the exit code."""
    try:
        panel = measured(trainer.lens(), trainer.iteration)
    except KeyboardInterrupt:
        print("\nganviz train: interrupted; writing what there is", file=sys.stderr)
        return snapshot, 130
    if panel.notice:
        print(f"ganviz train: {panel.notice}", file=sys.stderr)
    return replace(snapshot, readings=panel.readings(now=True)), 0


def _write(trainer: Trainer, snapshot: Snapshot, out: Path) -> None:
    trainer.history.to_pandas().to_csv(out / "history.csv", index=False)
    (out / "config.json").write_text(trainer.config.to_json() + "\n", encoding="utf8")
    (out / "report.html").write_text(_report(snapshot, trainer.target.notes), encoding="utf8")
    for line in _losses(snapshot):
        print(line)
    print(f"wrote history.csv, config.json and report.html to {out}")


def _losses(snapshot: Snapshot) -> tuple[str, str]:
    """L_D and L_G at the end beside their equilibrium, and what the numbers of this loss say."""
    facts, steps = snapshot.facts, snapshot.history["step"][-LAST:]
    conditions = map(Message.from_json, facts["conditions"])
    reading = str(joined([Message(facts["reading"]), *conditions]))
    if not len(steps):
        return f"{facts['loss']}: no iteration was made", reading
    columns = {"L_D": ("d_loss", "equilibrium"), "L_G": ("g_loss", "equilibrium_g")}
    parts = []
    for name, (column, fact) in columns.items():
        losses = snapshot.history[column][-LAST:]
        finite = losses[np.isfinite(losses)]
        mean = _number(finite.mean()) if len(finite) else "none"
        level = "no level" if facts[fact] is None else _number(facts[fact])
        parts.append(f"{name} = {mean} ({level} at equilibrium)")
    when = f"means of iterations {steps[0]:,.0f} to {steps[-1]:,.0f}, penalties apart"
    return f"{facts['loss']}: {', '.join(parts)}, {when}", reading


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _report(snapshot: Snapshot, notes: Sequence[str]) -> str:
    """One page with every chart and how to read it; it needs no connection.

    Args:
        snapshot: the run's last moment.
        notes: what was done to the data.
    """
    config = snapshot.config
    sections = "".join(
        f"<section><h2>{html.escape(entry.label)}</h2>"
        f"<p>{html.escape(entry.summary)}</p>"
        f"{entry.fn({'run': snapshot}).to_html(full_html=False, include_plotlyjs=False)}</section>"
        for entry in CHARTS.values()
    )
    said = "".join(f"<p>{html.escape(line)}</p>" for line in _losses(snapshot))
    sections += f"<section><h2>L_D and L_G at the end</h2>{said}</section>{_quality(snapshot)}"
    whose = (
        f"Samples, histograms, gaps and quality are of {snapshot.shown_g}; V, its terms, "
        f"accuracies, gradients, zig-zag and saturation of {WHOSE['playing']}."
    )
    data = "".join(f"<li>{html.escape(note)}</li>" for note in notes)
    if data:
        sections = f"<section><h2>Data</h2><ul>{data}</ul></section>{sections}"
    title = f"ganviz: {config['loss']} on {config['dataset']}, {snapshot.step:,} iterations"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        "<style>body{font:15px/1.5 sans-serif;max-width:1000px;margin:2em auto;padding:0 1em}"
        "section{margin-bottom:2em}td,th{padding:0 1em 0 0;text-align:left}</style>"
        f"<script>{get_plotlyjs()}</script><h1>{html.escape(title)}</h1><p>{whose}</p>{sections}"
        f"<h2>Settings</h2><pre>{html.escape(snapshot.config_json)}</pre></html>\n"
    )


def _quality(snapshot: Snapshot) -> str:
    """Every metric beside its floor, as a table."""
    rows = "".join(
        f"<tr><td>{html.escape(METRICS[name].label)}</td><td>{value:.4g}</td>"
        f"<td>{low:.4g} to {high:.4g}</td></tr>"
        for name, (value, low, high) in snapshot.quality.items()
    )
    head = "<tr><th>metric</th><th>value</th><th>real data read</th></tr>"
    title = f"Quality of samples of {snapshot.shown_g}"
    return f"<section><h2>{title}</h2><table>{head}{rows}</table></section>" if rows else ""
