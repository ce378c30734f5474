"""What leaves ganviz: a run in a format that others read."""

from ganviz.formats.export import FORMATS, export

__all__ = ["FORMATS", "export"]
