"""The encoding of a text file, found from its first bytes."""

from ganviz.datasets.base import DataError

_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)

_NO_TEXT = {
    b"PK\x03\x04": "is a spreadsheet or a zip: save the table as CSV first",
    b"\xd0\xcf\x11\xe0": "is an old spreadsheet: save the table as CSV first",
    b"\x1f\x8b": "is compressed: unpack it first",
}


def encoding_of(name: str, head: bytes, cut: bool) -> str:
    """How the text of a file is encoded: UTF-8, UTF-16, or else Windows-1252.

    Args:
        name: of the file, for messages.
        head: its first bytes.
        cut: whether more follow.

    Raises:
        DataError: if it is no text.
    """
    for start, words in _NO_TEXT.items():
        if head.startswith(start):
            raise DataError(f"{name} {words}")
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


def _without_mark(name: str, head: bytes) -> str:
    """UTF-16 of digits and Latin letters has a zero in nearly every second byte, and no other."""
    for encoding, zeros, letters in (("utf-16-le", 1, 0), ("utf-16-be", 0, 1)):
        high, low = head[zeros::2], head[letters::2]
        if high.count(0) > 0.7 * len(high) and not low.count(0):
            return encoding
    raise DataError(f"{name} is no text file: save the table as CSV first")
