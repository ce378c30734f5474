"""What is said in tests of data, and of networks of a caller's own, is watched."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from ganviz.say import Message
from tests.pseudo import pseudo, unwrapped

QUOTED = (".csv", ".zip")
"""Files of whose content a part is quoted, or the names in them."""

ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252")


@pytest.fixture
def wrapped(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Every message that is made in the test holds no English but its template: what stands in its
    values is in the test's files or parameters, or in `NAMES` of its module, if there are any.

    What a library gives as a reason, in `why`, is in the library's own words.
    """
    made: dict[str, set[str]] = {}
    given = _words(repr(getattr(request.node, "callspec", None) and request.node.callspec.params))
    given |= _words(f"{getattr(request.module, 'NAMES', ())} {tmp_path}")
    initialise = Message.__init__

    def recorded(self: Message, *args: Any, **kwargs: Any) -> None:
        initialise(self, *args, **kwargs)
        with monkeypatch.context() as within:
            within.setattr(Message, "__init__", initialise)
            with pseudo():
                said = str(_ours(self))
        odd = set(unwrapped(said)) - given
        if odd and (odd := odd - _in_files(tmp_path)):
            made.setdefault(self.template, set()).update(odd)

    monkeypatch.setattr(Message, "__init__", recorded)
    yield
    monkeypatch.undo()
    assert made == {}


def _ours(value: Any) -> Any:
    """Without what others say."""
    if not isinstance(value, Message):
        return value
    values = {
        name: "" if name == "why" and isinstance(part, str) else _ours(part)
        for name, part in value.values.items()
    }
    return Message(value.template, values, value.many)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", text))


def _in_files(folder: Path) -> set[str]:
    found: set[str] = set()
    for path in folder.rglob("*"):
        found |= _words(str(path))
        if path.suffix in QUOTED and path.is_file():
            stat = path.stat()
            found |= _inside(path, stat.st_mtime_ns, stat.st_size)
    return found


@lru_cache(4)
def _inside(path: Path, modified: int, size: int) -> set[str]:
    content = path.read_bytes()
    readings = (content.decode(encoding, "replace") for encoding in ENCODINGS)
    return {word for text in readings for word in (*_words(text), *_words(repr(text)))}
