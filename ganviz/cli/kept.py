"""Kept runs: `python -m ganviz runs`, `show`, `resume`, `export`, `import`, `delete`."""

import argparse
import time
from pathlib import Path
from typing import Any

from ganviz.cli.telling import facts, opened, print_json, refuse, tell
from ganviz.cli.train import add_settings, add_what_is_made, assigned, follow, make_folder
from ganviz.config import ConfigError, RunConfig
from ganviz.formats import FORMATS, export
from ganviz.resuming import last_step, resume
from ganviz.say import Text, _, listed, said_by, say
from ganviz.session.kept import branch_birth, cannot_continue, judge
from ganviz.stopwatch import Stopwatch
from ganviz.store import Keeper, KeptRun, Store, StoreError

RESUME = "ganviz resume"


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands."""
    runs = commands.add_parser("runs", help=say(_("list the runs that are kept, newest first")))
    _add_json(runs)
    runs.set_defaults(run=_runs)
    show = commands.add_parser("show", help=say(_("show one run")))
    show.add_argument("id", help=say(_("of the run, or how it begins")))
    _add_json(show)
    show.set_defaults(run=_show)
    again = commands.add_parser(
        "resume", help=say(_("go on with a run; with --set as a new one that branches off"))
    )
    again.add_argument("id", help=say(_("of the run, or how it begins")))
    again.add_argument(
        "--step", type=int, metavar="N", help=say(_("branch after iteration N; else at the last"))
    )
    add_settings(again)
    add_what_is_made(again)
    again.set_defaults(run=_resume)
    out = commands.add_parser("export", help=say(_("write a run to a file")))
    out.add_argument("id", help=say(_("of the run, or how it begins")))
    out.add_argument("--format", choices=list(FORMATS), required=True)
    out.add_argument("--out", type=Path, required=True, metavar="PATH")
    out.set_defaults(run=_export)
    take = commands.add_parser("import", help=say(_("keep the run of a run file")))
    take.add_argument("path", type=Path)
    take.set_defaults(run=_import)
    delete = commands.add_parser(
        "delete", help=say(_("delete runs; within a minute they come back"))
    )
    delete.add_argument("ids", nargs="+", metavar="ID")
    delete.add_argument("--undo", action="store_true", help=say(_("have deleted runs back")))
    delete.set_defaults(run=_delete)


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help=say(_("as JSON")))


def found(store: Store, begin: str) -> KeptRun:
    """The run whose id begins so.

    Raises:
        StoreError: if there is none, or more than one.
    """
    if begin in store:
        return store.run(begin)
    alike = [run for run in store.runs() if begin and run.id.startswith(begin)]
    if len(alike) > 1:
        ids = listed(run.id for run in alike[:5])
        raise StoreError(_("{begin} is the beginning of several runs: {ids}", begin=begin, ids=ids))
    if not alike:
        raise StoreError(_("no kept run has the id {begin}; see: ganviz runs", begin=begin))
    return alike[0]


def _runs(parser: argparse.ArgumentParser, given: argparse.Namespace) -> int:
    with opened(parser, "ganviz runs") as store:
        kept = store.runs()
        if given.json:
            print_json([facts(run) for run in kept])
            return 0
        if not kept:
            print(say(_("No run is kept in {path} yet.", path=store.path)))
        for run in kept:
            print(say(_line(run)))
    return 0


def _line(run: KeptRun) -> Text:
    """A run in a line."""
    return _(
        "{id}  {when}  {status:<11}  {step:>9,} of {steps:>9,}  {dataset}, {loss}  {label}",
        id=run.id,
        when=time.strftime("%Y-%m-%d %H:%M", time.localtime(run.created)),
        status=run.status,
        step=run.step,
        steps=run.steps,
        dataset=facts(run)["config"]["dataset"],
        loss=facts(run)["config"]["loss"],
        label="" if run.label == run.id else run.label,
    )


def _show(parser: argparse.ArgumentParser, given: argparse.Namespace) -> int:
    with opened(parser, "ganviz show") as store:
        run = found(store, given.id)
        told = facts(run) | {
            "events": [event._asdict() for event in run.events],
            "moments": list(run.moments),
            "keyframes": list(run.keyframes),
            "verdict": None if run.verdict is None else say(run.verdict),
            "error": None if run.error is None else say(run.error),
            "bytes": store.size(run.id),
            "summary": run.summary,
        }
        if given.json:
            print_json(told)
            return 0
        print(say(_line(run)))
        if run.verdict is not None:
            print(say(run.verdict).replace("**", ""))
        if run.error is not None:
            print(say(run.error))
        for name in ("parent", "tags", "notes", "keyframes", "bytes"):
            if told[name]:
                print(f"{name}: {told[name]}")
        query = RunConfig.from_json(run.config_json).to_query()
        for pair in query.split("&"):
            print(f"  {pair}")
    return 0


def _resume(parser: argparse.ArgumentParser, given: argparse.Namespace) -> int:
    make_folder(parser, RESUME, given.out)
    with opened(parser, RESUME) as store:
        run = found(store, given.id)
        try:
            changes = _changes(run, given)
            if changes or given.step is not None:
                step = last_step(run) if given.step is None else given.step
                trainer = resume(run, step, **changes)
                keeper = store.keep(branch_birth(run, step, changes), judge)
            else:
                keeper, run = _taken(store, run)
                trainer = resume(run)
        except (ConfigError, ValueError) as error:
            refuse(parser, RESUME, error)
        clock = run.latest.clock if run.latest else None
        to_come = [event for event in run.plan if event.step >= trainer.iteration]
        watch = Stopwatch(past=clock)
        return follow(RESUME, trainer, [keeper], given, stopwatch=watch, events=to_come)


def _taken(store: Store, run: KeptRun) -> tuple[Keeper, KeptRun]:
    """A keeper for a run that goes on as it is, and the run as it is now."""
    if why := cannot_continue(run):
        raise StoreError(why)
    keeper = store.take_over(run.id, judge)
    return keeper, store.run(run.id)


def _changes(run: KeptRun, given: argparse.Namespace) -> dict[str, Any]:
    """The settings that `--set` changes, by name."""
    config = RunConfig.from_json(run.config_json)
    pairs = assigned(given.set)
    wanted = RunConfig.from_settings(pairs, base=config)
    names = {name.partition(".")[0] for name, _text in pairs}
    return {name: _plain(wanted, name) for name in names}


def _plain(config: RunConfig, name: str) -> object:
    value = getattr(config, name)
    return dict(value) if name.endswith("_options") else value


def _export(parser: argparse.ArgumentParser, given: argparse.Namespace) -> int:
    with opened(parser, "ganviz export") as store:
        run = found(store, given.id)
        try:
            export(run, given.out, given.format)
        except OSError as error:
            refuse(
                parser,
                "ganviz export",
                _("--out {out}: {why}", out=given.out, why=error.strerror or said_by(error)),
            )
        print(say(_("wrote {out}", out=given.out)))
    return 0


def _import(parser: argparse.ArgumentParser, given: argparse.Namespace) -> int:
    with opened(parser, "ganviz import") as store:
        run = store.import_file(given.path)
        print(run.id)
    return 0


def _delete(parser: argparse.ArgumentParser, given: argparse.Namespace) -> int:
    with opened(parser, "ganviz delete") as store:
        if given.undo:
            store.restore(given.ids)
            return 0
        ids = [found(store, begin).id for begin in given.ids]
        store.delete(ids)
        again = " ".join(ids)
        tell("ganviz delete", _("within a minute, to undo: ganviz delete --undo {ids}", ids=again))
    return 0
