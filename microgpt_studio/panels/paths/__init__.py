"""The Paths panel: the ways on which gradient flows from the loss to the selected scalar."""

from microgpt_studio.panels.paths.paths_panel import PathsPanel

__all__ = ["PathsPanel"]
