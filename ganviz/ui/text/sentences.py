"""Words that depend on a field or a form."""

import re
from collections.abc import Sequence

from ganviz.config import ConfigError, Group, labels
from ganviz.say import Message, Text, _, listed, said_by
from ganviz.ui.text import words

FEW = 3
"""Settings that a sentence names one by one."""


def name(field: str) -> Text:
    """What a field or an option is called: the label of its control; in quotes what is none.

    >>> str(name("lr_d")), str(name("dataset_options.std")), name("widht")
    ('D learning rate', 'Mode σ', "'widht'")
    """
    if field in words.CONTROLS:
        return words.CONTROLS[field]
    return Message(labels()[field]) if field in labels() else repr(field)


def complaint(error: ConfigError) -> Message:
    """What is wrong with a setting, which is called as its control is."""
    return error.sentence(name)


def said_of(error: Exception) -> Text:
    """What an error says; a setting is called as its control is."""
    return complaint(error) if isinstance(error, ConfigError) else said_by(error)


def fold(group: Group, changed: int, *, wrong: bool) -> Message:
    """The head of a group that can be closed: how many of its settings are not the default."""
    label = group.label
    if changed:
        on = _("**{group}** · {n} on", group=label, n=changed)
        head = on if group.tricks else _("**{group}** · {n} changed", group=label, n=changed)
    else:
        off = _("**{group}** · all off", group=label)
        head = off if group.tricks else _("**{group}** · as usual", group=label)
    return _("{head} · :red[needs a correction]", head=head) if wrong else head


def edited(fields: Sequence[str]) -> Message:
    """That a preset's lesson need not hold, as these of its settings were changed."""
    named = [name(field) for field in fields[:FEW]]
    if more := len(fields) - len(named):
        named.append(_("{n} more", n=more))
    return _("**Edited:** {fields}. The lesson need not hold now.", fields=listed(named))


def plain(sentence: Text) -> str:
    """The words of `sentence`, which may quote a person's file or text, as plain ones in Markdown.

    >>> plain("no column is called '*a*'; did you mean '$a'?")
    "no column is called '\\\\*a\\\\*'; did you mean '\\\\$a'?"
    """
    return re.sub(r"([\\`*\[\]<>$~#|]|:(?=[a-z])|(?<!\w)_|_(?!\w))", r"\\\1", str(sentence))


def waiting(fields: Sequence[str]) -> Message:
    """That settings were changed which the live run does not follow."""
    named = listed(name(field) for field in fields)
    return _("Waits for a restart: {fields}. Press **Start** to begin anew with it.", fields=named)


def scaling(shift: Sequence[float], scale: Sequence[float]) -> Message:
    """How the networks see data: one number, or one for each column."""
    if not any(shift) and set(scale) == {1.0}:
        return words.UNSCALED
    return _(
        "The networks see (x − shift) / scale, with shift {shift} and scale {scale}.",
        shift=_numbers(shift),
        scale=_numbers(scale),
    )


def _numbers(values: Sequence[float]) -> str:
    shown = [f"{v:.4g}".replace("-", "−") for v in values]
    return shown[0] if len(shown) == 1 else f"({', '.join(shown)})"
