"""The base of widgets that scroll down what they paint: repaints when theme, text size or keyboard focus change."""

from abc import abstractmethod

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QHelpEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from microgpt_studio.widgets.themed import THEME_EVENTS


class Scrolled(QAbstractScrollArea):
    """Paints its viewport itself, which shows whether the keyboard goes there, and tells what is pointed at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)

    def theme_changed(self) -> None:
        """Measure anew; may come before __init__ is done."""

    def pointer_left(self) -> None:
        """Nothing is pointed at any more."""

    @abstractmethod
    def tip_at(self, point: QPointF) -> str:
        """What hovering over a point of the viewport tells; empty for nothing."""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in THEME_EVENTS:
            self.theme_changed()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos().toPointF()), self.viewport())
            return True
        if event.type() == QEvent.Type.Leave:
            self.pointer_left()
        return super().viewportEvent(event)
