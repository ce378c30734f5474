"""One HTML page with every chart of a run and how to read it; it needs no connection."""

import html
from collections.abc import Iterable, Sequence

from plotly.offline import get_plotlyjs

from ganviz.charts import CHARTS
from ganviz.say import Message, Text, _, language, say
from ganviz.snapshot import Snapshot
from ganviz.words import HEAD, WHOSE, at_the_end, numbers, shown_g, verdict

_STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:1000px;margin:2em auto;padding:0 1em}"
    "section{margin-bottom:2em}td,th{padding:0 1em 0 0;text-align:left}"
)


def report(snapshot: Snapshot, notes: Sequence[Text] = ()) -> str:
    """The page, in the language of whoever reads.

    Args:
        snapshot: the run's last moment.
        notes: what was done to the data.
    """
    title, settings = _text(_title(snapshot)), _text(_("Settings"))
    body = [
        f"<h1>{title}</h1><p>{_text(_of_which_g(snapshot))}</p>",
        _data(notes),
        *_charts(snapshot),
        _section(_("L_D and L_G at the end"), *map(_paragraph, at_the_end(snapshot))),
        _quality(snapshot),
        f"<h2>{settings}</h2><pre>{html.escape(snapshot.config_json)}</pre>",
    ]
    return (
        f'<!doctype html><html lang="{language()}"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style><script>{get_plotlyjs()}</script>{''.join(body)}</html>\n"
    )


def _title(snapshot: Snapshot) -> Message:
    config = snapshot.config
    return _(
        "ganviz: {loss} on {dataset}, {step:,} iterations",
        loss=config["loss"],
        dataset=config["dataset"],
        step=snapshot.step,
    )


def _of_which_g(snapshot: Snapshot) -> Message:
    return _(
        "Samples, histograms, gaps and quality are of {shown}; V, its terms, accuracies, "
        "gradients, zig-zag and saturation of {playing}.",
        shown=shown_g(snapshot),
        playing=WHOSE["playing"],
    )


def _charts(snapshot: Snapshot) -> Iterable[str]:
    for entry in CHARTS.values():
        figure = entry.fn({"run": snapshot})
        drawn = figure.to_html(full_html=False, include_plotlyjs=False)
        yield _section(entry.label, _paragraph(entry.summary), drawn)


def _data(notes: Sequence[Text]) -> str:
    items = "".join(f"<li>{_text(note)}</li>" for note in notes)
    return _section(_("Data"), f"<ul>{items}</ul>") if items else ""


def _quality(snapshot: Snapshot) -> str:
    """Every metric beside its floor, as a table; nothing where none was measured."""
    rows = numbers(snapshot)
    if not rows:
        return ""
    head = "".join(f"<th>{_text(column)}</th>" for column in HEAD)
    lines = (
        "".join(f"<td>{_text(cell)}</td>" for cell in (row.label, row.value, row.floor, row.mark))
        for row in rows
    )
    table = "".join(f"<tr>{line}</tr>" for line in (head, *lines))
    title = _("Quality of samples of {g}", g=shown_g(snapshot))
    return _section(title, _paragraph(verdict(snapshot)), f"<table>{table}</table>")


def _section(title: Text, *parts: str) -> str:
    return f"<section><h2>{_text(title)}</h2>{''.join(parts)}</section>"


def _paragraph(text: Text) -> str:
    return f"<p>{_text(text)}</p>"


def _text(text: Text) -> str:
    return html.escape(say(text))
