"""The checks of the theory: the fast ones hold, and one that fails is seen to fail."""

import math
from collections.abc import Iterator

import pytest
import torch

from ganviz.cli import main
from ganviz.losses import F_DIVERGENCES, LOSSES
from ganviz.registry import Entry, Registry
from ganviz.verify import CHECKS, Check, Row, run_checks, selected
from ganviz.verify.dirac import ENDS, distances, end_row
from ganviz.verify.divergences import BEST_OUTPUT, BEST_T, OF_TWO_GAUSSIANS
from ganviz.verify.levels import AT_CONSTANT, AT_ZERO
from ganviz.verify.quadrature import expected, line, normal_log_density, weights
from ganviz.verify.training import critic, critic_cost
from tests.pseudo import pseudo, unwrapped

ARITHMETIC = [
    "at_zero",
    "at_constant",
    "at_best",
    "dropped_modes",
    "conjugates",
    "divergences",
    "best_fits",
    "generator_gradients",
    "true_samples",
    "optimal_discriminator",
    "duality_gap",
    "balls",
    "transport_and_kernel",
]


@pytest.mark.parametrize("name", [*ARITHMETIC, "dirac_eigenvalues"])
def test_every_claim_of_a_fast_check_holds(name: str) -> None:
    rows = list(CHECKS[name].fn())
    assert rows
    assert [row for row in rows if not row.holds] == []


def test_arithmetic_comes_before_training_and_all_of_it_is_quick() -> None:
    assert list(CHECKS)[: len(ARITHMETIC)] == ARITHMETIC
    quick, full = ([entry.name for entry in selected(full=full)] for full in (False, True))
    assert full == list(CHECKS)
    assert quick == [name for name in CHECKS if CHECKS[name].facts["quick"]]
    assert set(ARITHMETIC) < set(quick) < set(full)


def test_every_loss_and_every_divergence_has_its_rows() -> None:
    assert set(AT_ZERO) == set(AT_CONSTANT) == set(LOSSES)
    assert set(BEST_OUTPUT) == set(BEST_T) == set(OF_TWO_GAUSSIANS) == set(F_DIVERGENCES)


def test_every_check_can_be_shown() -> None:
    for entry in CHECKS.values():
        assert entry.summary.endswith("."), entry.name
        assert isinstance(entry.facts["quick"], bool)


# Quadrature.


def test_sums_over_the_grid_are_means() -> None:
    x = line(-12.0, 14.0, 0.05)
    p = weights(normal_log_density(x, 1.0, 1.3), x)
    # Mean 1 and second moment 1 + 1.3²; the trapezoid rule is exact to float64 for Gaussians.
    moments = [(p * x**k).sum().item() for k in range(3)]
    assert moments == pytest.approx([1.0, 1.0, 1.0 + 1.69], abs=1e-9)


