"""The Search panel: finds scalars by their addresses and by their numbers."""

from microgpt_studio.panels.search.search_panel import SearchPanel

__all__ = ["SearchPanel"]
