"""What stands around the table of breakpoints: the page when there are none, and the room of the editor."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import AddressLink, EmptyState

EXAMPLE = "loss < 2.5"
_WAITING = "Breakpoints can be made as soon as there is a session."
_EMPTY = "A run stops where you say: at a scalar, a line, a scope, an update, a document, or when a condition holds, as"


class EmptyPage(QWidget):
    """Says what one can do here, with an example to begin with."""

    wanted = Signal(object)  # str: the condition of the example

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = EmptyState(_WAITING)
        self.example = AddressLink(EXAMPLE)
        self.example.setToolTip(f"Begin a breakpoint with the condition {EXAMPLE}")
        self.example.activated.connect(self.wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(self._state)
        column.addWidget(self.example, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def set_ready(self, ready: bool) -> None:
        """Whether there is a session."""
        self._state.set_sentence(_EMPTY if ready else _WAITING)
        self.example.setVisible(ready)
        self._fit()

    def _fit(self) -> None:
        """Let the sentence be no higher than it is, so that the example follows it."""
        theme = current_theme()
        width = min(self.width() - 32, theme.scaled(320))
        box = QRectF(0.0, 0.0, max(width, 1), 1e6)
        flags = int(Qt.TextFlag.TextWordWrap)
        text = metrics_of(theme.text_font()).boundingRect(box, flags, self._state.sentence)
        self._state.setFixedHeight(round(text.height()) + 12)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class EditorArea(QScrollArea):
    """As high as its form, or less: then the form can be scrolled."""

    grown = Signal()  # the form has become higher or lower

    def __init__(self, form: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._form = form
        self._height = 0
        self.setWidget(form)
        form.installEventFilter(self)
        self.fill(False)
        self.hide()

    def fill(self, filling: bool) -> None:
        """Whether it takes all the room there is."""
        policy = QSizePolicy.Policy.Expanding if filling else QSizePolicy.Policy.Maximum
        self.setSizePolicy(QSizePolicy.Policy.Expanding, policy)

    def sizeHint(self) -> QSize:
        return self._form.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(self._form.minimumSizeHint().width(), 32)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            height = self._form.sizeHint().height()
            if height != self._height:
                self._height = height
                self.updateGeometry()
                self.grown.emit()
        return super().eventFilter(watched, event)
