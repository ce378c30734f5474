"""What everything registered must keep to: add a function to a registry and it is tested here."""

import itertools
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import sklearn.datasets
import torch
from torch import Tensor, nn

import ganviz
from bench.finite_floors import table_of
from ganviz import (
    CHARTS,
    DATASETS,
    LOSSES,
    METRICS,
    NETWORKS,
    PENALTIES,
    PRESETS,
    RunConfig,
    Snapshot,
)
from ganviz.datasets import shape_of, size_of
from ganviz.datasets.openml import fetched
from ganviz.networks import Family
from ganviz.quality import Evaluation, Reference, measured
from ganviz.quality.draws import floor_draw
from ganviz.snapshot import COLUMNS, Columns
from ganviz.target import Target
from ganviz.ui.board import CARDS
from tests.instrumented import READINGS_ONLY, full, sparse, watched
from tests.stand_ins import OPTIONS, fetch_stand_in

ALL = (LOSSES, PENALTIES, DATASETS, NETWORKS, METRICS, CHARTS, PRESETS)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("registry", ALL, ids=lambda registry: registry.kind)
def test_every_entry_can_be_shown(registry: Any) -> None:
    labels = {entry.label for entry in registry.values()}
    assert len(labels - {""}) == len(registry) > 0
    for name, entry in registry.items():
        assert entry.summary.endswith("."), f"{name}: {entry.summary}"
        for option in entry.options.values():
            assert option.help, f"{name}: {option.name} is not documented under Args"
            assert option.check(option.default) == option.default
            # A form draws the options of all but charts, and needs to know the ends of numbers.
            ends = option.choices or option.bounds or option.type is str
            assert registry is CHARTS or ends, f"{name}: {option.name}"


@pytest.mark.parametrize("name", list(LOSSES))
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_loss_has_finite_gradients_as_far_as_it_says(name: str, dtype: torch.dtype) -> None:
    far = LOSSES[name].facts["finite_to"]
    for at in itertools.product((-far, far), repeat=2):
        real, fake = (torch.full((4,), s, dtype=dtype, requires_grad=True) for s in at)
        for cost in LOSSES[name].fn(real, fake):
            found = torch.autograd.grad(cost, (real, fake), materialize_grads=True)
            assert cost.isfinite()
            assert all(gradient.isfinite().all() for gradient in found)


