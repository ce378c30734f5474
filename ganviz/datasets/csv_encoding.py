"""The encoding of a text file, found from its first bytes."""

from ganviz.datasets.base import DataError
from ganviz.say import Message, _

_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def encoding_of(name: str, head: bytes, cut: bool) -> str:
    """How the text of a file is encoded: UTF-8, UTF-16, or else Windows-1252.

    Args:
        name: of the file, for messages.
        head: its first bytes.
        cut: whether more follow.

    Raises:
        DataError: if it is no text.
    """
    if complaint := _other_kind(name, head):
        raise DataError(complaint)
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    if b"\0" in head:
        return _without_mark(name, head)
    # The end of what was read may have cut a character in two.
    whole = head[: head.rfind(b"\n") + 1] if cut else head
    try:
        whole.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _other_kind(name: str, head: bytes) -> Message | None:
    """What a file is that is often taken for a table."""
    if head.startswith(b"PK\x03\x04"):
        return _("{file} is a spreadsheet or a zip: save the table as CSV first", file=name)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _("{file} is an old spreadsheet: save the table as CSV first", file=name)
    if head.startswith(b"\x1f\x8b"):
        return _("{file} is compressed: unpack it first", file=name)
    return None


def _without_mark(name: str, head: bytes) -> str:
    """UTF-16 of digits and Latin letters has a zero in nearly every second byte, and no other."""
    for encoding, zeros, letters in (("utf-16-le", 1, 0), ("utf-16-be", 0, 1)):
        high, low = head[zeros::2], head[letters::2]
        if high.count(0) > 0.7 * len(high) and not low.count(0):
            return encoding
    raise DataError(_("{file} is no text file: save the table as CSV first", file=name))
