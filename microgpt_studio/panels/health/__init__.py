"""The Health panel: figures that tell whether training is well, each with its history."""

from microgpt_studio.panels.health.health_panel import HealthPanel

__all__ = ["HealthPanel"]
