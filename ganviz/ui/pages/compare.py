"""The Compare page: a table of kept runs, and those that are picked drawn together."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from ganviz.charts import CHARTS
from ganviz.charts.along import X_TITLES, Along
from ganviz.charts.cast import SAYS_WHO, Cast, draw
from ganviz.config.naming import SEEDS, differences, label_of
from ganviz.say import Text, say, speaking
from ganviz.snapshot import LIVE, STATUSES, Snapshot
from ganviz.store import KeptRun, Store, StoreError
from ganviz.ui import between, compared, kept, language, manage, text
from ganviz.ui.text import compare as words

PICKED = "compared"
"""Under which the ids of the picked runs are kept."""

REFRESH_SECONDS = 2.0
"""Between two looks at picked runs that go on."""

MOST_WAITING = 8
"""Rows of the table that are seen at once."""


def main() -> None:
    """Draw the page."""
    between.arrived("compare")
    store = kept.store()
    if said := kept.trouble():
        st.warning(text.plain(said))
    if store is None:
        return
    try:
        _draw(store)
    except StoreError as error:
        st.error(text.plain(error.message))


def _draw(store: Store) -> None:
    every = store.runs()
    if not every:
        st.info(str(words.NO_RUNS))
        manage.undo(store)
        manage.storage(store, every)
        return
    _adopt_address()
    _pick(every)
    picked = _picked(every)
    manage.acts(store, picked)
    if picked:
        goes_on = any(run.status in LIVE for run in picked)
        st.fragment(_draw_picked, run_every=REFRESH_SECONDS if goes_on else None)(
            [run.id for run in picked]
        )
    else:
        st.info(str(words.PICK))
        _draw_chart(SAYS_WHO, {}, Cast())
    manage.storage(store, every)


def _adopt_address() -> None:
    """Pick what the address names, where it was opened or turned to."""
    asked = [run for run in st.query_params.get("runs", "").split(",") if run]
    if st.session_state.get("compare_address") != asked:
        st.session_state["compare_address"] = asked
        st.session_state[PICKED] = asked


def _say_address(picked: list[str]) -> None:
    st.session_state["compare_address"] = picked
    if picked:
        st.query_params["runs"] = ",".join(picked)
    else:
        st.query_params.pop("runs", None)


def _pick(every: list[KeptRun]) -> None:
    """The table, with what finds runs in it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(str(words.SEARCH), key="search", help=str(words.SEARCH_HELP))
        statuses = st.multiselect(str(words.STATUS), STATUSES, key="statuses")
    shown = compared.found(every, search, statuses)
    frame = compared.table(shown)
    ids = [run.id for run in shown]
    picked = st.session_state.get(PICKED, [])
    key = f"table_{hash(tuple(ids)) & 0xFFFFFFFF:x}"
    with st.container(key="compare_table"):
        st.dataframe(
            frame,
            key=key,
            hide_index=True,
            height=38 + 35 * min(max(len(ids), 1), MOST_WAITING),
            column_config=_columns(),
            on_select=partial(_select, key, ids),
            selection_mode="multi-row",
            selection_default={
                "selection": {"rows": [ids.index(run) for run in picked if run in ids]}
            },
        )


def _columns() -> dict[str, Any]:
    config = st.column_config
    made: dict[str, Any] = {
        name: config.Column(say(label)) for name, label in words.COLUMNS.items()
    }
    made["created"] = config.DatetimeColumn(say(words.COLUMNS["created"]), format="distance")
    for name in ("value", "error"):
        made[name] = config.NumberColumn(say(words.COLUMNS[name]), format="%.3f")
    made["tags"] = config.ListColumn(say(words.COLUMNS["tags"]))
    return made


def _select(key: str, ids: list[str]) -> None:
    """The selection was changed: of what the table does not show, all stays picked."""
    rows = st.session_state[key]["selection"]["rows"]
    before = st.session_state.get(PICKED, [])
    now = [ids[row] for row in rows if row < len(ids)]
    picked = [run for run in before if run in now or run not in ids]
    picked += [run for run in now if run not in picked]
    st.session_state[PICKED] = picked
    _say_address(picked)


def _picked(every: list[KeptRun]) -> list[KeptRun]:
    by_id = {run.id: run for run in every}
    return [by_id[run] for run in st.session_state.get(PICKED, []) if run in by_id]


def _draw_picked(ids: list[str]) -> None:
    """The picked runs: charts, what differs, and quality."""
    with speaking(language.spoken()):
        runs = [run for run in map(kept.found, ids) if run is not None]
        moments = {run.id: run.latest for run in runs}
        seen = {run: moment for run, moment in moments.items() if moment is not None}
        by, along = _choices(runs)
        sets, called = compared.groups(runs, by)
        names = compared.names(runs) | called
        cast = Cast(names=names, groups=sets, x=along)
        _draw_tables(runs, seen, names, sets)
        _draw_charts(seen, cast)


def _choices(runs: list[KeptRun]) -> tuple[str | None, Along]:
    """How to group, and along what."""
    fields = list(differences(compared.configs(runs)))
    labels: dict[str | None, Text] = {None: words.NO_GROUPS, SEEDS: words.BY_SEEDS}
    labels |= {name: label_of(name) for name in fields}
    with st.container(horizontal=True):
        by = st.selectbox(
            str(words.GROUP_BY),
            list(labels),
            format_func=lambda name: say(labels.get(name, str(name))),
            key="group_by",
            help=str(words.GROUP_HELP),
        )
        along = st.segmented_control(
            str(words.X_AXIS),
            list(X_TITLES),
            format_func=lambda x: say(X_TITLES[x]),
            default="iteration",
            required=True,
            key="x_axis",
        )
    return by, along


def _draw_tables(
    runs: Sequence[KeptRun],
    seen: Mapping[str, Snapshot],
    names: Mapping[str, Text],
    sets: Mapping[str, Sequence[str]],
) -> None:
    """What differs, and quality at the end."""
    left, right = st.columns(2)
    with left, st.container(key="differs"):
        st.markdown(f"**{words.DIFFERS}**")
        frame = compared.what_differs(runs)
        if frame.empty:
            st.caption(str(words.SAME))
        else:
            st.dataframe(frame, key="differs_table")
    with right, st.container(key="final_quality"):
        st.markdown(f"**{words.QUALITY}**", help=str(words.QUALITY_HELP))
        frame = compared.quality(seen, names, sets)
        if frame.empty:
            st.caption(str(words.NO_QUALITY))
        else:
            st.dataframe(frame, key="quality_table")


def _draw_charts(seen: dict[str, Snapshot], cast: Cast) -> None:
    """The charts over iterations: V with its legend, which names the runs for all, then the others
    two side by side."""
    over_time = [name for name, entry in CHARTS.items() if entry.facts["over_iterations"]]
    _draw_chart(SAYS_WHO, seen, cast)
    columns = st.columns(2)
    for place, name in enumerate(name for name in over_time if name != SAYS_WHO):
        with columns[place % 2]:
            _draw_chart(name, seen, cast)


def _draw_chart(name: str, seen: dict[str, Snapshot], cast: Cast) -> None:
    with st.container(key=f"chart_{name}", border=True):
        st.markdown(f"**{say(CHARTS[name].facts['title'])}**")
        figure = draw(name, seen, cast).figure()
        figure.update_layout(height=340, legend={"y": -0.25, "yanchor": "top"})
        st.plotly_chart(figure, key=f"plot_{name}", config={"displaylogo": False})


with speaking(language.spoken()):
    main()
