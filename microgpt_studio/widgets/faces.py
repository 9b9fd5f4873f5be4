"""Gives ready-made Qt widgets (labels, tables, editors) a face and size of the theme, now and after a switch."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QHeaderView, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import BODY


def use_number_font(widget: QWidget, size: int = BODY, *, bold: bool = False) -> None:
    """Monospaced, for numbers, addresses and code; `size` in pixels at text scale 1. The last call holds."""
    _Face.wear(widget, size, bold=bold, numbers=True)


def use_text_font(widget: QWidget, size: int = BODY, *, bold: bool = False) -> None:
    """The text face in another size or weight than the application's. The last call holds."""
    _Face.wear(widget, size, bold=bold, numbers=False)


class _Face(QObject):
    """Lives as the widget's child and sets its font again when the theme changes."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._size = BODY
        self._bold = False
        self._numbers = False
        widget.installEventFilter(self)

    @classmethod
    def wear(cls, widget: QWidget, size: int, *, bold: bool, numbers: bool) -> None:
        direct = widget.children()
        face = next((child for child in direct if isinstance(child, cls)), None) or cls(widget)
        face._size, face._bold, face._numbers = size, bold, numbers
        face._dress(widget)

    def _dress(self, widget: QWidget) -> None:
        theme = current_theme()
        make = theme.number_font if self._numbers else theme.text_font
        font = make(self._size, bold=self._bold)
        # A header paints in its viewport's font, to which a style sheet does not hand on that of the header.
        for each in (widget, widget.viewport()) if isinstance(widget, QHeaderView) else (widget,):
            if font != each.font():  # setting a font restyles the widget, which would come back here
                each.setFont(font)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        if event.type() == QEvent.Type.StyleChange and isinstance(watched, QWidget):
            self._dress(watched)
        return False
