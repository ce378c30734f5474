"""ganviz in the browser: `streamlit run app.py`."""

import streamlit as st

from ganviz.say import speaking
from ganviz.ui.between import COMPARE, TRAIN
from ganviz.ui.language import spoken
from ganviz.ui.text import PAGE_TITLE, TITLE
from ganviz.ui.text.compare import TITLE as COMPARE_TITLE

SIDEBAR = 332
"""Pixels: so wide that every preset and every label has one line."""

with speaking(spoken()):
    st.set_page_config(
        page_title=str(PAGE_TITLE), page_icon="⚖️", layout="wide", initial_sidebar_state=SIDEBAR
    )
    pages = [
        st.Page(TRAIN, title=str(TITLE), default=True),
        st.Page(COMPARE, title=str(COMPARE_TITLE), url_path="compare"),
    ]
st.navigation(pages, position="top").run()
