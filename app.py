"""ganviz in the browser: `streamlit run app.py`."""

import streamlit as st

from ganviz.ui.text import PAGE_TITLE, TITLE

SIDEBAR = 332
"""Pixels: so wide that every preset and every label has one line."""

st.set_page_config(
    page_title=PAGE_TITLE, page_icon="⚖️", layout="wide", initial_sidebar_state=SIDEBAR
)
st.navigation([st.Page("ganviz/ui/pages/train.py", title=TITLE, default=True)]).run()
