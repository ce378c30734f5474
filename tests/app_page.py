"""The app without a browser: opens it, presses its buttons, reads its status."""

import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

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
    app.session_state["presses"] = {}  # a test presses faster than the guard against echoes allows
    return app.button(key=button).click().run()


def ended(app: AppTest) -> AppTest:
    """Wait for the run of this tab to end, and look at it."""
    (session,) = [s for s in map(state.RUNS.get, app.session_state["runs"].values()) if s]
    deadline = time.monotonic() + 30
    while session.live and time.monotonic() < deadline:
        time.sleep(0.02)
    session.stop()
    return app.run()
