"""How a CSV file is written: its encoding and separator, and where its header and data begin."""

import re
from dataclasses import dataclass
from pathlib import Path

from ganviz.datasets.base import DataError
from ganviz.datasets.csv_encoding import encoding_of
from ganviz.datasets.csv_header import find_header
from ganviz.datasets.csv_separator import ALONE, Line, rows_of, separator_of, usual_width
from ganviz.say import Message, _
from ganviz.store.data import shown

_HEAD_BYTES = 1 << 20
_HEAD_LINES, _LINES = 1000, 100

_OPENING, _CLOSING = re.compile(r'(?:^|[,;|\s])"'), re.compile(r'(?<!")(?:"")*"(?!")')
_SEPARATOR_LINE = re.compile(r'"?sep=(.|\\t)"?', re.IGNORECASE)


@dataclass(frozen=True)
class Format:
    """How to read the file; without a header the columns are called 1, 2, and so on.

    `unnamed` says that the first column has no name. `skip` lines come before the data, `comments`
    and `blanks` of them being such lines; where `hash_comments`, lines that begin with # are no
    rows further down either. The columns `numbers` hold numbers as far as the first lines show.
    """

    encoding: str
    separator: str
    names: tuple[str, ...]
    header: bool
    unnamed: bool
    skip: int
    numbers: tuple[int, ...]
    hash_comments: bool
    comments: int
    blanks: int
    notes: tuple[Message, ...]


def detect(path: Path) -> Format:
    """Find out how the file at `path` is written.

    Raises:
        DataError: if it is no text, or its lines cannot be told apart.
    """
    encoding, lines = _first_lines(path)
    notes = []
    if encoding == "cp1252":
        notes.append(_("{file} is not UTF-8, so it was read as Windows-1252.", file=shown(path)))
    table, comments, blanks, hash_comments = _sorted(lines)
    given = _SEPARATOR_LINE.fullmatch(table[0].text.strip()) if table else None
    begin = 0
    if given:
        begin = table.pop(0).number
        said = _(
            "Line {number}, {text!r}, names the separator and is no row.",
            number=begin,
            text=given[0],
        )
        notes.append(said)
    if not table:
        if given or comments:
            raise DataError(_("{file} has no rows", file=shown(path)))
        raise DataError(_("{file} has no lines of text", file=shown(path)))
    separator = given[1].replace(r"\t", "\t") if given else separator_of(table)
    rows = rows_of(table, separator)
    above = [line for line in comments if line.number < table[0].number]
    header = find_header(rows, usual_width(rows), blanks, rows_of(above[-1:], separator))
    if separator == ALONE and "," in table[-1].text:
        notes.append(_("Each line is read as one number: its comma is no separator."))
    skip = max(begin, header.skip)
    return Format(
        encoding=encoding,
        separator=separator,
        names=_distinct(header.names),
        header=header.given,
        unnamed=header.given and not header.names[0],
        skip=skip,
        numbers=header.numbers,
        hash_comments=hash_comments,
        comments=sum(line.number <= skip for line in comments),
        blanks=sum(number <= skip for number in blanks),
        notes=(*notes, *header.notes),
    )


def _first_lines(path: Path) -> tuple[str, list[Line]]:
    """The encoding, and the first lines, as far as the first million bytes hold them."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    cut = len(head) == _HEAD_BYTES
    encoding = encoding_of(shown(path), head, cut)
    text = head.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    texts = text.split("\n", _HEAD_LINES)
    if cut and len(texts) == 1:
        raise DataError(
            _(
                "{file} has no end of line in its first million bytes: is it a CSV?",
                file=shown(path),
            )
        )
    whole = texts[:-1] if cut or len(texts) > _HEAD_LINES else texts
    return encoding, [Line(k, text) for k, text in enumerate(whole, 1)]


def _sorted(lines: list[Line]) -> tuple[list[Line], list[Line], set[int], bool]:
    """Lines of the table, comments, the numbers of blank lines, and whether # begins a comment.

    Inside a quoted cell nothing is a comment or blank. Where most lines begin with #, all are rows.
    """
    table: list[Line] = []
    comments: list[Line] = []
    blanks: set[int] = set()
    quoted = False
    for line in lines:
        if not quoted and not line.text.strip():
            blanks.add(line.number)
        elif not quoted and line.text.lstrip().startswith("#"):
            comments.append(line)
        else:
            table.append(line)
            quoted = _is_open(line.text, quoted)
    hash_comments = not table or len(comments) <= len(table)
    if not hash_comments:
        table, comments = sorted([*table, *comments]), []
    return table[:_LINES], comments, blanks, hash_comments


def _is_open(text: str, quoted: bool) -> bool:
    """Whether a quoted cell goes on in the next line; a quote inside a word, as in 5", is none."""
    place = 0
    while True:
        if quoted:
            end = _CLOSING.search(text, place)
            if end is None:
                return True
            place, quoted = end.end(), False
        begin = _OPENING.search(text, place)
        if begin is None:
            return False
        place, quoted = begin.end(), True


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """Blank names become `column 3`, and the second `x` becomes `x (2)`."""
    distinct: list[str] = []
    for k, name in enumerate(names, 1):
        again = 1 + sum(name == other for other in names[: k - 1] if name)
        name = name or f"column {k}"
        distinct.append(name if again == 1 else f"{name} ({again})")
    return tuple(distinct)
