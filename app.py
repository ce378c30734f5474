"""ganviz in the browser: `streamlit run app.py`."""

import streamlit as st

from ganviz.ui.text import PAGE_TITLE, TITLE

st.set_page_config(page_title=PAGE_TITLE, page_icon="⚖️", layout="wide")
st.navigation([st.Page("ganviz/ui/pages/train.py", title=TITLE, default=True)]).run()
