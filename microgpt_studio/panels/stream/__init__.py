"""The Stream panel: the residual stream from stage to stage, and what each stage would predict."""

from microgpt_studio.panels.stream.stream_panel import StreamPanel

__all__ = ["StreamPanel"]
