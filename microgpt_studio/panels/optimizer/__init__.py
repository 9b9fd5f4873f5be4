"""The Optimizer: Adam's update of a parameter, its past, its matrix, and the parameters that move most."""

from microgpt_studio.panels.optimizer.optimizer_panel import EMPTY, OptimizerPanel

__all__ = ["EMPTY", "OptimizerPanel"]
