"""Which part each run of a tab plays in the charts, what it is called, and what a change did."""

from collections.abc import Mapping, Sequence

from ganviz.charts.cast import Cast
from ganviz.config import RunConfig
from ganviz.config.naming import SEEDS, grouped, named, told_apart, without_seed
from ganviz.diagnosis.outcome import compared
from ganviz.runs import Run
from ganviz.say import Text
from ganviz.snapshot import LIVE, Snapshot
from ganviz.ui import showing, state, text
from ganviz.words.outcome import outcome_said


def called(runs: Mapping[str, Run], lead: str | None = None) -> dict[str, Text]:
    """Runs by what differs: from each other, or from the lead; else by their labels."""
    known = configs(runs)
    names = named(known, lead if lead in known else None) if len(known) > 1 else {}
    return told_apart(
        {
            run.id: run.label if run.label != run.id else names.get(run.id, text.THIS_RUN)
            for run in runs.values()
        },
        lead,
    )


def configs(runs: Mapping[str, Run]) -> dict[str, RunConfig]:
    """The settings of runs, of those whose settings are known."""
    found = {i: showing.settings_of(run) for i, run in runs.items()}
    return {i: config for i, config in found.items() if config is not None}


def cast(mine: "state.Tab") -> Cast:
    """The part that each run plays in the charts."""
    runs = mine.runs
    if len(runs) < 2:
        return Cast(lead=mine.shown)
    known = configs(runs)
    names = called(runs, mine.shown)
    groups = {ids: ids for ids in grouped(known, SEEDS).values() if len(ids) > 1}
    of_groups = {_group_key(ids): _without_seed(known, ids[0], mine.shown) for ids in groups}
    return Cast(
        lead=mine.shown,
        names={**names, **of_groups},
        groups={_group_key(ids): ids for ids in groups},
    )


def _group_key(ids: Sequence[str]) -> str:
    """Names a group, and no run."""
    return "+".join(ids)


def _without_seed(known: Mapping[str, RunConfig], run: str, lead: str | None) -> Text:
    """What the settings of a group are called beside those of the lead."""
    if lead is None or lead not in known:
        return text.THIS_RUN
    plain = {"lead": without_seed(known[lead]), "group": without_seed(known[run])}
    return named(plain, "lead")["group"]


def outcome(mine: "state.Tab") -> Text | None:
    """What the last change did: the shown run, with other seeds of it, against the one before."""
    runs, lead = mine.runs, mine.shown
    known = configs(runs)
    if lead not in known or len(known) < 2:
        return None
    sides = grouped({i: known[i] for i in known}, SEEDS)
    mine_side = next(ids for ids in sides.values() if lead in ids)
    others = [run for run in known if run not in mine_side]
    if not others:
        return None
    order = list(known)
    earlier = [run for run in others if order.index(run) < order.index(mine_side[0])]
    other = (earlier or others)[-1]
    other_side = next(ids for ids in sides.values() if other in ids)
    before, after = (_moments([runs[run] for run in side]) for side in (other_side, mine_side))
    if not before or not after:
        return None
    name = named({other: known[other], lead: known[lead]}, other)[lead]
    return outcome_said(compared(before, after), name)


def _moments(runs: Sequence[Run]) -> list[Snapshot]:
    """The newest moments: of several seeds those that are over, as soon as one is."""
    over = [run for run in runs if run.status not in ("idle", *LIVE)]
    return [run.latest for run in over or runs if run.latest is not None]
