"""What a run shows: whose V it is, of what, and what is said where there is none."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ganviz import CHARTS
from ganviz.charts.base import NO_VALUE
from ganviz.charts.mosaic import mosaic, picture
from ganviz.snapshot import Snapshot, frozen
from ganviz.ui import text
from tests.instrumented import READINGS_ONLY
from tests.moments import snapshot

OF_V = ("value", "terms", "histogram", "accuracy")

WITHOUT_V = {
    "ring": {"dataset": "ring"},
    "line": {"dataset": "gaussian"},
    "many": {"dataset": "projected_ring"},
    "grey": {"dataset": "digits", "network": "conv"},
    "colour": {"dataset": "stacked_digits", "network": "conv"},
}


def figure(chart: str, *shown: Snapshot) -> Any:
    runs = {f"run {k}": one for k, one in enumerate(shown)}
    return CHARTS[chart].fn(runs)


def notes(plot: Any) -> list[str]:
    return [note.text for note in plot.layout.annotations]


def without_v(data: str) -> Snapshot:
    return snapshot(**WITHOUT_V[data], loss="wasserstein", probe=False)


@pytest.mark.parametrize("data", WITHOUT_V)
@pytest.mark.parametrize("chart", [c for c in CHARTS if c not in READINGS_ONLY])
def test_without_a_v_its_charts_say_why_and_the_others_are_drawn(data: str, chart: str) -> None:
    shown = without_v(data)
    assert shown.value_source == "none"
    plot = figure(chart, shown)
    assert (str(NO_VALUE) in notes(plot)) == (chart in OF_V)
    assert bool(plot.data) == (chart not in OF_V)
    json.loads(plot.to_json())


@pytest.mark.parametrize("chart", OF_V)
def test_beside_a_run_with_a_v_one_without_is_left_out(chart: str) -> None:
    both = figure(chart, without_v("ring"), snapshot())
    assert str(NO_VALUE) not in notes(both)
    names = [trace.name for trace in both.data]
    assert names
    assert all(name.startswith("run 1 · ") for name in names)
    assert {trace.line.dash for trace in both.data} == {"dash"}


def test_no_v_is_said_wherever_v_would_be() -> None:
    shown = without_v("ring")
    sentence = "No V here: this critic is no probability, and the probe is off."
    captions = text.captions(shown)
    assert [captions[chart] for chart in OF_V] == [sentence] * 4
    assert "ground" not in captions["samples"]
    unknown = "How far G is from the data is not known: the instruments are off."
    assert text.meaning(shown, "running") == f"{sentence} {unknown}"
    packed = snapshot(packing=2, probe=False)
    assert "D judges 2 samples together" in text.captions(packed)["value"]
    normed = {"dataset": "digits", "network": "dcgan", "depth": 2}
    both = (("normalisation", "both"),)
    for batched in (
        snapshot(minibatch_std=True, probe=False),
        snapshot(**normed, network_options=both, probe=False),
    ):
        assert "D sees the whole batch" in text.meaning(batched, "running")


def test_v_of_the_probe_is_called_so() -> None:
    shown = snapshot(loss="hinge")
    assert shown.value_source == "probe"
    captions = text.captions(shown)
    assert all("probe" in captions[chart] for chart in OF_V)
    assert "the probe says real" in captions["samples"]
    assert text.meaning(shown, "running").startswith("On the G that plays, V (of the probe) = −")
    assert "this critic is no probability" in captions["value"]


def test_conditions_under_which_v_is_taken_are_said() -> None:
    plain = text.captions(snapshot())["value"]
    assert "noised" not in plain
    assert "labels" not in plain
    noised = text.captions(snapshot(instance_noise=0.1, label_smoothing=0.1))
    assert "V is of noised data." in noised["value"]
    assert "V is of hard labels." in noised["value"]
    assert "without the noise" in noised["histogram"]


def test_a_run_without_a_first_number_is_not_told_to_start() -> None:
    assert "Press **Start**" in text.meaning(None, "idle")
    assert "Press" not in text.meaning(None, "running")


def test_captions_name_every_chart() -> None:
    for shown in (None, snapshot(), snapshot(loss="hinge"), without_v("ring")):
        assert set(text.captions(shown)) == set(CHARTS)


def test_many_dimensions_are_shown_on_the_axes_in_which_the_data_spread_most() -> None:
    shown = snapshot(dataset="projected_ring")
    plot = figure("samples", shown)
    data = next(trace for trace in plot.data if trace.name == "data")
    # The ring's own plane: eight modes at distance 1 from the middle.
    radii = np.hypot(data.x, data.y)
    assert np.all(np.abs(radii - 1) < 0.15)
    assert "principal axis" in plot.layout.xaxis.title.text
    assert "Of 32 dimensions" in text.captions(shown)["samples"]


@pytest.mark.parametrize(("columns", "square"), [((1, 2), True), ((1, 1000), False)])
def test_columns_of_other_units_have_their_own_scale(
    columns: tuple[float, float], square: bool
) -> None:
    points = np.random.default_rng(0).random((100, 2)) * columns
    plot = figure("samples", replace(snapshot(), real=frozen(points), surface=None))
    assert (plot.layout.yaxis.scaleanchor == "x") == square
    spans = [np.ptp(axis.range) for axis in (plot.layout.xaxis, plot.layout.yaxis)]
    assert all(span < 3 * most for span, most in zip(spans, columns, strict=True))


def test_data_on_a_line_of_the_plane_have_a_plane_around_them() -> None:
    points = np.array([[0, 1], [2, 1]], np.float32)
    plot = figure("samples", replace(snapshot(), real=points, surface=None))
    assert plot.layout.yaxis.range[0] < 1 < plot.layout.yaxis.range[1]


def test_colours_are_a_picture_and_small_grey_images_numbers() -> None:
    assert {t.type for t in figure("samples", without_v("colour")).data} == {"image"}
    assert {t.type for t in figure("samples", without_v("grey")).data} == {"heatmap"}


@pytest.mark.parametrize(("side", "tiles"), [(8, 8), (28, 6), (32, 6), (64, 4)])
@pytest.mark.parametrize("channels", [1, 3])
def test_mosaic_fits_the_screen(side: int, tiles: int, channels: int) -> None:
    images = np.random.default_rng(0).random((128, channels, side, side), np.float32)
    whole = mosaic(images)
    assert whole.shape == (tiles * (side + 1) - 1, tiles * (side + 1) - 1, channels)
    assert np.array_equal(whole[:side, side + 1 : 2 * side + 1, 0], images[1, 0])
    assert np.isnan(whole[side]).all()
    assert len(json.dumps(picture(whole, 0, 1), default=lambda a: a.tobytes().hex())) < 400_000


def test_one_dimension_without_a_surface_has_no_curve_of_d() -> None:
    names = [trace.name for trace in figure("samples", without_v("line")).data]
    assert names == ["data", "fakes"]
    assert "They should match the data." in text.captions(without_v("line"))["samples"]
    assert (
        "the probe's D(x)" in text.captions(snapshot(dataset="gaussian", loss="hinge"))["samples"]
    )


def test_what_a_person_wrote_means_nothing_to_markdown() -> None:
    assert text.plain("batch_size is 3") == "batch_size is 3"
    assert text.plain("a *b* [c](d) $e$ :red_") == r"a \*b\* \[c\](d) \$e\$ \:red\_"
    assert str(text.scaling((0.0, 0.0), (1.0, 1.0))) == "The networks see the numbers as they are."
    assert "(1, −2) and scale 3" in str(text.scaling((1.0, -2.0), (3.0,)))
