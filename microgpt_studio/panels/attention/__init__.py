"""The Attention panel: every layer's heads as heatmaps of queries and keys, and one of them term by term."""

from microgpt_studio.panels.attention.attention_panel import AttentionPanel

__all__ = ["AttentionPanel"]
