"""The map's footer: which moment is shown, what is pointed at, and what the colours stand for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from microgpt_studio.theme import Scale, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.color_scale import ColorScale
from microgpt_studio.widgets.themed import ThemedWidget

_PADDING = 8
_HATCHED = "no number"  # where there is no room for the reason
_NARROWEST = 240  # pixels at text scale 1
_ONE_ROW_FROM = 560  # pixels at text scale 1
_LEGEND_SHARE = 0.5  # of the width, at most


class Lines(ThemedWidget):
    """Two lines of small text; of each the longest of its wordings that fits, elided where none does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[tuple[str, ...], ...] = ((), ())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def texts(self) -> tuple[str, str]:
        """The longest wordings."""
        first, second = ((line or ("",))[0] for line in self._lines)
        return first, second

    def set_line(self, line: int, *wordings: str) -> None:
        """Show this in a line, longest wording first."""
        if wordings != self._lines[line]:
            lines = list(self._lines)
            lines[line] = wordings
            self._lines = tuple(lines)
            self.setToolTip("\n".join(text for text in self.texts if text))
            self.update()

    def sizeHint(self) -> QSize:
        height = sum(QFontMetricsF(font).height() for font in self._fonts())
        return QSize(current_theme().scaled(320), round(height) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = current_theme().palette
        painter = QPainter(self)
        y = 0.0
        for wordings, font, color in zip(self._lines, self._fonts(), (palette.muted, palette.text), strict=True):
            metrics = QFontMetricsF(font)
            painter.setFont(font)
            painter.setPen(QColor(color))
            fitting = (text for text in wordings if metrics.horizontalAdvance(text) <= self.width())
            text = next(fitting, wordings[-1] if wordings else "")
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(QPointF(0.0, y + metrics.ascent()), text)
            y += metrics.height() + 2.0

    @staticmethod
    def _fonts() -> tuple[QFont, QFont]:
        theme = current_theme()
        return theme.text_font(SMALL), theme.number_font(SMALL)


class Legend(ColorScale):
    """A legend that can count: its ends are whole numbers then, with all their digits."""

    whole = False

    def _ticks(self) -> list[tuple[float, str]]:
        return [(0.0, "0"), (1.0, f"{self.scale.limit:,.0f}")] if self.whole else super()._ticks()


class Footer(QWidget):
    """The lines; at their right, or below them, the legend, of whose wordings the longest is shown that fits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = Lines(self)
        self.legend = Legend(self)
        self._captions: tuple[str, ...] = ()
        self._hatched = ""
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(_PADDING, 4, _PADDING, 4)
        self._row.addWidget(self.lines, 1)
        self._row.addWidget(self.legend)

    def show_scale(self, scale: Scale, captions: Sequence[str], hatched: str, *, whole: bool = False) -> None:
        """What the colours and the hatching stand for; of the captions the longest first. `whole`: it counts."""
        now = scale, tuple(captions), hatched, whole
        if now != (self.legend.scale, self._captions, self._hatched, self.legend.whole):
            _, self._captions, self._hatched, self.legend.whole = now
            self.legend.set_scale(scale)
            self.legend.setToolTip("\n".join((captions[0], f"hatched: {hatched}") if hatched else captions[:1]))
            self._choose_wording()

    def minimumSizeHint(self) -> QSize:
        return QSize(current_theme().scaled(_NARROWEST), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # after text has another size, too
            self._arrange()
        return super().event(event)

    def _arrange(self) -> None:
        """Put the legend below the lines where they would take each other's room, whatever they say."""
        directions = QBoxLayout.Direction
        narrow = self.width() < current_theme().scaled(_ONE_ROW_FROM)
        direction = directions.TopToBottom if narrow else directions.LeftToRight
        spacing = 2 if narrow else 2 * _PADDING
        if (direction, spacing) != (self._row.direction(), self._row.spacing()):  # setting asks for another layout
            self._row.setDirection(direction)
            self._row.setSpacing(spacing)
        self._choose_wording()

    def _choose_wording(self) -> None:
        narrow = self._row.direction() is QBoxLayout.Direction.TopToBottom
        room = self.width() - 2 * _PADDING if narrow else _LEGEND_SHARE * self.width()
        hatched = dict.fromkeys((self._hatched, self._hatched.replace(" the graph", "")))
        wordings = [(caption, reason) for caption in self._captions for reason in hatched]
        if self._hatched:  # rather a short caption than no reason
            wordings += [(caption, _HATCHED) for caption in self._captions]
        for caption, reason in wordings:
            self.legend.set_quantity(caption)
            self.legend.set_hatched_text(reason)
            if self.legend.sizeHint().width() <= room:
                return
