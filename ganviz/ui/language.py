"""The language that the page speaks."""

from ganviz.say import SOURCE


def spoken() -> str:
    """Of this tab."""
    return SOURCE
