"""Runs that go on by themselves: `Session` takes commands, its worker trains and measures."""

from ganviz.session.past import Past
from ganviz.session.places import Places
from ganviz.session.session import SHARE, Session

__all__ = ["SHARE", "Past", "Places", "Session"]
