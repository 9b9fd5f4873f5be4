"""Samples: new documents from the parameters of a moment, many at once, or one of them token by token."""

from microgpt_studio.panels.samples.samples_panel import SamplesPanel

__all__ = ["SamplesPanel"]
