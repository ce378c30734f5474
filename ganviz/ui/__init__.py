"""The browser app: the only place that imports streamlit."""
