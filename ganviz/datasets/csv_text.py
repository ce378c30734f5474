"""The rows of a table as a text stream: without what stands above, between and below them."""

import re
from io import TextIOBase
from pathlib import Path

from ganviz.datasets.csv_cells import is_missing
from ganviz.datasets.csv_format import Format
from ganviz.datasets.csv_numerals import numeral
from ganviz.datasets.csv_separator import SPACES, Line, rows_of

_CHUNK, _TAIL = 1 << 18, 1 << 16
_FOOTER_LINES = 10

_TOTAL = re.compile(
    r"(grand |sub-?)?totals?|sums?|mean|average|avg|summe|gesamt|insgesamt|mittelwert|durchschnitt"
    r"|totale?s?|somme|moyenne|suma|media|promedio|totaal|gemiddelde|razem|σ|ø",
    re.IGNORECASE,
)


class TableText(TextIOBase):
    """What pandas is to read of a file: a line that numbers the columns, and one more, in which a
    row that is too long leaves its surplus; then the rows, and nothing else.

    Use it as a context. `comments`, `blanks` and `footer` say what was left out so far.
    """

    def __init__(self, path: Path, form: Format) -> None:
        self._form = form
        self._file = path.open(encoding=form.encoding, errors="replace")
        for _ in range(form.skip):
            self._file.readline()
        self._buffer = ""
        self._quoted = False
        self._ended = False
        mark = " " if form.separator == SPACES else form.separator
        self._heading = mark.join(str(k) for k in range(len(form.names) + 1)) + "\n"
        self._blanks_since = 0
        self.comments, self.blanks = form.comments, form.blanks
        self.footer: list[str] = []

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def read(self, size: int | None = -1, /) -> str:
        """The next rows, however many; `""` at the end."""
        if heading := self._heading:
            self._heading = ""
            return heading
        while not self._ended:
            more = self._file.read(_CHUNK)
            self._ended = not more
            self._buffer += more
            # A footer can only be told at the end, so that the last lines wait.
            cut = self._buffer.rfind("\n", 0, max(0, len(self._buffer) - _TAIL)) + 1
            text, self._buffer = self._buffer[:cut], self._buffer[cut:]
            if self._ended:
                text = self._without_footer(self._buffer)
            if text := self._rows(text):
                return text
        return ""

    def _rows(self, text: str) -> str:
        """Whole lines without those that are blank or comments, unless a quoted cell holds them."""
        odd = "\n\n" in text or text.startswith("\n") or self._blanks_since
        odd = odd or (self._form.hash_comments and "#" in text)
        if not odd:
            self._quoted ^= text.count('"') % 2 == 1
            return text
        kept = []
        for line in text.splitlines(keepends=True):
            if not self._quoted and not line.strip():
                self._blanks_since += 1
                continue
            self.blanks, self._blanks_since = self.blanks + self._blanks_since, 0
            if not self._quoted and self._is_comment(line):
                self.comments += 1
                continue
            self._quoted ^= line.count('"') % 2 == 1
            kept.append(line)
        return "".join(kept)

    def _without_footer(self, text: str) -> str:
        lines = text.splitlines(keepends=True)
        while lines and not lines[-1].strip():
            lines.pop()
        if not lines or not self._form.numbers:
            return text
        filled = [k for k, line in enumerate(lines) if line.strip() and not self._is_comment(line)]
        last = filled[-_FOOTER_LINES:]
        gap = max(
            (k for k in range(last[0] if last else 0, len(lines)) if not lines[k].strip()),
            default=-1,
        )
        keep = len(lines)
        for k in reversed(last):
            if not self._is_footer(lines[k].rstrip("\n"), apart=-1 < gap < k):
                break
            keep = k
        else:  # so many that they are rows, which are not understood
            keep = len(lines) if len(last) == _FOOTER_LINES else keep
        self.footer = [lines[k].strip() for k in filled if k >= keep]
        return "".join(lines[:keep])

    def _is_comment(self, line: str) -> bool:
        return self._form.hash_comments and line.lstrip().startswith("#")

    def _is_footer(self, line: str, apart: bool) -> bool:
        """Whether one of the last lines is no row: a total, or words where numbers should be.

        Args:
            line: of the file.
            apart: whether a blank line stands before it.
        """
        form = self._form
        if line.count('"') % 2:
            return False
        row = rows_of([Line(1, line)], form.separator)[0]
        filled = [cell for cell in row.cells if cell]
        if not filled or _TOTAL.fullmatch(filled[0].rstrip(":")):
            return bool(filled)
        cells = [row.cells[k] for k in form.numbers if k < len(row)]
        first = row.cells[0]
        words = len(row) > 1 and 0 in form.numbers and not (is_missing(first) or numeral(first))
        unlike = words or len(row) < len(form.names)
        if any(numeral(cell) for cell in cells):
            return apart and unlike
        return apart or unlike
