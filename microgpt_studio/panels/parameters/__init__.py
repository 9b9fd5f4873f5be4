"""The Parameters panel: every matrix as a heatmap, as histograms, and as histograms over the whole training."""

from microgpt_studio.panels.parameters.parameters_panel import ParametersPanel

__all__ = ["ParametersPanel"]