@pytest.mark.parametrize("name", list(LOSSES))
def test_loss_opposes_the_players_at_the_best_constant_critic(name: str) -> None:
    entry = LOSSES[name]
    constants = torch.linspace(-4, 4, 801, dtype=torch.float64)
    batches = [c.repeat(8) for c in constants]
    costs = torch.stack([entry.fn(c, c).d for c in batches])
    # The best constants may be an interval (hinge), or all there are: take the one in the middle.
    minimisers = (costs <= costs.min() + 1e-12).nonzero()
    best = batches[int(minimisers[len(minimisers) // 2])]
    # Steps of 0.01 miss a minimum of curvature 1 by at most 0.005²/2 = 1.3e-5.
    assert costs.min().item() == pytest.approx(entry.facts["equilibrium"], abs=2e-5)
    real, fake = (best.clone().requires_grad_() for _ in range(2))
    d, g = entry.fn(real, fake)
    d_real, d_fake = torch.autograd.grad(d, (real, fake))
    g_real, g_fake = torch.autograd.grad(g, (real, fake), materialize_grads=True)
    # D wants data up and fakes down; G wants its fakes up.
    assert (d_real < 0).all()
    assert (d_fake > 0).all()
    assert (g_fake < 0).all()
    assert g_real.any().item() == entry.facts["generator_sees_real"]


@pytest.mark.parametrize("name", list(LOSSES))
def test_loss_says_what_its_numbers_mean_and_where_g_ends(name: str) -> None:
    entry = LOSSES[name]
    reading, level = entry.facts["reading"], entry.facts["equilibrium_g"]
    assert reading.endswith(".")
    assert "L_D" in reading
    assert "L_G" in reading
    # At most what a third of the board holds in four lines.
    assert 60 <= len(reading) <= 230
    constants = torch.linspace(-4, 4, 801, dtype=torch.float64)
    costs = [entry.fn(c.repeat(8), c.repeat(8)) for c in constants]
    least = min(cost.d.item() for cost in costs)
    of_g = [cost.g.item() for cost in costs if cost.d.item() <= least + 1e-12]
    # Where several constants are best for D, G's cost has a level only if it is the same at each;
    # steps of 0.01 miss the best constant, and G's cost there, by at most 0.005.
    if level is None:
        assert max(of_g) - min(of_g) > 0.5
    else:
        assert of_g == pytest.approx([level] * len(of_g), abs=5e-3)


@pytest.mark.parametrize("entry", LOSSES.values(), ids=lambda entry: entry.name)
def test_loss_is_documented_with_formula_and_source(entry: Any) -> None:
    assert entry.doc.count("$$") >= 2
    assert "arXiv" in entry.doc
    assert entry.facts["critic"] in {"logit", "margin", "ratio", "critic"}
    assert entry.facts["penalty"] in PENALTIES


@pytest.mark.parametrize("entry", LOSSES.values(), ids=lambda entry: entry.name)
def test_loss_trains_a_logit_where_it_says_so_and_there_alone(entry: Any) -> None:
    real, fake = (3 * torch.randn(64, generator=rng(k), dtype=torch.float64) for k in (1, 2))
    zero = torch.zeros_like(real)
    rises = entry.fn(real, fake).d - entry.fn(zero, zero).d
    falls = ganviz.value_terms(real, fake).value - ganviz.value_terms(zero, zero).value
    # V and D's cost are both means of 64 numbers in float64.
    assert (abs(rises + falls).item() < 1e-12) == (entry.facts["critic"] == "logit")


def slope(direction: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda x: x.flatten(1) @ direction


REAL_PENALTIES = [name for name in PENALTIES if name != "none"]
E1 = torch.eye(64, dtype=torch.float64)[0]


def batch(n: int, seed: int) -> Tensor:
    return torch.randn(n, 1, 8, 8, generator=rng(seed), dtype=torch.float64)


@pytest.mark.parametrize("name", REAL_PENALTIES)
def test_penalty_is_zero_on_its_ideal_critic_alone(name: str) -> None:
    real, fake = batch(8, 3), batch(8, 4)
    costs = [PENALTIES[name].fn(slope(k * E1), real, fake, rng()).item() for k in (0, 1, 5)]
    # The ideal slope is 0 (R1, R2) or 1 (gradient norm at one): float64 of either.
    assert min(costs) == pytest.approx(0, abs=1e-12)
    assert sorted(costs)[1] > 0.1


@pytest.mark.parametrize("name", REAL_PENALTIES)
def test_penalty_takes_one_norm_for_each_sample(name: str) -> None:
    def cost(n: int, direction: Tensor) -> float:
        return PENALTIES[name].fn(slope(direction), batch(n, 5), batch(n, 6), rng()).item()

    spread = torch.ones(64, dtype=torch.float64) / 8
    # A slope of 3 at every sample costs the same for one sample as for 32 (a norm over the batch
    # would not), and along one pixel as along all 64 (a norm for each pixel would not).
    assert cost(32, 3 * E1) == pytest.approx(cost(1, 3 * E1), rel=1e-9)
    assert cost(32, 3 * spread) == pytest.approx(cost(32, 3 * E1), rel=1e-9)


@pytest.mark.parametrize("name", REAL_PENALTIES)
def test_penalty_trains_the_critic_by_double_backward(name: str) -> None:
    before, w = torch.get_rng_state(), (E1 + 0.1).requires_grad_()
    cost = PENALTIES[name].fn(lambda x: slope(w)(x).tanh(), batch(4, 7), batch(4, 8), rng())
    (found,) = torch.autograd.grad(cost, w)
    assert found.isfinite().all()
    assert found.any()
    assert torch.equal(torch.get_rng_state(), before)


MADE_HERE = [name for name in DATASETS if "needs" not in DATASETS[name].facts]
MakeTarget = Callable[[str], Target]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeTarget]:
    """Makes a dataset by name; small files and a stand-in serve those that need something."""
    options: dict[str, dict[str, Any]] = {}

    def one(name: str) -> Target:
        if name not in options:
            options[name] = OPTIONS[name](tmp_path) if name in OPTIONS else {}
        target: Target = DATASETS[name].fn(**options[name])
        assert shape_of(name, options[name]) in (target.shape, None)
        return target

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", fetch_stand_in)
    yield one
    fetched.forget()


@pytest.mark.parametrize("name", list(DATASETS))
def test_dataset_draws_are_finite_and_repeatable_and_touch_nothing_else(
    name: str, make: MakeTarget
) -> None:
    before = torch.get_rng_state()
    target = make(name)
    draws = target.sample(100, rng(1))
    assert tuple(draws.shape) == (100, *target.shape)
    assert draws.dtype == torch.float32
    assert draws.isfinite().all()
    assert torch.equal(draws, make(name).sample(100, rng(1)))
    assert not torch.equal(draws, target.sample(100, rng(2)))
    assert target.draw_held_out(100, rng(1)).shape == draws.shape
    assert target.standardisation[0].isfinite().all()
    assert all(note.endswith(".") for note in target.notes)
    assert torch.equal(torch.get_rng_state(), before)


def knowing(fact: str) -> list[str]:
    return [name for name in MADE_HERE if getattr(DATASETS[name].fn(), fact) is not None]


PLANAR = [name for name in knowing("log_density") if math.prod(DATASETS[name].fn().shape) <= 2]


@pytest.mark.parametrize("name", PLANAR)
def test_dataset_density_integrates_to_one(name: str) -> None:
    target = DATASETS[name].fn()
    assert target.log_density is not None
    points = target.sample(2000, rng()) if target.modes is None else target.modes
    low, high = points.amin(0).tolist(), points.amax(0).tolist()
    # Steps of one σ sum a Gaussian to 2 exp(-2π²) = 5e-9 of its integral (Poisson summation); with
    # no σ stated, the draws are covered by 400 steps and half their extent to spare.
    step: float = max(b - a for a, b in zip(low, high, strict=True)) / 400
    spare, known = 200 * step, target.mode_std is not None
    if target.mode_std is not None:
        sigma = torch.as_tensor(target.mode_std)
        step, spare = sigma.min().item(), 8 * sigma.max().item()
    ends = [(a - spare, b + spare + step) for a, b in zip(low, high, strict=True)]
    lines = [torch.arange(a, b, step, dtype=torch.float64) for a, b in ends]
    grid = torch.cartesian_prod(*lines).reshape(-1, len(lines))
    if not known:
        # The corners of all cells would lie on a straight edge together; points drawn in them not.
        grid += step * torch.rand(grid.shape, generator=rng(), dtype=torch.float64)
    parts = [grid[i : i + 20_000] for i in range(0, len(grid), 20_000)]
    total = sum(target.log_density(part).exp().sum().item() for part in parts)
    assert total * step ** len(lines) == pytest.approx(1, abs=1e-6 if known else 1e-3)
    assert target.log_density(target.sample(7, rng())).shape == (7,)


@pytest.mark.parametrize("name", knowing("modes"))
def test_dataset_modes_lie_on_it(name: str) -> None:
    target = DATASETS[name].fn()
    assert target.modes is not None
    assert target.mode_std is not None
    assert target.log_density
    at_modes = target.log_density(target.modes)
    top = target.log_density(target.sample(20_000, rng())).max().item()
    # 20,000 draws come close to the peak; one nat leaves room for modes of unequal weight.
    assert at_modes.min().item() > top - 1
    sigma = torch.as_tensor(target.mode_std).reshape(-1, 1)
    for axis in torch.eye(target.modes.shape[1]):
        # One σ off a Gaussian's centre costs half a nat; other modes may give a little back.
        assert (target.log_density(target.modes + sigma * axis) < at_modes - 0.4).all()
        assert (target.log_density(target.modes - sigma * axis) < at_modes - 0.4).all()


@pytest.mark.parametrize("name", [name for name in DATASETS if size_of(name, {})])
def test_finite_dataset_keeps_its_held_out_samples_apart_for_good(
    name: str, make: MakeTarget
) -> None:
    def rows(draws: Tensor) -> set[int]:
        return {hash(row.numpy().tobytes()) for row in draws}

    size, target, again = size_of(name, {}), make(name), make(name)
    assert size
    training = rows(target.sample(size, rng(1)))
    with pytest.raises(ValueError, match="asked for 1000000") as caught:
        target.draw_held_out(1_000_000, rng())
    kept = int(str(caught.value).split()[-1])
    held_out = rows(target.draw_held_out(kept, rng(2)))
    assert (len(training), len(held_out)) == (size, kept)
    assert (target.size, target.held_out_size) == (size, kept)
    assert kept >= 100
    assert training.isdisjoint(held_out)
    assert held_out == rows(again.draw_held_out(kept, rng(3)))
    assert training == rows(again.sample(size, rng(4)))


SHAPES = {entry.facts["shape"] for entry in DATASETS.values()} | {(100,)}
SERVED = [
    (name, shape, depth)
    for name in NETWORKS
    for shape in sorted((shape for shape in SHAPES if isinstance(shape, tuple)), key=str)
    for depth in (1, 3)
    if NETWORKS[name].facts["complaint"](shape, depth) is None
]

Build = Callable[[torch.Generator], nn.Module]


def pairs(name: str, shape: tuple[int, ...], depth: int) -> Iterator[tuple[int, Build, Build]]:
    """Length of z, G and D: of the defaults, and of every other choice of each option by itself."""
    entry = NETWORKS[name]
    # Its fact says that there is a length of z that it takes: five, or as many as the data.
    fits = (n for n in (5, math.prod(shape)) if not entry.facts["complaint"](shape, depth, n))
    latent_dim = next(fits)
    others = [{o: c} for o, s in entry.options.items() for c in s.choices if c != s.default]
    for options in ({}, *others):
        family: Family = entry.fn(**options)
        yield (
            latent_dim,
            partial(family.generator, shape, latent_dim, 6, depth),
            partial(family.discriminator, shape, 6, depth),
        )


def same(one: nn.Module, other: nn.Module) -> bool:
    both = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in both)


@pytest.mark.parametrize(("name", "shape", "depth"), SERVED, ids=str)
def test_network_maps_the_shapes_that_it_accepts(
    name: str, shape: tuple[int, ...], depth: int
) -> None:
    for latent_dim, *builds in pairs(name, shape, depth):
        x = torch.randn(7, latent_dim, generator=rng(3))
        for build, out in zip(builds, [(7, *shape), (7, 1)], strict=True):
            player, twin = build(rng(1)), build(rng(2))
            y = player(x).detach()
            assert tuple(y.shape) == out
            assert y.dtype == torch.float32
            assert y.isfinite().all()
            # Looking, in eval mode, gives the same twice and changes nothing.
            twin.load_state_dict(player.eval().state_dict())
            assert torch.equal(player(x), player(x))
            assert same(player, twin)
            x = y


@pytest.mark.parametrize(("name", "shape", "depth"), SERVED, ids=str)
def test_network_starts_from_its_generator_alone(
    name: str, shape: tuple[int, ...], depth: int
) -> None:
    for _, *builds in pairs(name, shape, depth):
        for build in builds:
            one, two, untouched = rng(1), rng(1), rng(1).get_state()
            with torch.random.fork_rng():
                torch.manual_seed(1)
                first = build(one)
                before = torch.manual_seed(2).get_state()
                second = build(two)
                assert torch.equal(torch.get_rng_state(), before)
            assert same(first, second)
            # Another seed starts elsewhere, unless nothing was drawn.
            assert same(first, build(rng(2))) == torch.equal(one.get_state(), untouched)


@pytest.mark.parametrize("entry", METRICS.values(), ids=lambda entry: entry.name)
def test_metric_is_documented_with_formula_and_source(entry: Any) -> None:
    assert entry.doc.count("$$") >= 2
    assert "arXiv" in entry.doc
    assert entry.facts["best"] in {"low", "high", "floor"}
    assert len(entry.label) <= 40


MEASURED: dict[str, Callable[[], Target]] = {
    "ring": DATASETS["ring"].fn,
    **{f"{dim}-D": partial(DATASETS["projected_ring"].fn, dim=dim) for dim in (8, 32, 128)},
    "200 rows": lambda: table_of(DATASETS["ring"].fn().sample, 200, rng(3)),
    "digits": DATASETS["digits"].fn,
}

MEASURABLE = [
    (data, name)
    for data, make in MEASURED.items()
    for name, entry in METRICS.items()
    if entry.facts["applies"](make())
    and (data != "digits" or not entry.facts["applies"](DATASETS["ring"].fn()))
]


@cache
def measured_against(data: str) -> Reference:
    """200 samples of a dataset at a time, or as many as it has floors for, of 40 draws."""
    target = MEASURED[data]()
    reference = Reference(target, measured(target, 200))
    reference.floors.complete(reference.metrics, 40)
    return reference


def test_every_metric_is_defined_on_something() -> None:
    assert {name for _, name in MEASURABLE} == set(METRICS)


@pytest.mark.parametrize(("data", "name"), MEASURABLE)
def test_metric_holds_data_inside_its_floor_and_a_collapsed_generator_far_outside(
    data: str, name: str
) -> None:
    before, entry = torch.get_rng_state(), METRICS[name]
    reference = measured_against(data)
    target, n, floor = reference.target, reference.n, reference.floors.of(name)
    assert floor
    draw = floor_draw(entry.facts.get("floor_draws", "training"), target, n, 1000)
    assert floor.contains(Evaluation(draw, reference).measure(name))
    # A generator that ignores z, and emits the mean of the data at all times; 20 samples, which is
    # what 200 rows have floors for, tell one that emits a single point of the data.
    made, far = target.sample(target.size or 1000, rng()), 1 / 2
    centre = made.mean(0, keepdim=True)
    if data == "200 rows" and name not in ("precision", "density"):
        centre, far = made[:1], 1 / 5
    collapsed = Evaluation(centre.expand(n, *target.shape), reference).measure(name)
    assert math.isfinite(collapsed)
    width = floor.high - floor.low
    assert max(floor.low - collapsed, collapsed - floor.high) > max(far * width, 1e-6)
    assert torch.equal(torch.get_rng_state(), before)


@cache
def tiny(data: str, steps: int = 8) -> Snapshot:
    config = RunConfig(width=4, depth=1, latent_dim=2, batch_size=8)
    vectors = Target(lambda n, rng: torch.randn(n, 5, generator=rng), 5) if data == "5-D" else None
    trainer = ganviz.Trainer(config if vectors else config.replace(dataset=data), target=vectors)
    for _ in range(steps):
        trainer.step()
    return trainer.snapshot()


def with_rows(data: str, values: list[float]) -> Snapshot:
    """A run with rows of `values` in its history, and among its logits and samples."""
    good = tiny(data)
    rows = np.stack([good.history[column] for column in COLUMNS], 1)
    real, fake, made = (a.copy() for a in (good.real_logits, good.fake_logits, good.samples))
    for k, value in enumerate(values):
        real[k] = fake[k] = made[k] = value
        rows[k + 1, 1:] = value * 1e270  # float64 rows can hold what no float32 can
    good = replace(good, history=Columns(rows), samples=made, samples_ema=None)
    return replace(good, real_logits=real, fake_logits=fake)


MAKE: dict[str, Callable[[str], Snapshot]] = {
    "one": tiny,
    "new": partial(tiny, steps=0),
    "nan": partial(with_rows, values=[math.nan]),
    "inf": partial(with_rows, values=[math.inf, -math.inf, math.nan]),
}
DATA = ["ring", "mixture", "moons", "digits", "5-D"]
WATCHED = ["huge ring", "measured ring", "sparse ring", "three watched"]
CASES = ["none", "three", *WATCHED, *(f"{kind} {data}" for kind in MAKE for data in DATA)]
MAKE["huge"] = partial(with_rows, values=[1e30, -1e30])
MAKE["measured"] = lambda data: watched(tiny(data), full())
MAKE["sparse"] = lambda data: watched(tiny(data), sparse())


def runs_of(case: str) -> dict[str, Snapshot]:
    if case == "three":
        return {"a": tiny("ring"), "b": tiny("mixture", 0), "c": MAKE["nan"]("digits")}
    if case == "three watched":
        return {"a": tiny("ring"), "b": MAKE["sparse"]("ring"), "c": MAKE["measured"]("mixture")}
    kind, _, data = case.partition(" ")
    return {"a": MAKE[kind](data)} if data else {}


@pytest.mark.parametrize("name", list(CHARTS))
@pytest.mark.parametrize("case", CASES)
def test_chart_is_a_pure_function_of_any_runs(name: str, case: str) -> None:
    runs = runs_of(case)
    logs = [s.history["value"] for s in runs.values()]
    arrays = logs + [a for s in runs.values() for a in (s.real_logits, s.samples, s.real)]
    arrays += [s.readings.gaps["value"] for s in runs.values()]
    before = [a.tobytes() for a in arrays]
    first, second = CHARTS[name].fn(runs), CHARTS[name].fn(runs)
    assert first.to_json() == second.to_json()
    # What the live page takes is the figure, by a second way.
    assert json.loads(CHARTS[name].facts["draws"](runs).to_json()) == json.loads(first.to_json())
    assert [a.tobytes() for a in arrays] == before
    assert first.layout.uirevision
    assert first.layout.uirevision == CHARTS[name].fn({}).layout.uirevision
    go.Figure(first.to_dict())  # raises where Plotly knows no such property, or no such value
    # A run with rows is drawn, and no run is an empty figure.
    if name not in READINGS_ONLY:
        assert "new" in case or bool(first.data) == bool(runs)
    elif "sparse" not in case:
        measured = any(s.readings.gaps.rows for s in runs.values())
        assert bool(first.data) == measured
        assert bool(first.layout.annotations) or measured or not runs


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", list(CHARTS))
def test_no_axis_is_left_to_plotly_where_nothing_is_drawn(name: str, case: str) -> None:
    figure = CHARTS[name].fn(runs_of(case))
    used = {
        axis
        for trace in figure.data
        if trace.type not in ("scatter", "bar") or np.isfinite(points_of(trace)).any()
        for axis in (trace.xaxis or "x", trace.yaxis or "y")
    }
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        if axis.plotly_name.replace("axis", "") not in used and axis.visible is not False:
            # Without a range, Plotly shows −1 to 6 and −1 to 4 there.
            assert axis.range is not None, axis.plotly_name
            assert axis.range[0] < axis.range[1]


def points_of(trace: Any) -> Any:
    """NaN where a trace has no place for a point."""
    x, y = (np.asarray(part, dtype=float) for part in (trace.x, trace.y))
    return x + y if len(x) == len(y) else np.append(x, y)


@pytest.mark.parametrize("name", list(PRESETS))
def test_preset_can_be_built_written_and_read(name: str) -> None:
    config = PRESETS[name].config
    assert RunConfig.from_json(config.to_json()) == config
    assert RunConfig.from_query(config.to_query()) == config
    assert ganviz.Trainer(config).iteration == 0
    # A lesson says what to look for: a sentence at least, and a run that no other preset is.
    assert len(PRESETS[name].lesson.split()) >= 8
    assert [n for n in PRESETS if PRESETS[n].config == config] == [name]


@pytest.mark.parametrize("name", list(PRESETS))
def test_preset_opens_charts_behind_tabs_and_one_of_each_card(name: str) -> None:
    opened = [[chart for chart in card if chart in PRESETS[name].shows] for card in CARDS]
    assert max(map(len, opened)) == 1
    assert tuple(itertools.chain.from_iterable(opened)) == PRESETS[name].shows
    assert set(PRESETS[name].shows) <= set(CHARTS)
