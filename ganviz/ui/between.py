"""From page to page: what a tab shows is kept, though its address is another page's."""

from collections.abc import Sequence

import streamlit as st

TRAIN = "ganviz/ui/pages/train.py"
COMPARE = "ganviz/ui/pages/compare.py"

_PAGE = "page"


def arrived(page: str) -> bool:
    """Note that this tab shows `page`; whether it came from another one."""
    before = st.session_state.get(_PAGE)
    st.session_state[_PAGE] = page
    return before is not None and before != page


def train(runs: Sequence[str]) -> None:
    """Turn to the Train page with these runs, the last of which leads."""
    *others, lead = runs
    beside = {"runs": ",".join(others)} if others else {}
    st.switch_page(TRAIN, query_params={"run": lead, **beside})
