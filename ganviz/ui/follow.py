"""Two tabs on one run: each shows the values in force, whichever of them changed one."""

from typing import Any

from ganviz.config import LIVE_FIELDS
from ganviz.session import Session
from ganviz.ui.form import INSTRUMENTS, percent, put
from ganviz.ui.state import InForce, tab


def news(session: Session | None) -> dict[str, Any]:
    """Live settings of the shown run that were changed since this tab last noted them."""
    noted = tab().in_force
    if session is None or noted is None or session.id != noted.run:
        return {}
    held = _in_force(session)
    return {name: value for name, value in held.items() if value != noted.values[name]}


def note(session: Session, field: str) -> None:
    """Note that this tab itself has changed a setting: that is no news to it."""
    noted = tab().in_force
    if noted is not None and noted.run == session.id:
        values = {**noted.values, field: _in_force(session)[field]}
        tab().in_force = noted._replace(values=values)


def take_over(session: Session | None) -> None:
    """Put news into the form. Call it before the form is drawn."""
    if changed := news(session):
        put(changed)
    if session is not None:
        tab().in_force = InForce(session.id, _in_force(session))


def _in_force(session: Session) -> dict[str, Any]:
    current = session.current
    live = {name: getattr(current, name) for name in LIVE_FIELDS}
    return live | {INSTRUMENTS.name: percent(session.share)}
