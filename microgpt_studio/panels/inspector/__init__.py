"""The Inspector: one scalar, what it was made from, and which contributions made its gradient."""

from microgpt_studio.panels.inspector.inspector_panel import EMPTY, InspectorPanel

__all__ = ["EMPTY", "InspectorPanel"]
