"""The map's footer: which moment is shown, what is pointed at, and what the colours stand for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from microgpt_studio.theme import Scale, current_theme
from microgpt_studio.widgets.color_scale import ColorScale
from microgpt_studio.widgets.wordings import Wordings

_PADDING = 8
_HATCHED = "no number"  # where there is no room for the reason
_NARROWEST = 240  # pixels at text scale 1
_ONE_ROW_FROM = 560  # pixels at text scale 1
_LEGEND_SHARE = 0.5  # of the width, at most


class Footer(QWidget):
    """The lines; at their right, or below them, the legend, of whose wordings the longest is shown that fits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = Wordings(self)
        self.legend = ColorScale(self)
        self._captions: tuple[str, ...] = ()
        self._hatched = self._note = ""
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(_PADDING, 4, _PADDING, 4)
        self._row.addWidget(self.lines, 1)
        self._row.addWidget(self.legend)

    def show_scale(
        self, scale: Scale, captions: Sequence[str], hatched: str, *, note: str = "", whole: bool = False
    ) -> None:
        """What the colours and the hatching stand for; of the captions the longest first. `whole`: it counts.

        A note is said in the tool tip alone.
        """
        now = scale, tuple(captions), hatched, note, whole
        if now != (self.legend.scale, self._captions, self._hatched, self._note, self.legend.whole):
            self._captions, self._hatched, self._note = tuple(captions), hatched, note
            self.legend.set_scale(scale, whole=whole)
            lines = captions[0], f"hatched: {hatched}" if hatched else "", note
            self.legend.setToolTip("\n".join(filter(None, lines)))
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
        if wordings:  # measured before one is said: to say it has everything laid out anew
            fitting = (words for words in wordings if self.legend.width_with(*words) <= room)
            self.legend.set_words(*next(fitting, wordings[-1]))
