"""What D's verdicts look like: colours of the ground, the histogram's axis, heights, numbers."""

import colorsys
import re
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from ganviz import CHARTS, DATASETS, RunConfig, Trainer
from ganviz.charts import palette
from ganviz.quality.modes import mode_shares
from ganviz.snapshot import Snapshot, frozen

GROUNDS = {"light": (255, 255, 255), "dark": (14, 17, 23), "the app's dark": (24, 23, 20)}


@cache
def shot(dataset: str = "ring", **options: Any) -> Snapshot:
    config = RunConfig(width=8, depth=1, batch_size=8, dataset=dataset, dataset_options=options)
    trainer = Trainer(config)
    trainer.step()
    return trainer.snapshot()


def judged(*levels: float) -> Snapshot:
    """A ring whose ground takes these values, each on as many places."""
    shown = shot()
    surface = shown.surface
    assert surface is not None
    values = np.resize(levels, surface.discriminator.shape)
    return replace(shown, surface=surface._replace(discriminator=frozen(values)))


def samples(shown: Snapshot) -> Any:
    return CHARTS["samples"].fn({"run": shown})


def numbers(shown: Snapshot) -> Any:
    """The trace of the modes' labels; None without."""
    points = (trace for trace in samples(shown).data if trace.type == "scatter")
    return next((trace for trace in points if trace.mode == "markers+text"), None)


def heatmap(shown: Snapshot) -> Any:
    (trace,) = (trace for trace in samples(shown).data if trace.type == "heatmap")
    return trace


def colour_at(trace: Any, d: float, ground: tuple[int, int, int]) -> tuple[float, ...]:
    """What is seen where D is `d`, blended over the page."""
    share = np.clip((d - trace.zmin) / (trace.zmax - trace.zmin), 0, 1)
    stops = [(at, list(map(float, re.findall(r"[\d.]+", text)))) for at, text in trace.colorscale]
    side = stops[3:] if d > 0.5 else stops[:3]
    red, green, blue, alpha = (
        float(np.interp(share, [at for at, _ in side], [parts[k] for _, parts in side]))
        for k in range(4)
    )
    mixed = zip((red, green, blue), ground, strict=True)
    return tuple(alpha * over + (1 - alpha) * under for over, under in mixed)


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def hue(colour: tuple[float, ...]) -> float:
    return colorsys.rgb_to_hsv(*(part / 255 for part in colour))[0]


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """As WCAG 2.1 defines it, from 1 to 21."""

    def luminance(colour: tuple[float, ...]) -> float:
        parts = np.array(colour) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("levels", "ends", "words"),
    [
        ((0.47, 0.53), (0.47, 0.53), "ground: D from 0.47 to 0.53"),
        ((0.5, 0.512), (0.48, 0.52), "ground: D from 0.48 to 0.52"),
        ((0.5, 0.5), (0.48, 0.52), "ground: D from 0.48 to 0.52"),
        ((0.3, 0.5), (0.3, 0.7), "ground: D from 0.3 to 0.7"),
        ((0.001, 0.999), (0.0, 1.0), "ground: D from 0 to 1"),
        ((np.nan, 0.44, 0.52), (0.44, 0.56), "ground: D from 0.44 to 0.56"),
        ((np.nan, np.nan), (0.0, 1.0), "ground: D from 0 to 1"),
        ((0.5,) * 99 + (0.9,), (0.48, 0.52), "ground: D from ≤ 0.48 to ≥ 0.52"),
    ],
)
def test_the_ground_spans_what_d_does_about_one_half_and_says_so(
    levels: tuple[float, ...], ends: tuple[float, float], words: str
) -> None:
    trace = heatmap(judged(*levels))
    assert (trace.zmin, trace.zmax) == pytest.approx(ends, abs=1e-9)
    assert samples(judged(*levels)).layout.xaxis.title.text == words


@pytest.mark.parametrize("page", GROUNDS)
@pytest.mark.parametrize(("low", "high"), [(0.47, 0.53), (0.0, 1.0)])
def test_blue_says_real_and_orange_fake_on_any_page(page: str, low: float, high: float) -> None:
    trace, ground = heatmap(judged(low, high)), GROUNDS[page]
    real, fake = (
        tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in (palette.REAL, palette.FAKE)
    )
    for part, alpha in ((0.125, 0.11), (0.25, 0.22), (1, 0.45)):
        blue = colour_at(trace, 0.5 + part * (high - 0.5), ground)
        orange = colour_at(trace, 0.5 - part * (0.5 - low), ground)
        # A tenth of the circle is what lies between orange and yellow.
        assert hue(blue) == pytest.approx(hue(real), abs=0.05)
        assert hue(orange) == pytest.approx(hue(fake), abs=0.05)
        # The one colour and the page, with no third between them.
        for seen, pure in ((blue, real), (orange, fake)):
            assert seen == pytest.approx(ground + alpha * np.subtract(pure, ground))
        # 1.1 is what one sees of large fields beside each other; at its strongest more.
        assert contrast(blue, ground) > (1.5 if part == 1 else 1.1)
        assert contrast(orange, ground) > (1.5 if part == 1 else 1.1)
    assert colour_at(trace, 0.5, ground) == pytest.approx(ground)


