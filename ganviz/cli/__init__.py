"""The command line: `python -m ganviz train --preset ring --set steps=2000`.

Runs are kept, and listed, shown, gone on with, exported, imported and deleted by their ids.
`python -m ganviz verify` measures what the theory states.
"""

import argparse
from collections.abc import Sequence

from ganviz.cli import kept, train, verify
from ganviz.say import _, say


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code.

    0: done; 1: the run diverged, or a claim of the theory failed; 2: wrong usage; 130: interrupted.
    """
    parser = argparse.ArgumentParser(
        prog="ganviz", description=say(_("The GAN loss, without a browser."))
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    train.add_to(commands)
    kept.add_to(commands)
    verify.add_to(commands)
    given = parser.parse_args(arguments)
    code: int = given.run(parser, given)
    return code
