"""All about one step of a sample, in one, two or three columns: the draw, attention, and the cache."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from microgpt_studio.debugger.sampling import SampleTrace
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.samples.distribution import Distribution
from microgpt_studio.panels.samples.draw_bar import DrawBar
from microgpt_studio.panels.samples.memory import AttentionStrips, Cache
from microgpt_studio.panels.samples.words import step_text
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets.sentence import Sentence

_TWO_FROM, _THREE_FROM = 520, 940  # pixels of width, at text scale 1
_PLACES = {  # row, column, rows, columns of each part
    1: ((0, 0, 1, 1), (1, 0, 1, 1), (2, 0, 1, 1)),
    2: ((0, 0, 2, 1), (0, 1, 1, 1), (1, 1, 1, 1)),
    3: ((0, 0, 1, 1), (0, 1, 1, 1), (0, 2, 1, 1)),
}


class StepSheet(QWidget):
    """It is as high as it has to be: whoever shows it lets it scroll."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = Sentence()
        self.bar = DrawBar()
        self.distribution = Distribution()
        self.attention = AttentionStrips()
        self.cache = Cache()
        self._draw = QWidget()
        column = QVBoxLayout(self._draw)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.sentence)
        column.addWidget(self.bar)
        column.addWidget(self.distribution)
        column.addStretch(1)
        self._parts = (self._draw, self.attention, self.cache)
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._arrange()

    def show_step(
        self, trace: SampleTrace | None, step: int, temperature: float, description: Description | None
    ) -> None:
        """Show this step; nothing where there is no trace."""
        for part in self._parts:
            part.setVisible(trace is not None)
        self.sentence.say(step_text(trace, step, description) if trace is not None and description is not None else "")
        self.bar.show_step(trace, step, description)
        self.distribution.show_step(trace, step, temperature, description)
        self.attention.show_step(trace, step, description)
        self.cache.show_step(trace, step, description)

    @property
    def columns(self) -> int:
        """In how many columns its parts stand."""
        return self._columns

    def _arrange(self) -> None:
        theme = current_theme()
        columns = 1 + (self.width() >= theme.scaled(_TWO_FROM)) + (self.width() >= theme.scaled(_THREE_FROM))
        if columns == self._columns:
            return
        self._columns = columns
        for part in self._parts:
            self._grid.removeWidget(part)
        for part, place in zip(self._parts, _PLACES[columns], strict=True):
            self._grid.addWidget(part, *place)
        for col in range(3):
            self._grid.setColumnStretch(col, int(col < columns))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
