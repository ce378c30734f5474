"""Where a table begins: what stands above it, its header, and a row of units below that."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise, takewhile

from ganviz.datasets.csv_cells import Profile, profile
from ganviz.datasets.csv_separator import Row
from ganviz.say import Message, _, _n

ROW_NAMES = "row names"
"""What a first column is called that the header leaves out, as R does."""

_MOST_UNIT_ROWS, _LONGEST_UNIT = 3, 30


@dataclass(frozen=True)
class Header:
    """The names of the columns, `""` for those without one, and what was found on the way.

    `skip` lines come before the data; `numbers` are the columns of numbers.
    """

    names: tuple[str, ...]
    given: bool
    skip: int
    numbers: tuple[int, ...]
    notes: tuple[Message, ...]


def find_header(
    rows: Sequence[Row], width: int, blanks: Set[int], comment: Sequence[Row]
) -> Header:
    """Find the header among the first rows of a file.

    A header differs from what stands below it: it has a word where that has numbers or dates.

    Args:
        rows: of the file, without comments and blank lines.
        width: how many cells most of them have.
        blanks: the numbers of the blank lines.
        comment: the comment just above, read as a row, if there is one: it may hold the names.
    """
    body = [row for row in rows[-max(1, len(rows) // 2) :] if len(row) == width]
    while width > 1 and not any(row.cells[width - 1] for row in body):
        width -= 1  # lines that end in a separator
    profiles = [_column(k, body, rows) for k in range(width)]
    numbers = tuple(k for k, column in enumerate(profiles) if column.kind == "number")
    above = _above(rows, profiles)
    title, header, units = _parts(above, profiles, blanks, _names_rows(body))
    notes = _notes(title, units)
    skip = (units or [header] if header else title)[-1].last if above else 0
    if header:
        names = header.cells
        if len(names) == width - 1:
            names = (ROW_NAMES, *names)
            notes.append(
                _("The header is one name short: the first column is taken for row names.")
            )
        return Header(names, True, skip, numbers, tuple(notes))
    named = _from_comment(comment, width)
    if named:
        said = _(
            "The names of the columns come from the comment in line {number}.",
            number=comment[0].last,
        )
        notes.append(said)
        return Header(named, True, skip, numbers, tuple(notes))
    notes.append(_("The first line holds numbers, so it was read as data."))
    names = tuple(str(k) for k in range(1, width + 1))
    return Header(names, False, skip, numbers, tuple(notes))


def _column(place: int, body: Sequence[Row], rows: Sequence[Row]) -> Profile:
    """What a column is in the second half of the rows; in a short file all of them may tell."""
    found = profile(row.cells[place] for row in body)
    if found.kind == "text":
        return profile(row.cells[place] for row in rows if len(row) > place)
    return found


def _above(rows: Sequence[Row], profiles: Sequence[Profile]) -> list[Row]:
    """The rows before the first one that looks like those at the end."""
    typed = [k for k, column in enumerate(profiles) if column.kind in ("number", "date")]
    if not typed:
        return list(rows[:1])

    def alike(row: Row) -> bool:
        kinds = [profiles[k].kind_of(row.cells[k]) for k in typed if k < len(row)]
        wanted = [profiles[k].kind for k in typed if k < len(row)]
        fits = all(kind in (want, "missing") for kind, want in zip(kinds, wanted, strict=True))
        return 2 * len(row) > len(profiles) and fits and any(kind != "missing" for kind in kinds)

    first = next((k for k, row in enumerate(rows) if alike(row)), len(rows))
    if not first and len(rows) > 1 and _counts_on(rows, profiles):
        return [rows[0]]
    return list(rows[:first])


def _counts_on(rows: Sequence[Row], profiles: Sequence[Profile]) -> bool:
    """Whether the first row numbers the columns, or gives years, so that it is a header after all.

    Its numbers count up by one, those below do not, and the corner is empty, or the numbers below
    have decimals, or there are three years.
    """
    places = [k for k, column in enumerate(profiles) if column.kind == "number"]

    def counts(row: Row) -> list[int]:
        cells = [row.cells[k] for k in places if k < len(row) and row.cells[k]]
        if len(cells) < 2 or not all(cell.isdecimal() for cell in cells):
            return []
        found = [int(cell) for cell in cells]
        return found if all(b == a + 1 for a, b in pairwise(found)) else []

    first, below = counts(rows[0]), rows[1:]
    if not first or any(counts(row) for row in below):
        return False
    corner = not rows[0].cells[0] and all(row.cells[0] for row in below)
    decimals = all(
        not row.cells[k].isdecimal() for row in below for k in places[-len(first) :] if k < len(row)
    )
    years = len(first) > 2 and 1000 <= first[0] < 3000
    return corner or years or (decimals and first[0] in (0, 1))


def _parts(
    above: Sequence[Row], profiles: Sequence[Profile], blanks: Set[int], row_names: bool
) -> tuple[list[Row], Row | None, list[Row]]:
    """Lines that are no part of the table, the header, and the rows of units below it."""
    numbers = [k for k, column in enumerate(profiles) if column.kind == "number"]

    def is_words(row: Row) -> bool:
        kinds = {profiles[k].kind_of(row.cells[k]) for k in numbers if k < len(row)}
        return "text" in kinds and "number" not in kinds

    def is_units(row: Row) -> bool:
        return is_words(row) and all(len(cell) <= _LONGEST_UNIT for cell in row.cells)

    places = _header_places(above, len(profiles), blanks, row_names)
    if not places:
        return list(above), None, []
    for place in places:
        units = list(takewhile(is_units, above[place + 1 :]))
        all_units = place + 1 + len(units) == len(above) and len(units) <= _MOST_UNIT_ROWS
        if all_units and (place == places[0] or is_words(above[place])):
            return list(above[:place]), above[place], units
    return list(above[: places[0]]), above[places[0]], []


def _header_places(
    above: Sequence[Row], width: int, blanks: Set[int], row_names: bool
) -> list[int]:
    """Which of the rows above the data may be the header, the likeliest first.

    Those that fill the table's width, after the last blank line where there are some; else R's
    header, which is one name short.
    """
    if not above:
        return []
    if width == 1:
        bracketed = len(above) > 1 and above[-1].cells[0][:1] in ("(", "[")
        return [len(above) - 1 - bracketed]
    # Only a first column lacks a name; a title that was padded has nothing but a first cell.
    filled = [k for k, row in enumerate(above) if 2 * sum(map(bool, row.cells[1:])) >= width - 1]
    exact = [k for k in filled if len(above[k]) == width]
    full = exact or [k for k in filled if len(above[k]) > width]
    last_blank = max((number for number in blanks if number < above[-1].last), default=0)
    places = [k for k in full if above[k].last > last_blank] or full
    short = len(above[-1]) == width - 1 and (width > 2 or row_names)
    return places or ([len(above) - 1] if short else [])


def _names_rows(body: Sequence[Row]) -> bool:
    """Whether the first column holds names, or numbers that count up by one."""
    first = [row.cells[0] for row in body]
    if all(cell.isdecimal() for cell in first):
        return all(int(b) == int(a) + 1 for a, b in pairwise(first))
    return profile(first).kind == "text"


def _from_comment(comment: Sequence[Row], width: int) -> tuple[str, ...]:
    """`# x, y` above two columns names them."""
    if not comment:
        return ()
    first, *rest = comment[0].cells
    readings = [(first.lstrip("# "), *rest), tuple(rest), (first, *rest)]
    fitting = [names for names in readings if len(names) == width and all(names)]
    return fitting[0] if fitting and width > 1 else ()


def _notes(title: Sequence[Row], units: Sequence[Row]) -> list[Message]:
    notes = [
        _(
            "Line {number} ({row!r}) holds no numbers, as a row of units does, and is skipped.",
            number=row.last,
            row=row.short(),
        )
        for row in units
    ]
    if not title:
        return notes
    number, row = title[0].last, title[0].short()
    skipped = _n(
        "Line {number} ({row!r}) is above the table and is skipped.",
        "{n} lines above the table are skipped, from line {number} ({row!r}) on.",
        len(title),
        number=number,
        row=row,
    )
    return [*notes, skipped]
