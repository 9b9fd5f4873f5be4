"""Code view: one file with its gutter, marks and numbers; scrolls, and has a current line for mouse and keyboard."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from microgpt_studio.panels.source.code_layout import CodeLayout
from microgpt_studio.panels.source.code_painter import CodePainter
from microgpt_studio.panels.source.highlighting import CodeLine
from microgpt_studio.panels.source.marks import Arrow, Marks
from microgpt_studio.panels.source.reading import Reading
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.scrolled import Scrolled

_FIGURES = ("min", "max", "norm")
_CONTEXT = 2  # lines kept visible around one that is shown
_ARROW_WORDS = {
    Arrow.RUNNING: "runs next",
    Arrow.CALLING: "has called the line that runs next",
    Arrow.MADE: "made the scalar whose gradient is handed on next",
}


class CodeView(Scrolled):
    """Shows what it is given. A click in the gutter emits `toggled`, one on a line makes it current."""

    current_changed = Signal(object)  # the line, from 1 (int), by click or keyboard; None: none
    toggled = Signal(int)  # the line of whose breakpoint a click asks

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file = ""
        self._lines: tuple[CodeLine, ...] = ()
        self._numbered: AbstractSet[int] = frozenset()
        self._marks = Marks()
        self._readings: dict[int, Reading] = {}
        self._current: int | None = None
        self._hinted: int | None = None  # under the pointer, in the gutter
        self._with_numbers = True
        self._layout: CodeLayout | None = None
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # else the text breaks anew with it
        self.setAccessibleName("Source code")

    @property
    def current(self) -> int | None:
        """The current line, from 1."""
        return self._current

    @property
    def marks(self) -> Marks:
        """The marks that are shown."""
        return self._marks

    @property
    def readings(self) -> dict[int, Reading]:
        """The numbers that are shown, by line."""
        return self._readings

    def set_code(self, file: str, lines: tuple[CodeLine, ...], numbered: AbstractSet[int]) -> None:
        """Show a file from its top, with room for numbers at the numbered lines."""
        if (file, numbered) == (self._file, self._numbered):
            return
        if file != self._file:
            self._current = self._hinted = None
            self.verticalScrollBar().setValue(0)
        self._file, self._lines, self._numbered = file, lines, numbered
        self._readings = {}
        self._marks = Marks()
        self._relayout()
        self.setAccessibleName(f"Source code, {file}")

    def set_marks(self, marks: Marks) -> None:
        """Show these marks."""
        if marks != self._marks:
            self._marks = marks
            self.viewport().update()

    def set_readings(self, readings: dict[int, Reading]) -> None:
        """Show these numbers."""
        self._readings = readings
        self.viewport().update()

    def set_with_numbers(self, shown: bool) -> None:
        """Whether there is room for numbers at all."""
        if shown != self._with_numbers:
            self._with_numbers = shown
            self._relayout()

    def set_current(self, line: int | None) -> None:
        """Make a line the current one; emits nothing."""
        if line != self._current:
            self._current = line
            self.setAccessibleDescription(self._description(line))
            self.viewport().update()

    def show_line(self, line: int, last: int | None = None) -> None:
        """Scroll a line, or all up to the last, into view, and into the middle if they were out of it."""
        layout = self._geometry()
        if not 1 <= line <= (last or line) <= len(self._lines):
            return
        top, end = layout.place(line).top, layout.place(last or line)
        bar, height, tall = self.verticalScrollBar(), self._text_height(), end.top + end.height - top
        margin = min(_CONTEXT * layout.line_height, max(height - tall, 0.0) / 2)
        if top - margin < bar.value() or top + tall + margin > bar.value() + height:
            bar.setValue(round(top + min(tall, height) / 2 - height / 2))

    def line_rect(self, line: int) -> QRectF:
        """Where a line lies in the viewport."""
        place = self._geometry().place(line)
        return QRectF(0.0, place.top - self._offset(), self.viewport().width(), place.height)

    def tooltip(self, line: int, x: float) -> str:
        """What hovering over a line tells, at a distance from its left."""
        layout = self._geometry()
        if x < layout.columns.code:
            return self._gutter_tooltip(line)
        reading = self._readings.get(line)
        return reading.explanation() if reading is not None and self._with_numbers else ""

    def _gutter_tooltip(self, line: int) -> str:
        said = []
        for row in self._marks.breakpoints.get(line, ()):
            state = row.problem or ("enabled" if row.enabled else "disabled")
            said.append(f"Breakpoint {row.id}: {row.definition}, {state}, hits: {row.hits}")
        if (arrow := self._marks.arrows.get(line)) is not None:
            said.append(f"This line {_ARROW_WORDS[arrow]}")
        if line in self._marks.selected:
            said.append("This line made the selected scalar")
        if not said and line in self._marks.breakable:
            said.append("Click to set a breakpoint (F9)")
        return "\n".join(said)

    def _description(self, line: int | None) -> str:
        """For those who cannot see it: the line, its marks, its numbers."""
        if line is None:
            return ""
        words = [f"line {line}: {self._lines[line - 1].text.strip()}"]
        if line in self._marks.breakpoints or line in self._marks.arrows or line in self._marks.selected:
            words.append(self._gutter_tooltip(line))
        if line in self._readings:
            words.append(self._readings[line].explanation())
        return "\n".join(words)

    def _geometry(self) -> CodeLayout:
        if self._layout is None:
            width = float(self.viewport().width())
            numbers = self._with_numbers
            self._layout = CodeLayout(self._lines, self._numbered, width, current_theme(), numbers=numbers)
        return self._layout

    def _relayout(self) -> None:
        """Break the text anew; the line at the top stays there."""
        at_top = self._layout.line_at(self._offset() + self._header()) if self._layout is not None else None
        self._layout = None
        layout, bar = self._geometry(), self.verticalScrollBar()
        bar.setPageStep(max(int(self._text_height()), 1))
        bar.setSingleStep(int(layout.line_height))
        bar.setRange(0, max(0, round(layout.height + layout.line_height - self._text_height())))
        if at_top is not None and at_top <= len(self._lines):
            bar.setValue(round(layout.place(at_top).top))
        self.viewport().update()

    def _header(self) -> float:
        """Pixels above the text, for the names of the figures."""
        layout = self._geometry()
        return layout.number_height if self._with_numbers and layout.columns.digits and self._numbered else 0.0

    def _text_height(self) -> float:
        return max(self.viewport().height() - self._header(), 1.0)

    def _offset(self) -> float:
        """What is scrolled away, less what stands above the text."""
        return self.verticalScrollBar().value() - self._header()

    def _line_at(self, point: QPointF) -> int | None:
        if point.y() < self._header():
            return None
        return self._geometry().line_at(point.y() + self._offset())

    def _choose(self, line: int | None) -> None:
        """By the user."""
        if line != self._current:
            self.set_current(line)
            if line is not None:
                self.show_line(line)
            self.current_changed.emit(line)

    def _hint(self, line: int | None) -> None:
        if line != self._hinted:
            self._hinted = line
            self.viewport().update()

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(320), theme.scaled(400))

    def minimumSizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(160), theme.scaled(64))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._lines:
            return
        layout, theme, offset, header = self._geometry(), current_theme(), self._offset(), self._header()
        painter = QPainter(self.viewport())
        painter.setClipRect(QRectF(event.rect()).intersected(QRectF(0.0, header, self.viewport().width(), 1e5)))
        painter.translate(0.0, -offset)
        drawer = CodePainter(painter, layout, theme, float(self.viewport().width()))
        for line in layout.between(offset + header, offset + self.viewport().height()):
            drawer.draw_line(
                line,
                self._marks,
                self._readings.get(line) if self._with_numbers else None,
                current=line == self._current,
                focused=self.hasFocus(),
                hinted=line == self._hinted,
            )
        if header:
            painter.resetTransform()
            painter.setClipping(False)
            self._draw_header(painter, layout, header)

    def _draw_header(self, painter: QPainter, layout: CodeLayout, header: float) -> None:
        """The names of the figures, above their columns."""
        theme = current_theme()
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.muted))
        digits = layout.columns.digits
        names = _FIGURES[-len(digits) :]
        text = "".join(f" {name:>{width}}" for name, width in zip(names, digits, strict=True))
        painter.drawText(QPointF(layout.numbers_left + layout.columns.strip, layout.ascent - 1.0), text)
        painter.setPen(QPen(QColor(theme.palette.border), 1.0))
        painter.drawLine(QPointF(0.0, header - 0.5), QPointF(self.viewport().width(), header - 0.5))

    def theme_changed(self) -> None:
        if hasattr(self, "_layout"):
            self._relayout()
            self.updateGeometry()

    def pointer_left(self) -> None:
        self._hint(None)

    def tip_at(self, point: QPointF) -> str:
        line = self._line_at(point)
        return self.tooltip(line, round(point.x())) if line is not None else ""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        line = self._line_at(event.position())
        in_gutter = event.position().x() < self._geometry().columns.code
        self._hint(line if in_gutter and line in self._marks.breakable else None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        line = self._line_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or line is None:
            return
        if event.position().x() < self._geometry().columns.code:
            self.toggled.emit(line)
        else:
            self._choose(line)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            if self._current is not None:
                QGuiApplication.clipboard().setText(self._lines[self._current - 1].text)
            return
        key, last = event.key(), len(self._lines)
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -20, Qt.Key.Key_PageDown: 20}
        if event.modifiers() not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier) or not last:
            super().keyPressEvent(event)
        elif key in steps:
            self._choose(self._stepped(steps[Qt.Key(key)]))
        elif key == Qt.Key.Key_Home:
            self._choose(1)
        elif key == Qt.Key.Key_End:
            self._choose(last)
        elif key == Qt.Key.Key_Escape and self._current is not None:
            self._choose(None)
        else:
            super().keyPressEvent(event)

    def _stepped(self, step: int) -> int:
        if self._current is not None:
            return min(max(self._current + step, 1), len(self._lines))
        running = [line for line, arrow in self._marks.arrows.items() if arrow is Arrow.RUNNING]
        return min(running) if running else self._geometry().line_at(self._offset() + self._header()) or 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._relayout()
        if self._current is not None and event.size().height() < event.oldSize().height():
            self.show_line(self._current)  # the list of what it made takes its room below
