"""`python -m ganviz train`, and what it has in common with `resume`."""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from ganviz.cli.telling import opened, refuse, tell
from ganviz.config import ConfigError, RunConfig
from ganviz.instruments import Panel, measured
from ganviz.presets import PRESETS
from ganviz.registry import UnknownName
from ganviz.report import report
from ganviz.say import _, listed, said_by, say
from ganviz.session import SHARE
from ganviz.snapshot import Event, Snapshot, Status
from ganviz.stopwatch import Stopwatch
from ganviz.store import Keeper
from ganviz.trainer import Trainer, one_thread
from ganviz.words import at_the_end
from ganviz.work import kept, run_to_end

TRAIN = "ganviz train"

INTERRUPTED = _("interrupted; writing what there is")

MOST_SHARE = 0.9

CODES: Mapping[Status, int] = {"finished": 0, "diverged": 1, "stopped": 130}
"""What the command exits with."""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    train = commands.add_parser("train", help=say(_("train one run, which is kept")))
    presets = say(_("one of {names}", names=listed(PRESETS)))
    train.add_argument("--preset", default="ring", help=presets)
    add_settings(train)
    add_what_is_made(train)
    train.add_argument(
        "--no-store", action="store_true", help=say(_("do not keep the run among the others"))
    )
    train.set_defaults(run=_run)


def add_settings(command: argparse.ArgumentParser) -> None:
    """The option that changes settings."""
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help=say(
            _("change a setting, such as lr_d=0.002 or dataset_options.modes=12; may be repeated")
        ),
    )


def add_what_is_made(command: argparse.ArgumentParser) -> None:
    """The options of what is written and measured."""
    command.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=say(_("where to write history.csv, config.json and report.html")),
    )
    command.add_argument(
        "--share",
        type=_share,
        default=SHARE,
        metavar="PART",
        help=say(_("the part of the time that instruments take on the way, from 0 (none) to 0.9")),
    )


def assigned(assignments: Sequence[str]) -> list[tuple[str, str]]:
    """The pairs of `--set`.

    Raises:
        ConfigError: if one is no pair.
    """
    pairs = []
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise ConfigError(assignment, _("must have the form KEY=VALUE"))
        pairs.append((key, value))
    return pairs


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= MOST_SHARE:
        raise argparse.ArgumentTypeError(
            say(_("must be a number from 0 to 0.9, got {text!r}", text=text))
        )
    return share


def _run(parser: argparse.ArgumentParser, given: argparse.Namespace) -> int:
    try:
        config = RunConfig.from_settings(assigned(given.set), base=PRESETS[given.preset].config)
        trainer = Trainer(config)
    except (UnknownName, ConfigError) as error:
        refuse(parser, TRAIN, error)
    make_folder(parser, TRAIN, given.out)
    with ExitStack() as stack:
        keepers: list[Keeper] = []
        if not given.no_store:
            store = stack.enter_context(opened(parser, TRAIN))
            keepers = [kept(store, trainer)]
        return follow(TRAIN, trainer, keepers, given)


def make_folder(parser: argparse.ArgumentParser, who: str, out: Path | None) -> None:
    """Make the folder to write to, if there is one to be."""
    if out is None:
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        refuse(parser, who, _("--out {out}: {why}", out=out, why=error.strerror))


def follow(
    who: str,
    trainer: Trainer,
    keepers: Sequence[Keeper],
    given: argparse.Namespace,
    *,
    stopwatch: Stopwatch | None = None,
    events: Iterable[Event] = (),
) -> int:
    """Train to the end, measure, write; gives the exit code.

    Args:
        who: the command.
        trainer: as it is.
        keepers: of the run, if it is kept.
        given: `share` and `out`.
        stopwatch: of a run that has trained before.
        events: edits that are still to come.
    """
    for note in trainer.target.notes:
        tell(who, note)
    for keeper in keepers:
        tell(who, _("run {run}", run=keeper.run))
    panel = Panel(trainer.lens(), given.share) if given.share else None
    watch = stopwatch or Stopwatch()
    end = run_to_end(
        trainer, events=events, sinks=keepers, progress=True, panel=panel, stopwatch=watch
    )
    if end.status == "diverged" and end.error is not None:
        tell(who, _("diverged at {error}", error=said_by(end.error)))
    elif end.status == "stopped":
        tell(who, INTERRUPTED if given.out else _("interrupted"))
    elif end.error is not None:
        raise end.error
    for lost in (*end.lost, *(keeper.lost for keeper in keepers if keeper.lost)):
        tell(who, lost)
    if trainer.notice:
        tell(who, trainer.notice)
    code, clock = CODES[end.status], watch.marks(trainer.iteration)
    with one_thread():
        snapshot = replace(trainer.snapshot(), status=end.status, clock=clock)
        if panel is not None:
            snapshot = replace(snapshot, readings=panel.readings(now=True))
        if code == 0:
            tell(who, _("measuring"))
            snapshot, code = _measured(who, trainer, snapshot, panel)
    for keeper in keepers:
        keeper.snapshot(snapshot)
    _write(trainer, snapshot, given.out)
    return code


def _measured(
    who: str, trainer: Trainer, snapshot: Snapshot, panel: Panel | None
) -> tuple[Snapshot, int]:
    """The snapshot with everything measured, as far as there is time, and the exit code."""
    try:
        panel = measured(trainer.lens(), trainer.iteration, panel)
    except KeyboardInterrupt:
        print(file=sys.stderr)
        tell(who, INTERRUPTED)
        return snapshot, 130
    if panel.notice:
        tell(who, panel.notice)
    return replace(snapshot, readings=panel.readings(now=True)), 0


def _write(trainer: Trainer, snapshot: Snapshot, out: Path | None) -> None:
    if out is not None:
        trainer.history.to_pandas().to_csv(out / "history.csv", index=False)
        (out / "config.json").write_text(trainer.config.to_json() + "\n", encoding="utf8")
        page = report(snapshot, trainer.target.notes)
        (out / "report.html").write_text(page, encoding="utf8")
    for line in at_the_end(snapshot):
        print(say(line))
    if out is not None:
        print(say(_("wrote history.csv, config.json and report.html to {out}", out=out)))
