"""Runs that go on by themselves: `Session` takes commands, its worker trains and measures."""

from ganviz.session.session import SHARE, Session

__all__ = ["SHARE", "Session"]