def test_expected_costs_are_the_limit_of_large_batches() -> None:
    x = line(-8.0, 8.0, 0.1)
    p, q = (weights(normal_log_density(x, m, 1.0), x) for m in (0.0, 1.0))
    z = torch.randn(200_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for name in ("minimax", "relativistic", "hinge"):
        limit = expected(LOSSES[name].fn, x, p, x, q)
        sampled = LOSSES[name].fn(z, 1 + z.roll(1))
        # Standard deviations of about 1 over √200,000 are 0.002; 0.01 is four of them and more.
        assert limit.d.item() == pytest.approx(sampled.d.item(), abs=0.01)
        assert limit.g.item() == pytest.approx(sampled.g.item(), abs=0.01)


# The Dirac-GAN.


def recurrence(gamma: float, *, alternating: bool, saturating: bool = True) -> float:
    """r after 500 steps, from the field of Mescheder et al. 2018 and nothing else."""

    def slope(t: float) -> float:
        return 1 / (1 + math.exp(t))

    theta, psi, h = 1.0, 1.0, 0.2
    for _ in range(500):
        up = psi + h * (theta * slope(theta * psi) - gamma * psi)
        met = up if alternating else psi
        theta -= h * met * slope(theta * met if saturating else -theta * met)
        psi = up
    return math.hypot(theta, psi)


@pytest.mark.parametrize("alternating", [False, True])
@pytest.mark.parametrize(
    ("settings", "gamma", "saturating"),
    [
        ({"loss": "minimax"}, 0.0, True),
        ({"loss": "non_saturating"}, 0.0, False),
        ({"loss": "relativistic"}, 0.0, False),
        ({"loss": "minimax", "penalty": "r1", "penalty_weight": 0.3}, 0.3, True),
    ],
)
def test_the_trainer_follows_the_recurrence_of_the_field(
    settings: dict[str, object], gamma: float, saturating: bool, alternating: bool
) -> None:
    update = "alternating" if alternating else "simultaneous"
    level = recurrence(gamma, alternating=alternating, saturating=saturating)
    # 500 steps in float64, in another order of operations.
    assert distances({**settings, "update": update})[-1] == pytest.approx(level, rel=1e-9)


def test_a_published_end_holds() -> None:
    (consensus,) = (end for end in ENDS if str(end[0]).startswith("consensus"))
    name, settings, _, alternating = consensus
    assert end_row(name, {**settings, "update": "alternating"}, alternating).holds


# Training.


def test_a_trained_critic_comes_near_its_value() -> None:
    cost = critic_cost(critic("minimax", 1, batch_size=1024, steps=200), 1)
    # -V of the best D, after two fifths of the updates of the whole check.
    assert cost == pytest.approx(1.16345, abs=0.005)


# The report and the command.


def registry(*checks: Check) -> Registry[Check, Entry[Check]]:
    made: Registry[Check, Entry[Check]] = Registry("check")
    for check in checks:
        made.register(f"Label of {check.__name__}", quick=True)(check)
    return made


def right() -> Iterator[Row]:
    """Holds."""
    yield Row("two and two", "arithmetic", 4.0, 4.001, 0.01)


def wrong() -> Iterator[Row]:
    """Fails."""
    yield Row("two and three", "arithmetic", 5.0, 5.1, 0.01)


def nan() -> Iterator[Row]:
    """Measures nothing."""
    yield Row("nothing", "arithmetic", 0.0, math.nan, 1e9)


def broken() -> Iterator[Row]:
    """Raises in the middle."""
    yield Row("begins", "arithmetic", 0.0, 0.0, 0.0)
    raise RuntimeError("in the middle")


def verify(checks: Registry[Check, Entry[Check]], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("ganviz.verify.report.CHECKS", checks)
    return main(["verify"])


def test_the_table_prints_and_gives_0(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    threads = torch.get_num_threads()
    assert verify(registry(right), monkeypatch) == 0
    shown = capsys.readouterr().out
    header, _, label, row, _, total = shown.splitlines()
    assert header.split() == ["expected", "measured", "tolerance", "claim", "source"]
    assert label == "Label of right: Holds."
    assert row.split() == ["ok", "4", "4.001", "0.01", "two", "and", "two", "arithmetic"]
    assert total.startswith("1 of 1 claims hold (")
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("bad", [wrong, nan])
def test_a_failing_check_gives_1(
    bad: Check, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(registry(bad, right), monkeypatch) == 1
    shown = capsys.readouterr().out
    assert [line.split()[0] for line in shown.splitlines() if "arithmetic" in line] == [
        "FAIL",
        "ok",
    ]
    assert "1 of 2 claims hold" in shown


def test_a_check_that_raises_fails_and_the_others_still_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(registry(broken, right), monkeypatch) == 1
    shown = capsys.readouterr().out
    assert "broken runs to its end, not into RuntimeError: in the middle" in shown
    assert "2 of 3 claims hold" in shown


def test_full_runs_the_slow_checks_too(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = registry(right)
    checks.register("Slow", quick=False)(wrong)
    monkeypatch.setattr("ganviz.verify.report.CHECKS", checks)
    assert main(["verify"]) == 0
    assert main(["verify", "--full"]) == 1


@pytest.mark.parametrize("name", ["at_zero", "at_constant", "conjugates", "generator_gradients"])
def test_all_that_a_check_prints_comes_from_the_catalogue(name: str) -> None:
    lines: list[str] = []
    with pseudo():
        run_checks([CHECKS[name]], lines.append)
    assert lines[0].split()[0] == "⟦expected⟧"
    names = {word for loss in LOSSES for word in loss.split("_")}
    # A paper is called what it is called.
    assert set(unwrapped("\n".join(lines))) <= names | {"Nowozin", "et", "al", "arXiv"}


def test_the_report_can_go_elsewhere() -> None:
    lines: list[str] = []
    assert run_checks(registry(right).values(), lines.append) is True
    assert len(lines) == 4


def test_an_interrupted_table_gives_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped() -> Iterator[Row]:
        """Is interrupted."""
        yield Row("begins", "arithmetic", 0.0, 0.0, 0.0)
        raise KeyboardInterrupt

    assert verify(registry(stopped), monkeypatch) == 130
    assert capsys.readouterr().err == "\nganviz verify: interrupted\n"
