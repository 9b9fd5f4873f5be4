"""The Scalars panel: a table of all scalars of a scope with their numbers."""

from microgpt_studio.panels.scalars.scalars_panel import ScalarsPanel

__all__ = ["ScalarsPanel"]
