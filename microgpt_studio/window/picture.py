"""Pictures: what a widget shows, as a PNG file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QIODeviceBase, QSaveFile
from PySide6.QtWidgets import QWidget


def save_picture(widget: QWidget, path: Path) -> str | None:
    """Save what the widget shows, the whole file or none. Returns why that cannot be done, in one sentence."""
    file = QSaveFile(str(path))
    if not file.open(QIODeviceBase.OpenModeFlag.WriteOnly):
        return f"{path} cannot be written: {file.errorString()}; name another file"
    if not widget.grab().save(file, "PNG") or not file.commit():
        return f"{path} cannot be written: {file.errorString()}; name another file"
    return None
