"""The Stream panel: the residual stream from stage to stage, what each stage would predict, and the MLP's units."""

from microgpt_studio.panels.stream.stream_panel import StreamPanel

__all__ = ["StreamPanel"]
