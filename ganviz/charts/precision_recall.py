"""The way of a run between good samples and many kinds of them."""

import numpy as np

from ganviz.charts import palette
from ganviz.charts.base import Drawing, Runs, axis, dash_of, label_of, register, thinned
from ganviz.charts.lines import single
from ganviz.charts.quality import awaited, has_floor
from ganviz.readings import Readings
from ganviz.say import _

POINTS = 60
"""Points of a path at most."""

FLOOR = palette.faint(palette.REAL, 0.3)


@register("Precision against recall", title="Precision, recall", readings_only=True)
def precision_recall(runs: Runs) -> Drawing:
    """Precision (are samples good?) against recall (are all kinds of data made?), as a path.

    Points fade with age and the large one is now. The rectangle is where real data read, 99 % of
    the time in each direction: top right is success, top left a collapse onto few good samples.

    Args:
        runs: id to snapshot; reads columns `precision` and `recall` of `readings.quality`, in
            [0, 1], and their floors, without which nothing is shown.
    """
    ends = {"range": [-0.03, 1.05], "nticks": 6}
    x, y = axis(_("recall"), **ends), axis(_("precision"), **ends)
    chart = Drawing(runs, hovermode="closest", xaxis=x, yaxis=y)
    drawn = [run for run, s in runs.items() if _add_path(chart, run, s.readings)]
    for run in drawn:
        floors = runs[run].readings.floors
        low, high = floors["recall"].low, floors["recall"].high
        place = {"xref": "x", "x0": low, "x1": high}
        chart.band(floors["precision"].low, floors["precision"].high, FLOOR, **place)
    if drawn:
        chart.explain(_("99 % of real data"), FLOOR)
    chart.awaits_readings(awaited(runs))
    return chart


def _add_path(chart: Drawing, run: str, readings: Readings) -> bool:
    """Draw a run's path; returns whether there is one."""
    columns, names = readings.quality, ("recall", "precision")
    if not all(has_floor(name, readings) for name in names):
        return False
    measured = np.flatnonzero(np.isfinite(columns["recall"] + columns["precision"]))
    if not len(measured):
        return False
    keep = measured[thinned(len(measured), POINTS)]
    fade = np.linspace(0.15, 1, len(keep)) if len(keep) > 1 else np.ones(1)
    sizes = np.full(len(keep), 5.0)
    sizes[-1] = 12
    line = {"color": palette.FAKE, "width": 0.5, "dash": dash_of(run, chart.runs)}
    marker = {"color": palette.FAKE, "opacity": single(fade), "size": single(sizes)}
    marker["line"] = {"width": 0}
    hover = _(
        "iteration {step}<br>recall {recall}, precision {precision}",
        step="%{customdata:,d}",
        recall="%{x:.2f}",
        precision="%{y:.2f}",
    )
    chart.add(
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": single(columns["recall"][keep]),
            "y": single(columns["precision"][keep]),
            "name": label_of(run, _("fakes over time, large: now"), chart.runs),
            "line": line,
            "marker": marker,
            "customdata": single(columns["step"][keep]),
            "hovertemplate": f"{hover}<extra></extra>",
        }
    )
    return True
