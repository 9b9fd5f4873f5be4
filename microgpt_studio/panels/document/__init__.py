"""The Document panel: for each position of the current document, what the model predicts and what it should."""

from microgpt_studio.panels.document.document_panel import DocumentPanel

__all__ = ["DocumentPanel"]
