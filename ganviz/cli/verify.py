"""`python -m ganviz verify`."""

import argparse

from ganviz.cli.telling import tell
from ganviz.say import _, say
from ganviz.verify import run_checks, selected


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    verify = commands.add_parser(
        "verify",
        help=say(_("measure what the theory states and print expected, measured and verdict")),
    )
    verify.add_argument(
        "--full",
        action="store_true",
        help=say(_("the slow checks too: minutes more, on one core")),
    )
    verify.set_defaults(run=_run)


def _run(parser: argparse.ArgumentParser, given: argparse.Namespace) -> int:
    try:
        return 0 if run_checks(selected(full=given.full)) else 1
    except KeyboardInterrupt:
        tell("\nganviz verify", _("interrupted"))
        return 130
