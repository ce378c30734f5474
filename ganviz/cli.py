"""The command line: `python -m ganviz train --preset ring --set steps=2000 --out runs/ring`.

`python -m ganviz verify` measures what the theory states.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ganviz.config import ConfigError, RunConfig
from ganviz.instruments import measured
from ganviz.presets import PRESETS
from ganviz.registry import UnknownName
from ganviz.report import report
from ganviz.say import Text, _, listed, said_by, say
from ganviz.snapshot import Snapshot
from ganviz.trainer import Trainer, one_thread
from ganviz.verify import run_checks, selected
from ganviz.words import at_the_end
from ganviz.work import run_to_end

TRAIN = "ganviz train"

INTERRUPTED = _("interrupted; writing what there is")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code.

    0: done; 1: the run diverged, or a claim of the theory failed; 2: wrong usage; 130: interrupted.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    code: int = given.run(parser, given)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ganviz", description=say(_("The GAN loss, without a browser."))
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    train = commands.add_parser(
        "train", help=say(_("train one run and write history.csv, config.json and report.html"))
    )
    presets = say(_("one of {names}", names=listed(PRESETS)))
    train.add_argument("--preset", default="ring", help=presets)
    train.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help=say(
            _("change a setting, such as lr_d=0.002 or dataset_options.modes=12; may be repeated")
        ),
    )
    train.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help=say(_("where to write"))
    )
    train.set_defaults(run=_run_train)
    verify = commands.add_parser(
        "verify",
        help=say(_("measure what the theory states and print expected, measured and verdict")),
    )
    verify.add_argument(
        "--full",
        action="store_true",
        help=say(_("the slow checks too: minutes more, on one core")),
    )
    verify.set_defaults(run=_run_verify)
    return parser


def _run_verify(parser: argparse.ArgumentParser, given: argparse.Namespace) -> int:
    try:
        return 0 if run_checks(selected(full=given.full)) else 1
    except KeyboardInterrupt:
        _tell("\nganviz verify", _("interrupted"))
        return 130


def _run_train(parser: argparse.ArgumentParser, given: argparse.Namespace) -> int:
    try:
        config = _config(given.preset, given.set)
    except (UnknownName, ConfigError) as error:
        parser.exit(2, f"{TRAIN}: {error}\n")
    try:
        trainer = Trainer(config)
        given.out.mkdir(parents=True, exist_ok=True)
    except ConfigError as error:
        parser.exit(2, f"{TRAIN}: {error}\n")
    except OSError as error:
        parser.exit(2, f"{TRAIN}: --out {given.out}: {error.strerror}\n")
    for note in trainer.target.notes:
        _tell(TRAIN, note)
    return _train(trainer, given.out)


def _config(preset: str, assignments: Sequence[str]) -> RunConfig:
    pairs = []
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise ConfigError(assignment, _("must have the form KEY=VALUE"))
        pairs.append((key, value))
    return RunConfig.from_settings(pairs, base=PRESETS[preset].config)


def _train(trainer: Trainer, out: Path) -> int:
    end = run_to_end(trainer, progress=True)
    if end.status == "diverged" and end.error is not None:
        _tell(TRAIN, _("diverged at {error}", error=said_by(end.error)))
    elif end.status == "stopped":
        _tell(TRAIN, INTERRUPTED)
    elif end.error is not None:
        raise end.error
    if trainer.notice:
        _tell(TRAIN, trainer.notice)
    code = {"finished": 0, "diverged": 1, "stopped": 130}[end.status]
    with one_thread():
        snapshot = trainer.snapshot()
        if code == 0:
            _tell(TRAIN, _("measuring"))
            snapshot, code = _measured(trainer, snapshot)
        _write(trainer, snapshot, out)
    return code


def _measured(trainer: Trainer, snapshot: Snapshot) -> tuple[Snapshot, int]:
    """The snapshot with everything measured, as far as there is time, and the exit code."""
    try:
        panel = measured(trainer.lens(), trainer.iteration)
    except KeyboardInterrupt:
        _tell(f"\n{TRAIN}", INTERRUPTED)
        return snapshot, 130
    if panel.notice:
        _tell(TRAIN, panel.notice)
    return replace(snapshot, readings=panel.readings(now=True)), 0


def _write(trainer: Trainer, snapshot: Snapshot, out: Path) -> None:
    trainer.history.to_pandas().to_csv(out / "history.csv", index=False)
    (out / "config.json").write_text(trainer.config.to_json() + "\n", encoding="utf8")
    page = report(snapshot, trainer.target.notes)
    (out / "report.html").write_text(page, encoding="utf8")
    for line in at_the_end(snapshot):
        print(say(line))
    print(say(_("wrote history.csv, config.json and report.html to {out}", out=out)))


def _tell(who: str, what: Text) -> None:
    print(f"{who}: {say(what)}", file=sys.stderr)
