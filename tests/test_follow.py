"""Two tabs on one run, without a browser: each shows the values in force."""

import time
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from ganviz.ui import form, state
from tests.app_page import fill, opened, press, session_of


@pytest.fixture(autouse=True)
def no_runs() -> Iterator[None]:
    yield
    state.RUNS.clear()


def shown(app: AppTest) -> tuple[str | None, str | None]:
    return app.text_input(key="lr_g").value, app.text_input(key="instruments").value


@pytest.mark.parametrize("again", ["0.001", "0.004"])
def test_a_message_from_before_the_news_does_not_undo_them(
    again: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(steps="10000000", width="8")
    press(app, "step")
    monkeypatch.setattr(form, "ARRIVAL_SECONDS", 0.0)  # what Start put into the form is settled
    app.run()
    monkeypatch.undo()
    before = shown(app)
    assert before == ("0.001", "15")
    session = session_of(app)
    session.edit(lr_g=0.004)
    session.limit(0.3)
    app.run()
    assert shown(app) == ("0.004", "30")
    # This tab's browser had not heard of it when an edit of another field was sent.
    app.text_input(key="lr_g").set_value(again)
    app.text_input(key="instruments").set_value("15")
    fill(app, "width", 24)
    assert shown(app) == ("0.004", "30")
    assert (session.current.lr_g, session.share) == (0.004, 0.3)
    assert app.text_input(key="width").value == "24"


def test_what_is_typed_once_the_news_have_come_is_an_edit() -> None:
    app = opened(steps="10000000", width="8")
    press(app, "step")
    session = session_of(app)
    session.edit(lr_g=0.004)
    app.run()
    time.sleep(form.ARRIVAL_SECONDS)
    fill(app, "lr_g", 0.001)
    assert session.current.lr_g == 0.001
    assert shown(app)[0] == "0.001"
