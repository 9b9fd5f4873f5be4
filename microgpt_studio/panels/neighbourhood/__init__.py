"""The Neighbourhood panel: the selected scalar with its operands and consumers."""

from microgpt_studio.panels.neighbourhood.neighbourhood_panel import NeighbourhoodPanel

__all__ = ["NeighbourhoodPanel"]
