"""The Source panel: the plain code, the line that runs, and the numbers that each line has made."""

from microgpt_studio.panels.source.source_panel import SourcePanel

__all__ = ["SourcePanel"]
