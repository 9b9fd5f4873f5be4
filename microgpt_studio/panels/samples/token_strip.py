"""The tokens of a sample in a row: those that were read, the one that the step draws, and those still to come."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from microgpt_studio.debugger.sampling import SampleTrace
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.samples.words import END
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import ThemedWidget
from microgpt_studio.widgets.cells import draw_hatching
from microgpt_studio.widgets.number_text import full

_WIDEST, _NARROWEST = 28.0, 15.0  # pixels of a token at text scale 1
_HEIGHT = 21
_GAP = 2.0


class TokenStrip(ThemedWidget):
    """Token k was drawn in step k − 1; token 0 is the BOS that every document begins with. A click goes to a step."""

    chosen = Signal(int)  # step

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trace: SampleTrace | None = None
        self._step = 0
        self._description: Description | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_step(self, trace: SampleTrace | None, step: int, description: Description | None) -> None:
        """Show this step."""
        self._trace, self._step, self._description = trace, step, description
        self.setAccessibleName(f"tokens so far: {self.text}")
        self.update()

    @property
    def text(self) -> str:
        """The tokens that are there after the step."""
        return "".join(self._letter(token) for token in range(self._step + 2)) if self._trace is not None else ""

    def rect_of(self, token: int) -> QRectF:
        """Where a token stands; outside of the widget where there is no room for it."""
        width, seen = self._measures()
        return QRectF((token - seen.start) * width, 0.0, width - _GAP, self.height() - 1.0)

    def _count(self) -> int:
        return 0 if self._trace is None else self._trace.length + 1

    def _letter(self, token: int) -> str:
        assert self._trace is not None and self._description is not None
        which = self._trace.bos if token == 0 else int(self._trace.drawn[token - 1])
        return self._description.token_text(which)

    def _measures(self) -> tuple[float, range]:
        """Width of a token, and the tokens that are seen: the one that is drawn is never out of sight."""
        theme, count = current_theme(), max(self._count(), 1)
        narrowest, widest = theme.scaled(_NARROWEST), theme.scaled(_WIDEST)
        width = min(max(self.width() / count, narrowest), widest)
        room = max(int((self.width() + _GAP) / width + 1e-9), 1)
        first = min(max(self._step + 1 - room // 2, 0), max(count - room, 0))
        return width, range(first, min(first + room, self._count()))

    def _token_at(self, point: QPointF) -> int | None:
        width, seen = self._measures()
        token = int(point.x() // width) + seen.start
        return token if token in seen else None

    def description(self, token: int) -> str:
        """The tooltip of a token."""
        if self._trace is None or self._description is None:
            return ""
        if token == 0:
            return "token 0: BOS, with which every document begins"
        step = token - 1
        if step > self._step:
            return f"token {token}: not drawn yet; click to go there"
        letter = self._letter(token)
        end = f", {END}" if int(self._trace.drawn[step]) == self._trace.bos else ""
        p = float(self._trace.probs[step, self._trace.drawn[step]])
        return f"token {token}: “{letter}”{end}, drawn in step {token} of {self._trace.length}\nprobability {full(p)}"

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(200), theme.scaled(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(80), theme.scaled(_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._trace is None:
            return
        theme = current_theme()
        palette = theme.palette
        painter = QPainter(self)
        painter.setFont(theme.number_font())
        read, drawn = self._step, self._step + 1
        for token in self._measures()[1]:
            place = self.rect_of(token)
            if token > drawn:
                draw_hatching(painter, place, palette)
                painter.setPen(QColor(palette.border))
                painter.drawRect(place.adjusted(0.5, 0.5, -0.5, -0.5))
                continue
            painter.fillRect(place, QColor(palette.selected if token == drawn else palette.raised))
            color = palette.text if token in (read, drawn) else palette.muted
            painter.setPen(QColor(color))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self._letter(token))
            if token == read:  # a line below: it is what the step reads
                painter.fillRect(QRectF(place.left(), place.bottom() - 2.0, place.width(), 2.0), QColor(palette.text))
            if token == drawn:
                painter.setPen(QPen(QColor(palette.accent), 1.0))
                painter.drawRect(place.adjusted(0.5, 0.5, -0.5, -0.5))
        self._paint_ends(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(palette.faint), 1.0, Qt.PenStyle.DotLine))
            y, right = self.height() - 0.5, self.rect_of(self._count() - 1).right()
            painter.drawLine(QPointF(0.0, y), QPointF(min(right, self.width()), y))

    def _paint_ends(self, painter: QPainter) -> None:
        """Dots over the first or last token in sight, where there are more."""
        palette, (_, seen) = current_theme().palette, self._measures()
        painter.setPen(QColor(palette.muted))
        for there, token in ((seen.start > 0, seen.start), (seen.stop < self._count(), seen.stop - 1)):
            if there:
                place = self.rect_of(token)
                painter.fillRect(place, QColor(palette.surface))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "…")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        token = self._token_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and token is not None:
            self.chosen.emit(max(token - 1, 0))
        super().mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            token = self._token_at(event.pos().toPointF())
            QToolTip.showText(event.globalPos(), "" if token is None else self.description(token), self)
            return True
        return super().event(event)
