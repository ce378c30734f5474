"""A language in which every word of the catalogue stands in ⟦ ⟧, so that what bypasses it shows.

Only what stands in a template is wrapped: a value that is English text is seen as it is.
"""

import gettext
import re
import string
from collections.abc import Iterator
from contextlib import contextmanager

from ganviz import say

PSEUDO = "pseudo"


class Wrapped(gettext.NullTranslations):
    """Wraps what is written between the placeholders of a template."""

    def gettext(self, message: str) -> str:
        try:
            parts = list(string.Formatter().parse(message))
        except ValueError:  # braces of a formula: a text without values
            return f"⟦{message}⟧"
        if any(name is not None and not name.isidentifier() for _, name, _, _ in parts):
            return f"⟦{message}⟧"
        return "".join(_wrapped(*part) for part in parts)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def _wrapped(text: str, name: str | None, spec: str | None, conversion: str | None) -> str:
    escaped = text.replace("{", "{{").replace("}", "}}")
    said = f"⟦{escaped}⟧" if text else ""
    if name is None:
        return said
    return f"{said}{{{name}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}}}"


@contextmanager
def pseudo() -> Iterator[None]:
    """Inside, words are wrapped."""
    say.CATALOGUES[PSEUDO] = Wrapped()
    with say.speaking(PSEUDO):
        yield


def unwrapped(text: str) -> list[str]:
    """The words of two letters or more that did not come from the catalogue.

    >>> unwrapped("⟦The ⟧probe⟦ lags by ⟧0.5")
    ['probe']
    """
    return re.findall(r"[^\W\d_]{2,}", re.sub("⟦[^⟦⟧]*⟧", " ", text))
