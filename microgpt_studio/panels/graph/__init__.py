"""The Graph panel: the map of a document's whole graph."""

from microgpt_studio.panels.graph.graph_panel import GraphPanel
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.panels.graph.map_view import MapView

__all__ = ["GraphPanel", "MapLayout", "MapView"]
