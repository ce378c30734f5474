"""How the command line speaks: results on standard output, everything else on standard error."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from ganviz.say import Text, said_by, say
from ganviz.store import KeptRun, Store, StoreError


def tell(who: str, what: Text) -> None:
    """A line on standard error, after the name of the command."""
    print(f"{who}: {say(what)}", file=sys.stderr)


def refuse(parser: argparse.ArgumentParser, who: str, what: Text | BaseException) -> NoReturn:
    """End with one sentence and the code for wrong usage."""
    text = said_by(what) if isinstance(what, BaseException) else what
    parser.exit(2, f"{who}: {say(text)}\n")


@contextmanager
def opened(parser: argparse.ArgumentParser, who: str) -> Iterator[Store]:
    """The store, closed afterwards; a sentence where it cannot be opened or used."""
    try:
        store = Store()
    except StoreError as error:
        refuse(parser, who, error)
    try:
        if store.notice:
            tell(who, store.notice)
        yield store
    except StoreError as error:
        refuse(parser, who, error)
    finally:
        store.close()


def facts(run: KeptRun) -> dict[str, Any]:
    """What is listed of a run, as JSON."""
    return {
        "id": run.id,
        "label": run.label,
        "status": run.status,
        "step": run.step,
        "steps": run.steps,
        "config": json.loads(run.config_json),
        "parent": run.parent,
        "created": run.created,
        "tags": list(run.tags),
        "notes": run.notes,
        "seconds": run.seconds,
        "versions": run.versions,
    }


def print_json(value: Sequence[Any] | Mapping[str, Any]) -> None:
    """A value as JSON that others can read: numbers that are not finite are null."""
    print(json.dumps(_finite(value), indent=1))


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    return value
