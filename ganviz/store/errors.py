"""What goes wrong with a store, in a sentence."""

import sqlite3

from ganviz.say import Message, Text, _, said_by


class StoreError(Exception):
    """The store cannot do what it is asked.

    Args:
        message: why, as a whole sentence.
    """

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


def reason(error: BaseException) -> Text:
    """Why a database could not be used, in a sentence without its subject.

    >>> str(reason(sqlite3.OperationalError("database or disk is full")))
    'the disk is full'
    """
    text = str(error)
    known: dict[str, Message] = {
        "disk is full": _("the disk is full"),
        "No space left": _("the disk is full"),
        "readonly": _("the database can only be read"),
        "Read-only": _("the database can only be read"),
        "locked": _("another program has locked the database"),
        "malformed": _("the database is damaged"),
        "not a database": _("the database is damaged"),
        "unable to open": _("the database cannot be opened"),
    }
    for part, said in known.items():
        if part in text:
            return said
    return said_by(error) or type(error).__name__


def is_damage(error: BaseException) -> bool:
    """Whether the file itself is broken, which no patience mends."""
    return isinstance(error, sqlite3.DatabaseError) and any(
        part in str(error) for part in ("malformed", "not a database")
    )
