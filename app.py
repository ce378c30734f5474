"""ganviz in the browser: `streamlit run app.py`."""

import streamlit as st

from ganviz.say import speaking
from ganviz.ui.language import spoken
from ganviz.ui.text import PAGE_TITLE, TITLE

SIDEBAR = 332
"""Pixels: so wide that every preset and every label has one line."""

with speaking(spoken()):
    st.set_page_config(
        page_title=str(PAGE_TITLE), page_icon="⚖️", layout="wide", initial_sidebar_state=SIDEBAR
    )
    pages = [st.Page("ganviz/ui/pages/train.py", title=str(TITLE), default=True)]
st.navigation(pages).run()
