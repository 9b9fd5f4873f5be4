"""The line above a mosaic: way back, choices, legend; two lines when it is narrow."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from microgpt_studio.theme import Icon, current_theme, icon

_MARGIN = 8
_GAP = 8


class MosaicHeader(QWidget):
    """Choices at the left, legends at the right or below. The button back is there only while one tile is alone."""

    def __init__(self, choices: Sequence[QComboBox], legends: Sequence[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.back = QToolButton()
        self.back.setToolTip("All matrices (Esc)")
        self.back.setAccessibleName("All matrices")
        self.back.hide()
        self._widgets = (self.back, *choices, *legends)
        self._choices, self._legends = QHBoxLayout(), QHBoxLayout()
        self._choices.addWidget(self.back)
        for choice in choices:
            self._choices.addWidget(choice)
        self._choices.addStretch(1)
        for legend in legends:
            self._legends.addWidget(legend)
        for row in (self._choices, self._legends):
            row.setSpacing(_GAP)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(_MARGIN, _MARGIN // 2, _MARGIN, 0)
        self._box.setSpacing(_GAP)
        self._box.addLayout(self._choices)
        self._box.addLayout(self._legends, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._dress()

    def set_alone(self, alone: bool) -> None:
        """Whether one tile is shown alone."""
        self.back.setVisible(alone)
        self.reflow()

    def reflow(self) -> None:
        """Put the legends beside the choices or below them, as the width allows."""
        # Asked one by one: a layout remembers a sum that is out of date until the event loop has run.
        widths = [widget.sizeHint().width() for widget in self._widgets if not widget.isHidden()]
        needed = sum(widths) + _GAP * len(widths) + 2 * _MARGIN
        beside = self.width() >= needed
        direction = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if direction != self._box.direction():
            self._box.setDirection(direction)
            self.updateGeometry()

    def _dress(self) -> None:
        self.back.setIcon(icon(Icon.BACK, current_theme().palette))

    def minimumSizeHint(self) -> QSize:
        wider = max(self._choices.minimumSize().width(), 0)
        return QSize(wider + 2 * _MARGIN, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.reflow()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._dress()
            self.reflow()
