"""The Probe panel: what the model makes of any text, without training on it."""

from microgpt_studio.panels.probe.probe_panel import ProbePanel

__all__ = ["ProbePanel"]