def histogram(*spans: tuple[float, float]) -> Any:
    runs = {}
    for k, (low, high) in enumerate(spans):
        d = np.linspace(low, high, 200)
        logits = frozen(np.log(d / (1 - d)))
        runs[f"run {k}"] = replace(shot(), real_logits=logits, fake_logits=logits)
    return CHARTS["histogram"].fn(runs)


@pytest.mark.parametrize(
    ("span", "ends"),
    [
        ((0.46, 0.54), (0.45, 0.55)),
        ((0.499, 0.5005), (0.49, 0.51)),
        ((0.38, 0.42), (0.3, 0.7)),
        ((0.31, 0.55), (0.3, 0.7)),
        ((0.2, 0.55), (0.0, 1.0)),
        ((0.001, 0.999), (0.0, 1.0)),
    ],
)
def test_the_histogram_goes_as_far_as_d_does_and_says_so(
    span: tuple[float, float], ends: tuple[float, float]
) -> None:
    plot = histogram(span)
    room = plot.layout.xaxis.autorangeoptions
    assert (room.clipmin, room.clipmax) == pytest.approx(ends)
    for trace in plot.data:
        assert (trace.x[0], trace.x[-1]) == pytest.approx(ends)
        # The last share stands twice; none is lost.
        assert sum(trace.y[:-1]) == pytest.approx(1, abs=1e-5)
    zoomed = f"all within {ends[0]:.2g} to {ends[1]:.2g}"
    assert (zoomed in plot.layout.xaxis.title.text) == (ends != (0.0, 1.0))


def test_the_histogram_of_several_runs_holds_all_of_them() -> None:
    room = histogram((0.49, 0.51), (0.42, 0.5)).layout.xaxis.autorangeoptions
    assert (room.clipmin, room.clipmax) == pytest.approx((0.4, 0.6))
    odd = frozen(np.array([np.nan, np.inf, 0.0]))
    both = replace(shot(), real_logits=odd, fake_logits=odd)
    # Infinity is D = 1.
    assert CHARTS["histogram"].fn({"run": both}).layout.xaxis.autorangeoptions.clipmax == 1


@pytest.mark.parametrize("spread", [2.0, 0.2, 0.01, 0.0])
@pytest.mark.parametrize("dataset", ["gaussian", "mixture"])
def test_the_axis_of_density_shows_the_peaks_of_the_fakes(dataset: str, spread: float) -> None:
    shown = shot(dataset)
    made = frozen(spread * np.random.default_rng(0).normal(size=(512, 1)))
    plot = samples(replace(shown, samples=made, samples_ema=None))
    heights = {trace.name: max(trace.y) for trace in plot.data if trace.name}
    top = plot.layout.yaxis.autorangeoptions.clipmax
    assert top > heights["fakes"]
    assert top >= 1.6 * heights["data: p(x)"] * (1 - 1e-6)
    # No more room than a step over what is needed.
    assert top <= 1.6 * max(heights["fakes"], heights["data: p(x)"]) * (1 + 1e-6)


@pytest.mark.parametrize("dataset", ["ring", "grid", "projected_ring", "mixture"])
def test_modes_have_the_labels_that_the_shares_have(dataset: str) -> None:
    shown, target = shot(dataset), DATASETS[dataset].fn()
    assert target.modes is not None
    written = numbers(shown)
    shares = mode_shares(target.modes, target)
    assert tuple(written.text) == shares.labels
    # Each stands at the place of the samples that are counted under its label.
    for k, label in enumerate(shares.labels):
        of_one = mode_shares(target.modes[[k]], target)
        assert of_one.labels[int(of_one.fakes.argmax())] == label
    if dataset == "projected_ring":
        assert np.hypot(written.x, written.y) == pytest.approx(np.ones(8), abs=0.15)
    else:
        assert written.x == pytest.approx(target.modes[:, 0].numpy())


@pytest.mark.parametrize(("modes", "numbered"), [(1, False), (2, True), (30, True), (31, False)])
def test_so_many_modes_are_numbered_as_have_room(modes: int, numbered: bool) -> None:
    shown = shot("ring", modes=max(modes, 2))
    facts = dict(shown.facts) | {"modes": dict(list(shown.facts["modes"].items())[:modes])}
    assert (numbers(replace(shown, facts=facts)) is not None) == numbered


def test_data_without_modes_have_no_numbers() -> None:
    assert "modes" not in shot("moons").facts
    assert numbers(shot("moons")) is None
