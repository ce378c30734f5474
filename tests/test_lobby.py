"""The registry of live runs: orphans, and what is let go."""

import time

from ganviz import RunConfig, Session
from ganviz.session.lobby import KEPT, ORPHAN_SECONDS, Runs

CONFIG = RunConfig(steps=1_000_000, width=4, batch_size=8)


class World:
    """Open tabs and a clock that a test moves."""

    def __init__(self) -> None:
        self.tabs: set[str] = set()
        self.now = 0.0
        self.runs = Runs(connected=self.tabs.__contains__, clock=lambda: self.now)


def test_orphan_is_stopped_after_thirty_seconds() -> None:
    world = World()
    world.tabs.add("one")
    session = Session(CONFIG)
    session.start()
    world.runs.add(session, "one")
    world.now = 1000.0
    world.runs.stop_orphans()
    assert session.live
    world.tabs.clear()
    world.now += ORPHAN_SECONDS - 1
    world.runs.stop_orphans()
    assert session.live
    world.now += 2
    world.runs.stop_orphans()
    assert not session.live
    assert session.status == "stopped"
    assert world.runs.get(session.id) is session


def test_tab_that_comes_back_keeps_its_run() -> None:
    world = World()
    world.tabs.add("one")
    session = Session(CONFIG)
    session.step()
    world.runs.add(session, "one")
    world.tabs.clear()
    for _ in range(3):
        world.now += ORPHAN_SECONDS - 1
        world.runs.stop_orphans()
        assert session.live
        world.runs.watch(session.id, "two")  # a reload: a new tab finds it by its address
    world.runs.clear()
    assert session.status == "stopped"


def test_a_run_that_its_tab_turned_away_from_is_stopped_unless_another_shows_it() -> None:
    world = World()
    world.tabs |= {"one", "two"}
    left, shared = Session(CONFIG), Session(CONFIG)
    for session in (left, shared):
        session.step()
        world.runs.add(session, "one")
    world.runs.watch(shared.id, "two")
    for session in (left, shared):
        world.runs.leave(session.id, "one")
    world.runs.stop_orphans()
    world.now += ORPHAN_SECONDS - 1
    world.runs.stop_orphans()
    assert left.live
    world.runs.watch(left.id, "one")  # Forward again
    world.now += 2
    world.runs.stop_orphans()
    assert left.live
    world.runs.leave(left.id, "one")
    world.now += ORPHAN_SECONDS + 1
    world.runs.stop_orphans()
    assert (left.status, shared.live) == ("stopped", True)
    world.runs.clear()


def test_only_ended_runs_are_let_go_and_the_newest_of_them_kept() -> None:
    world = World()
    live = Session(CONFIG)
    live.step()
    world.runs.add(live, "tab")
    ended = []
    for _ in range(KEPT + 3):
        session = Session(CONFIG.replace(steps=1))
        session.start()
        while session.live:
            time.sleep(0.005)
        ended.append(session)
        world.runs.add(session, "tab")
    assert world.runs.get(live.id) is live
    assert world.runs.get(ended[0].id) is None
    assert world.runs.get(ended[-1].id) is ended[-1]
    world.runs.clear()
    assert world.runs.get(live.id) is None


def test_a_run_that_is_not_here_is_not_watched() -> None:
    world = World()
    session = Session(CONFIG)
    world.runs.watch(session.id, "one")
    world.runs.leave(session.id, "one")
    assert not world.runs._viewers
    assert not world.runs._seen
    world.runs.add(session, "one")
    world.runs.watch(session.id, "two")
    assert world.runs._viewers == {session.id: {"one", "two"}}
    world.runs.clear()


def test_a_run_is_watched_from_the_moment_it_is_kept() -> None:
    """The sweeper may look between a run's being kept and any later note of its tab."""
    world = World()
    world.tabs.add("one")
    world.runs.watch = lambda run, viewer: None  # type: ignore[method-assign]
    session = Session(CONFIG)
    world.runs.add(session, "one")
    world.runs.stop_orphans()
    assert world.runs.get(session.id) is session
    world.runs.clear()
