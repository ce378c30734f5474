"""The app without a browser: opens it, presses its buttons, reads its status."""

import time
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from ganviz import RunConfig, Session
from ganviz.ui import state

APP = Path(__file__).parents[1] / "app.py"


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def status(app: AppTest) -> str:
    """The two lines at the top."""
    return "\n".join(part.value for part in [*app.main.markdown, *app.main.caption])


def press(app: AppTest, button: str) -> AppTest:
    return app.button(key=button).click().run()


def ended(app: AppTest) -> AppTest:
    """Wait for the run of this tab to end, and look at it."""
    session = session_of(app)
    deadline = time.monotonic() + 30
    while session.live and time.monotonic() < deadline:
        time.sleep(0.02)
    session.stop()
    return app.run()


def controls(app: AppTest) -> dict[str, Any]:
    """Everything that can be set, by key."""
    kinds = (app.selectbox, app.checkbox, app.text_input, app.text_area)
    return {str(widget.key): widget for kind in kinds for widget in kind}


def pick(app: AppTest, key: str, value: str) -> AppTest:
    return app.selectbox(key=key).set_value(value).run()


def fill(app: AppTest, key: str, value: float | str) -> AppTest:
    """Type a number."""
    return app.text_input(key=key).set_value(str(value)).run()


def said(app: AppTest) -> str:
    """The small print in the sidebar."""
    return "\n".join(caption.value for caption in app.sidebar.caption)


def tab_of(app: AppTest) -> state.Tab:
    """What the page keeps."""
    tab: state.Tab = app.session_state[state.KEY]
    return tab


def session_of(app: AppTest) -> Session:
    """The run of this tab."""
    session = tab_of(app).session
    assert session is not None
    return session


def config_of(app: AppTest) -> RunConfig:
    return session_of(app).config
