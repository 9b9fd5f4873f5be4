"""Questions: what the window asks a person for, in one place, so that a test can answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

CHECKPOINTS = "Checkpoints (*.safetensors);;All files (*)"
TEXTS = "Text files (*.txt);;All files (*)"
PICTURES = "Pictures (*.png)"
DRAWINGS = "SVG, PDF or PNG (*.svg *.pdf *.png)"
GRAPHS = "SVG, PDF, PNG or DOT (*.svg *.pdf *.png *.dot)"
TABLES = "Tables (*.csv)"

Ask = Callable[[QWidget, str, str, str], Path | None]  # (window, title, suggested name, filter) → file, or None


def ask_open(window: QWidget, title: str, _suggestion: str, file_filter: str) -> Path | None:
    """A file to read; None if the person thought better of it."""
    name, _ = QFileDialog.getOpenFileName(window, title, "", file_filter)
    return Path(name) if name else None


def ask_save(window: QWidget, title: str, suggestion: str, file_filter: str) -> Path | None:
    """A file to write; None if the person thought better of it."""
    name, _ = QFileDialog.getSaveFileName(window, title, suggestion, file_filter)
    return Path(name) if name else None
