"""The queue: at most so many runs train at once, the oldest that waits is next."""

import time
from collections.abc import Iterator

import pytest

from ganviz import RunConfig, Session
from ganviz.session import Places
from ganviz.session.places import Place, cores
from tests.test_session import until

LONG = RunConfig(width=8, depth=1, batch_size=16, steps=10_000_000)


@pytest.fixture
def sessions() -> Iterator[list[Session]]:
    places = Places(2)
    made = [Session(LONG, share=0.0, places=places) for _ in range(4)]
    yield made
    for session in made:
        session.stop()


def statuses(sessions: list[Session]) -> list[str]:
    return [session.status for session in sessions]


def test_places_are_taken_and_left_in_order() -> None:
    places, called = Places(1), []
    for run in "abc":
        places.ask(run, lambda run=run: called.append(run))  # type: ignore[misc]
    places.ask("a", lambda: called.append("twice"))
    assert (called, places.holds("a"), places.position("b"), places.position("c")) == (
        ["a"],
        True,
        1,
        2,
    )
    places.leave("b")
    assert (places.position("c"), places.waiting) == (1, 1)
    places.leave("a")
    assert called == ["a", "c"]
    assert places.holds("c")
    places.ask("d", lambda: called.append("d"))
    places.most = 2
    assert called[-1] == "d"
    with pytest.raises(ValueError, match="most must be at least 1, got 0"):
        places.most = 0
    assert Places().most == cores()


def test_without_a_queue_there_is_always_a_place() -> None:
    place = Place(None, "a", lambda: None)
    place.ask()
    assert place.held
    assert place.position is None
    place.leave()


def test_further_runs_wait_and_begin_when_one_ends(sessions: list[Session]) -> None:
    for session in sessions:
        session.start()
    assert statuses(sessions) == ["running", "running", "queued", "queued"]
    assert [session.position for session in sessions] == [None, None, 1, 2]
    until(lambda: all(s.latest is not None for s in sessions))
    waiting = sessions[2].latest
    assert waiting is not None
    assert (waiting.step, waiting.status) == (0, "queued")
    time.sleep(0.2)
    assert sessions[2].latest is waiting  # nothing is trained
    sessions[0].stop()
    until(lambda: sessions[2].latest is not None and sessions[2].latest.step > 5)
    assert statuses(sessions) == ["stopped", "running", "running", "queued"]
    assert sessions[3].position == 1


def test_a_paused_run_gives_its_place_and_waits_for_one_again(sessions: list[Session]) -> None:
    for session in sessions[:3]:
        session.start()
    sessions[0].pause()
    until(lambda: sessions[2].status == "running")
    sessions[0].resume()
    assert statuses(sessions)[0] == "queued"
    step = sessions[0].latest.step if sessions[0].latest else 0
    sessions[1].stop()
    until(lambda: sessions[0].latest is not None and sessions[0].latest.step > step + 5)
    assert sessions[0].status == "running"


def test_a_queued_run_is_withdrawn_paused_or_stepped_by_hand(sessions: list[Session]) -> None:
    for session in sessions:
        session.start()
    sessions[2].stop()
    assert sessions[2].status == "stopped"
    assert sessions[3].position == 1
    sessions[3].pause()
    assert sessions[3].status == "paused"
    assert sessions[3].position is None
    sessions[3].step(3)  # a person's own steps need no place
    until(lambda: sessions[3].latest is not None and sessions[3].latest.step == 3)
    sessions[0].stop()
    time.sleep(0.1)
    assert sessions[3].status == "paused"


def test_a_run_that_fails_leaves_its_place() -> None:
    places = Places(1)
    bad = Session(LONG.replace(dataset="custom"), places=places)
    good = Session(LONG, share=0.0, places=places)
    bad.start()
    good.start()
    until(lambda: bad.status == "failed")
    until(lambda: good.latest is not None and good.latest.step > 5)
    good.stop()
