"""Code layout: where the lines of a file, broken to the panel's width, and the numbers beside them lie."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from microgpt_studio.panels.source.highlighting import CodeLine
from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of

_SPACE = 4.0  # pixels between what stands in a row
_FEWEST_COLUMNS = 12
_ROOMY_COLUMNS = 60  # from here on indentation is drawn as wide as it is written
_BREAK_AFTER = " ,([{"


@dataclass(frozen=True, slots=True)
class Row:
    """A part of a line in one row: text[start:stop], drawn from a column."""

    start: int
    stop: int
    column: int


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things lie across the panel, in pixels; characters of numbers are of the small face."""

    number_right: float  # right edge of the line numbers
    arrow: float  # left edge of the arrows
    code: float  # left edge of the code
    right: float  # right edge of all
    strip: float  # width of a strip; 0 where there is no room
    digits: tuple[int, ...]  # characters of each figure: min, max, norm; or only norm; or none

    @classmethod
    def of(cls, width: float, theme: Theme, last_line: int, *, numbers: bool) -> Columns:
        """For a panel so wide."""
        digit = metrics_of(theme.number_font(SMALL)).horizontalAdvance("0")
        lane = theme.scaled(14)
        number_right = lane + digit * len(str(last_line)) + _SPACE / 2
        code = number_right + lane + _SPACE
        right = max(width - _SPACE, code + 1.0)
        room = right - code
        if not numbers:
            return cls(number_right, number_right, code, right, 0.0, ())
        for strip, digits in ((80, (9, 9, 8)), (48, (8, 8, 7)), (32, (8, 8, 7)), (48, (7,))):
            needed = theme.scaled(strip) + digit * (sum(digits) + len(digits))
            if needed <= room * (0.4 if strip == 80 else 1.0):
                return cls(number_right, number_right, code, right, theme.scaled(strip), digits)
        return cls(number_right, number_right, code, right, min(theme.scaled(48), room), ())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line lies, from the top of the text."""

    top: float
    height: float
    rows: tuple[Row, ...]
    numbers: float | None  # top of the row with its numbers; None where it has none


class CodeLayout:
    """The places of all lines of a file for one width and theme."""

    def __init__(
        self, lines: tuple[CodeLine, ...], numbered: AbstractSet[int], width: float, theme: Theme, *, numbers: bool
    ) -> None:
        code = metrics_of(theme.number_font())
        small = metrics_of(theme.number_font(SMALL))
        self.lines = lines
        self.advance = code.horizontalAdvance("0")
        self.small_advance = small.horizontalAdvance("0")
        self.line_height = float(round(code.height() + 2))
        self.ascent = code.ascent() + 1.0
        self.columns = Columns.of(width, theme, len(lines), numbers=numbers)
        self.number_height = float(round(small.height() + 2))
        fields = sum(self.columns.digits) + len(self.columns.digits)
        self.numbers_left = self.columns.right - self.columns.strip - self.small_advance * fields
        room = int((self.columns.right - self.columns.code) / self.advance)
        self.places: list[Place] = []
        top = 0.0
        for number, line in enumerate(lines, start=1):
            place = self._place(line, top, room, numbered=numbers and number in numbered)
            self.places.append(place)
            top += place.height
        self.height = top
        self._tops = [place.top for place in self.places]

    def place(self, line: int) -> Place:
        """Where a line (from 1) lies."""
        return self.places[line - 1]

    def line_at(self, y: float) -> int | None:
        """The line at a height; None below the last."""
        return bisect_right(self._tops, y) if 0.0 <= y < self.height else None

    def between(self, top: float, bottom: float) -> range:
        """The lines of which something lies between two heights."""
        return range(max(bisect_right(self._tops, top), 1), bisect_right(self._tops, bottom) + 1)

    def strip(self, line: int) -> QRectF | None:
        """Where the strip of a line lies, or the box of its one number; None where it has none."""
        top = self.place(line).numbers
        if top is None:
            return None
        return QRectF(self.numbers_left, top + 3.0, self.columns.strip, self.line_height - 6.0)

    def _place(self, line: CodeLine, top: float, room: int, *, numbered: bool) -> Place:
        rows = wrapped(line.text, max(room, _FEWEST_COLUMNS))
        height = len(rows) * self.line_height
        if not numbered:
            return Place(top, height, rows, None)
        last = rows[-1]
        end = self.columns.code + (last.column + last.stop - last.start) * self.advance
        if end + 2 * _SPACE <= self.numbers_left:
            return Place(top, height, rows, top + height - self.line_height)
        return Place(top, height + self.line_height, rows, top + height)


def wrapped(text: str, columns: int) -> tuple[Row, ...]:
    """A line in rows of at most so many columns. Where there are few, its indentation is drawn half as wide."""
    start = len(text) - len(text.lstrip())
    indent = start if columns >= _ROOMY_COLUMNS else start // 2
    indent = min(indent, columns // 2)
    rows = []
    column = indent
    while len(text) - start > columns - column:
        limit = start + columns - column
        breaks = [i for i in range(start + 1, limit + 1) if text[i - 1] in _BREAK_AFTER]
        stop = breaks[-1] if breaks and breaks[-1] > start + (limit - start) // 3 else limit
        rows.append(Row(start, stop, column))
        start = stop
        column = min(indent + 4, columns // 2)
    return (*rows, Row(start, len(text), column))
