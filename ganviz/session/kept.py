"""Sessions whose runs are kept: begun, gone on with, or branched off a kept one."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ganviz.columns import Columns
from ganviz.config import LIVE_FIELDS, RunConfig
from ganviz.resuming import last_step, resume
from ganviz.runs import Sink, new_id
from ganviz.say import Text, _
from ganviz.session.past import Past
from ganviz.session.places import Places
from ganviz.session.session import SHARE, Session
from ganviz.snapshot import CLOCK, Event, Snapshot
from ganviz.store import Birth, KeptRun, Store, StoreError, born
from ganviz.versions import versions
from ganviz.words import meaning


def judge(snapshot: Snapshot) -> Text:
    """What is said of a run at this moment."""
    return meaning(snapshot, snapshot.status)


def begun(
    store: Store | None,
    config: RunConfig,
    *,
    share: float = SHARE,
    places: Places | None = None,
    sinks: Iterable[Sink] = (),
) -> Session:
    """A new run that is kept from its start on; nothing is trained yet.

    Args:
        store: where; None: nowhere.
        config: the settings.
        share: see `Session`.
        places: the queue.
        sinks: told beside the store.
    """
    run = new_id()
    keepers: list[Sink] = []
    if store is not None:
        keepers = [store.keep(born(run, config.to_json(), versions=versions()), judge)]
    return Session(config, id=run, share=share, places=places, sinks=[*keepers, *sinks])


def continued(
    store: Store,
    run: str,
    *,
    share: float = SHARE,
    places: Places | None = None,
    sinks: Iterable[Sink] = (),
) -> Session:
    """A kept run that goes on under its own id, as if it had never been cut off.

    It is begun with `start`, which restores its last keyframe and makes the iterations after that
    once more.

    Args:
        store: where it is kept.
        run: its id.
        share, places, sinks: as for `begun`.

    Raises:
        KeyError: if it is not kept.
        StoreError: if somebody makes it at this moment, or it cannot go on: it has finished or
            diverged, or had parts of the caller's own.
    """
    kept = store.run(run)
    if why := cannot_continue(kept):
        raise StoreError(why)
    keeper = store.take_over(run, judge)
    kept = store.run(run)  # what another process has written until the lease was taken
    past = Past(
        begin=lambda: resume(kept, last_step(kept)),
        events=kept.events,
        clock=kept.latest.clock if kept.latest else None,
        parent=kept.parent,
    )
    config = RunConfig.from_json(kept.config_json)
    told = [keeper, *sinks]
    return Session(
        config, id=run, label=kept.label, past=past, share=share, places=places, sinks=told
    )


def cannot_continue(run: KeptRun) -> Text | None:
    """Why a run cannot go on as it is; None where it can."""
    if run.own:
        return _("Run {run} had data or networks of your own, which are not kept.", run=run.label)
    if run.status == "finished":
        return _("Run {run} has finished: a branch with more steps can go on.", run=run.label)
    if run.status == "diverged":
        return _(
            "Run {run} diverged at iteration {step:,}, and would again: a branch from before, with "
            "a setting changed, can go on.",
            run=run.label,
            step=run.step,
        )
    return None


def branched(
    store: Store,
    run: str,
    step: int | None = None,
    *,
    share: float = SHARE,
    places: Places | None = None,
    sinks: Iterable[Sink] = (),
    **changes: Any,
) -> Session:
    """A new run that leaves a kept one after iteration `step`, with some settings changed; it is
    kept too.

    Args:
        store: where it is kept.
        run: its id.
        step: where; None: at its last iteration, see `resume`.
        share, places, sinks: as for `begun`.
        changes: settings by name.

    Raises:
        KeyError: if the run is not kept.
        ConfigError: if a value is not valid.
        ValueError: if `step` is out of range.
    """
    parent = store.run(run)
    at = last_step(parent) if step is None else step
    birth = branch_birth(parent, at, changes)
    clock = parent.latest.clock if parent.latest else Columns.empty(CLOCK)
    past = Past(
        begin=lambda: resume(parent, at, **changes),
        events=birth.events,
        clock=Columns(np.stack([clock[n][clock["step"] <= at] for n in CLOCK], 1), CLOCK),
        parent=run,
    )
    config, told = RunConfig.from_json(birth.config_json), [store.keep(birth, judge), *sinks]
    return Session(config, id=birth.id, past=past, share=share, places=places, sinks=told)


def branch_birth(parent: KeptRun, step: int, changes: Mapping[str, Any]) -> Birth:
    """What is known of a run that leaves `parent` after iteration `step` with `changes`.

    Raises:
        ConfigError: if a value is not valid.
    """
    config = RunConfig.from_json(parent.config_json)
    config = config.replace(**{k: v for k, v in changes.items() if k not in LIVE_FIELDS})
    live = {name: value for name, value in changes.items() if name in LIVE_FIELDS}
    config.edited(**live)
    events = tuple(event for event in parent.events if event.step <= step)
    return born(
        new_id(),
        config.to_json(),
        versions=versions(),
        parent=parent.id,
        branched_at=step,
        history=parent.rows(step),
        events=events + tuple(Event(step, name, value) for name, value in live.items()),
    )
