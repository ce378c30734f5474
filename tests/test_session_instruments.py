"""Instruments of a session: they go by the clock, on request and at the end, and never move it."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import ganviz
from ganviz import RunConfig, Session
from ganviz.instruments.gaps import Gaps
from ganviz.session.worker import Worker
from tests.test_session import LONG, ended, latest, same_columns, status, until

CONFIG = RunConfig(width=16, batch_size=32, latent_dim=3, steps=400)

Make = Callable[..., Session]


@pytest.fixture
def sessions() -> Iterator[Make]:
    """Makes sessions and stops them at the end."""
    made: list[Session] = []

    def make(config: RunConfig = CONFIG, **parts: Any) -> Session:
        made.append(Session(config, **parts))
        return made[-1]

    yield make
    for session in made:
        session.stop()


def fresh_steps(session: Session) -> list[float]:
    gaps = latest(session).readings.gaps
    steps: list[float] = gaps["step"][np.isfinite(gaps["fresh"])].tolist()
    return steps


@pytest.mark.parametrize("share", [0.0, 0.9])
def test_the_history_is_the_same_with_any_share(sessions: Make, share: float) -> None:
    session = sessions(share=share)
    session.start()
    same_columns(ended(session).history, ganviz.train(CONFIG).history.decimate())
    assert session.status == "finished"
    assert bool(latest(session).readings.gaps.rows) == bool(share)


def test_a_run_is_measured_when_it_ends(sessions: Make) -> None:
    session = sessions()
    session.start()
    until(lambda: session.status == "finished")
    assert session.live is False
    last = ended(session)
    assert last.status == "finished"
    assert session.measuring is None
    assert fresh_steps(session)[-1] == 400
    assert last.readings.gaps["optimal"][-1] < 0
    assert set(last.quality) == set(last.readings.floors)
    for value, low, high in last.quality.values():
        assert np.isfinite([value, low, high]).all()


def test_a_running_run_is_measured_by_the_clock(sessions: Make) -> None:
    session = sessions(LONG, share=0.5)
    session.start()
    until(lambda: latest(session).readings.gaps.rows >= 2)
    until(lambda: latest(session).readings.zigzag.rows >= 2)
    until(lambda: latest(session).readings.pulls is not None)
    assert status(session) == "running"
    steps = latest(session).readings.zigzag["step"]
    assert np.diff(steps).min() >= 1
    assert latest(session).readings.cost.limit == 0.5


def test_a_stopped_run_is_measured_on_request_alone(sessions: Make) -> None:
    session = sessions(LONG)
    session.step(3)
    until(lambda: latest(session).step == 3 and latest(session).status == "paused")
    session.stop()
    assert ended(session).status == "stopped"
    assert fresh_steps(session) == []
    session.measure()
    until(lambda: fresh_steps(session) == [3])
    assert ended(session).status == status(session) == "stopped"
    assert latest(session).step == 3


def test_a_paused_run_is_measured_and_can_go_on(sessions: Make) -> None:
    session = sessions(LONG)
    session.step(2)
    until(lambda: latest(session).readings.gaps["step"].tolist() == [2])
    assert latest(session).readings.zigzag["step"].tolist() == [1, 2]
    session.measure()
    session.measure()
    until(lambda: fresh_steps(session) == [2])
    assert (status(session), latest(session).step) == ("paused", 2)
    session.step()
    until(lambda: latest(session).step == 3)
    assert latest(session).readings.zigzag["step"].tolist() == [1, 2, 3]


def test_a_command_interrupts_a_measurement(sessions: Make) -> None:
    session = sessions(LONG)
    session.step(1)
    until(lambda: latest(session).readings.gaps.rows == 1)
    session.measure()
    until(lambda: session.measuring is not None)
    session.resume()
    until(lambda: latest(session).step > 20)
    began = time.monotonic()
    session.stop()
    # A slice takes a tenth of a second at most; ten of them are far from the seconds of a fit.
    assert time.monotonic() - began < 5
    assert status(session) == "stopped"


def test_stop_ends_the_measurement_of_a_finished_run(sessions: Make) -> None:
    session = sessions()
    session.start()
    until(lambda: session.status == "finished" and session.measuring is not None)
    session.stop()
    assert ended(session).status == status(session) == "finished"
    assert fresh_steps(session) == []
    assert session.measuring is None
    session.measure()
    until(lambda: fresh_steps(session) == [400])


def test_a_measurement_ends_with_its_run(sessions: Make) -> None:
    session = sessions(LONG)
    session.start()
    until(lambda: latest(session).step > 20)
    session.measure()
    assert session.measuring == "fresh"
    session.stop()
    ended(session)
    assert session.measuring is None


def test_readings_of_a_stopped_run_do_not_say_that_it_is_being_measured(sessions: Make) -> None:
    session = sessions(LONG)
    session.start()
    until(lambda: latest(session).step > 20)
    session.measure()
    until(lambda: latest(session).readings.cost.busy is not None)
    session.stop()
    assert latest(session).readings.cost.busy is None
    session.measure()
    until(lambda: latest(session).readings.cost.busy is not None)
    session.stop()
    assert latest(session).readings.cost.busy is None


def test_readings_and_quality_are_of_one_moment(sessions: Make) -> None:
    session = sessions(LONG, share=0.9)
    session.start()
    seen = []

    def three_values() -> bool:
        seen.append(latest(session))
        return len({snapshot.quality.get("jsd") for snapshot in seen}) > 2

    until(three_values)
    for snapshot in seen:
        readings = snapshot.readings
        floors = {name: f for name, f in readings.floors.items() if readings.quality.rows}
        assert dict(snapshot.quality) == {
            name: (readings.quality[name][-1], f.low, f.high) for name, f in floors.items()
        }
        if "two_jsd" in snapshot.quality:
            at = np.flatnonzero(readings.gaps["step"] == readings.quality["step"][-1])
            error = readings.gaps["optimal"][at] + np.log(4)
            assert snapshot.quality["two_jsd"][0] == pytest.approx(error, abs=1e-12)


def test_switching_off_ends_a_measurement(sessions: Make) -> None:
    session = sessions(LONG)
    session.step(1)
    until(lambda: latest(session).step == 1 and latest(session).status == "paused")
    session.measure()
    until(lambda: session.measuring is not None)
    session.limit(0)
    until(lambda: session.measuring is None)
    assert fresh_steps(session) == []


def test_a_run_that_never_began_is_not_measured(sessions: Make) -> None:
    session = sessions()
    session.measure()
    session.stop()
    session.measure()
    assert (status(session), session.measuring, session.latest) == ("stopped", None, None)


def test_switching_off_a_running_run_ends_its_measurement(sessions: Make) -> None:
    session = sessions(LONG)
    session.start()
    until(lambda: latest(session).step > 20)
    session.measure()
    session.limit(0)
    assert session.measuring is None
    step = latest(session).step
    until(lambda: latest(session).step > step)
    assert fresh_steps(session) == []


def test_a_request_at_the_very_end_of_a_measurement_is_served(
    sessions: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sessions()
    asked: list[bool] = []
    publish = Worker._publish_readings

    def late(worker: Worker) -> None:
        publish(worker)
        if not worker._panel.asked and not asked:
            asked.append(True)
            session.measure()

    monkeypatch.setattr(Worker, "_publish_readings", late)
    session.start()
    until(lambda: asked and session.measuring is None and ended(session))
    spent = latest(session).readings.cost.seconds["fresh"]
    session.measure()
    until(lambda: latest(session).readings.cost.seconds["fresh"] > spent)
    assert session.status == "finished"


def test_switched_off_nothing_is_measured(sessions: Make) -> None:
    session = sessions(share=0.0)
    session.start()
    session.measure()
    last = ended(session)
    session.measure()
    assert (last.readings.gaps.rows, dict(last.quality), session.measuring) == (0, {}, None)
    assert latest(session) is last


def test_the_share_changes_live(sessions: Make) -> None:
    session = sessions(LONG, share=0.0)
    session.start()
    until(lambda: latest(session).step > 10)
    assert latest(session).readings.gaps.rows == 0
    session.limit(0.5)
    until(lambda: latest(session).readings.gaps.rows > 0)
    session.limit(0.0)
    until(lambda: latest(session).readings.cost.limit == 0)
    rows = latest(session).readings.gaps.rows
    step = latest(session).step
    until(lambda: latest(session).step > step + 500)
    assert latest(session).readings.gaps.rows == rows


@pytest.mark.parametrize("share", [-0.1, 0.91, float("nan")])
def test_a_share_that_cannot_be(sessions: Make, share: float) -> None:
    with pytest.raises(ValueError, match=r"share must be in \[0, 0.9\], got"):
        sessions(share=share)
    session = sessions()
    with pytest.raises(ValueError, match=r"share must be in \[0, 0.9\], got"):
        session.limit(share)
    assert session.share == 0.15


def test_a_run_outlives_an_instrument_that_fails(
    sessions: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Gaps, step: int) -> Iterator[float]:
        raise OSError("no ruler")
        yield

    monkeypatch.setattr(Gaps, "measure", broken)
    session = sessions(share=0.9)
    session.start()
    last = ended(session)
    assert (session.status, session.error, last.step) == ("finished", None, 400)
    assert "no ruler" in str(session.notice)
    assert last.quality


def test_a_diverged_run_is_not_measured_further(sessions: Make) -> None:
    config = CONFIG.replace(optimizer="sgd", lr_d=1.0, lr_g=1.0, loss="fgan_kl", steps=100_000)
    session = sessions(config)
    session.start()
    last = ended(session)
    assert last.status == "diverged"
    session.measure()
    assert session.measuring is None
    assert fresh_steps(session) == []
