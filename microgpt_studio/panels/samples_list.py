"""The numbered list of the Samples panel: as many columns as fit, copied whole."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from microgpt_studio.theme import current_theme

EMPTY = "(empty)"  # for a document of no characters: BOS was drawn at once
_SIZE = 12
_GAP = 20.0  # pixels between columns
_THEME_EVENTS = {QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange}


class SamplesList(QAbstractScrollArea):
    """Samples in the order in which they were drawn, numbered from 1, line after line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._documents: tuple[str, ...] = ()
        self._places: tuple[int, float, float] | None = None  # columns, their width, height of a line
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("samples")
        self.copy_action = QAction("Copy all", self)
        self.copy_action.setShortcut(QKeySequence.StandardKey.Copy)
        self.copy_action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.copy_action.triggered.connect(self.copy_all)
        self.addAction(self.copy_action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def show_documents(self, documents: Sequence[str]) -> None:
        """Show these, each as it was drawn."""
        self._documents = tuple(documents)
        self.copy_action.setEnabled(bool(documents))
        self.verticalScrollBar().setValue(0)
        self._forget()

    @property
    def lines(self) -> list[str]:
        """What the list says, numbers included."""
        digits = len(str(len(self._documents)))
        return [f"{i:{digits}}  {document or EMPTY}" for i, document in enumerate(self._documents, start=1)]

    @property
    def columns(self) -> int:
        """How many samples stand side by side."""
        return self._layout()[0]

    def copy_all(self) -> None:
        """Put all documents on the clipboard, one a line, without numbers."""
        if self._documents:
            QGuiApplication.clipboard().setText("\n".join(self._documents))

    def _layout(self) -> tuple[int, float, float]:
        if self._places is None:
            metrics = QFontMetricsF(current_theme().number_font(_SIZE))
            widest = max((metrics.horizontalAdvance(line) for line in self.lines), default=0.0)
            columns = max(int((self.viewport().width() + _GAP) // (widest + _GAP)), 1)
            self._places = columns, widest + _GAP, float(round(metrics.height() + 2.0))
        return self._places

    def _forget(self) -> None:
        self._places = None
        columns, _, height = self._layout()
        bar = self.verticalScrollBar()
        lines = -(-len(self._documents) // columns)
        bar.setRange(0, max(round(lines * height) - self.viewport().height(), 0))
        bar.setPageStep(max(self.viewport().height(), 1))
        bar.setSingleStep(round(height))
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(240, 150)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, round(1.5 * self._layout()[2]))  # that there is more is seen

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        columns, width, height = self._layout()
        painter = QPainter(self.viewport())
        painter.setFont(theme.number_font(_SIZE))
        metrics = QFontMetricsF(painter.font())
        digits = len(str(len(self._documents)))
        indent = metrics.horizontalAdvance("0") * (digits + 2)
        scrolled = self.verticalScrollBar().value()
        first = int(scrolled // height) * columns
        last = (int((scrolled + self.viewport().height()) // height) + 1) * columns
        room = min(width - _GAP, self.viewport().width()) - indent
        for i, document in enumerate(self._documents[first:last], start=first):
            x = i % columns * width
            y = i // columns * height - scrolled + metrics.ascent() + 1.0
            painter.setPen(QColor(theme.palette.muted))
            painter.drawText(QPointF(x, y), f"{i + 1:{digits}}")
            text = metrics.elidedText(document or EMPTY, Qt.TextElideMode.ElideRight, room + 1.0)
            painter.setPen(QColor(theme.palette.text if document else theme.palette.muted))
            painter.drawText(QPointF(x + indent, y), text)
        if self.hasFocus() and self._documents:
            painter.setPen(QColor(theme.palette.faint))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._forget()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _THEME_EVENTS and self.viewport() is not None:
            self._forget()
