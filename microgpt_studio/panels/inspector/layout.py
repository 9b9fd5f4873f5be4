"""Where the fields of an inspector's page lie at a given width, and how each is written; it draws nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import accumulate, pairwise
from types import MappingProxyType

from PySide6.QtCore import QPointF, QRectF, Qt

from microgpt_studio.panels.inspector.fields import Field, Style
from microgpt_studio.panels.inspector.rows import Bar, Fact, Form, Formula, Heading, Note, Page, Row, Term
from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.number_text import fitted, full

MARGIN = 8.0
NO_NUMBER = "—"  # there is none
_INDENT = 8.0
_NUMBER_CHARACTERS = 10  # "-1.234e-05"
_ALL_COLUMNS = 47  # characters: 10, and each later one a space, 10, and for two of them a sign, "× "
_NARROWEST_NUMBER = 7  # one digit of any number
_SHARE_CHARACTERS = 9  # "-48.31 %"
_TRIANGLE = 14.0
_SHORTEST_BAR = 48.0
_AIRY = 1.2  # how far apart columns may be where there is room
_WIDEST = 800.0  # pixels at text scale 1: wider, and the eye loses the row


_NO_FORMS: Mapping[str, Callable[[int], int]] = MappingProxyType({})


class Layout:
    """The geometry of one page; heights are known for all rows, fields are made for those that are asked for."""

    def __init__(
        self, page: Page, width: float, theme: Theme, form_height: Mapping[str, Callable[[int], int]] = _NO_FORMS
    ) -> None:
        """`form_height` tells how high each form is at a width."""
        self.page = page
        self._form_height = form_height
        self.width = min(max(width, 80.0), theme.scaled(_WIDEST))
        self._text, self._number = metrics_of(theme.text_font()), metrics_of(theme.number_font())
        self._small = metrics_of(theme.text_font(SMALL))
        self._small_number = metrics_of(theme.number_font(SMALL))
        self._line = max(self._text.height(), self._number.height()) + 2.0
        self._small_line = max(self._small.height(), self._small_number.height()) + 1.0
        labels = [row.label for row in page.rows if isinstance(row, Fact)]
        self._label = max((self._text.horizontalAdvance(label) for label in labels), default=0.0) + 12.0
        bars = [row.label for row in page.rows if isinstance(row, Bar)]
        self._bar_label = max((self._text.horizontalAdvance(label) for label in bars), default=0.0) + 8.0
        self._right, self._unit, self._term_lines = self._arrangement()
        self._compact_below = self._compact_width() > self._room(MARGIN)
        self.tops = list(accumulate((self._height(row, i) for i, row in enumerate(page.rows)), initial=MARGIN / 2))

    @property
    def height(self) -> float:
        """Of the whole page."""
        return self.tops[-1] + MARGIN

    @property
    def line(self) -> float:
        """The height of one line of text."""
        return self._line

    @property
    def one_line_terms(self) -> bool:
        """Whether a term's address and numbers stand in one line."""
        return self._term_lines == 0

    def fields(self, index: int) -> tuple[Field, ...]:
        """The fields of a row, in the page's pixels, from left to right and down."""
        row, top = self.page.rows[index], self.tops[index]
        if isinstance(row, Formula):
            return self._formula_fields(row, top)
        if isinstance(row, Fact):
            return self._fact_fields(row, top)
        if isinstance(row, Heading):
            return self._heading_fields(row, top + self._gap(index))
        if isinstance(row, Term):
            return self._term_fields(row, top)
        if isinstance(row, Bar):
            return self._bar_fields(row, top)
        if isinstance(row, Form):
            return ()
        style = Style.WARNING if row.warns else Style.QUIET
        rect = self._wrapping(MARGIN, top + 2.0, row.text, style)
        return (Field(rect, row.text, style, copied=row.text, wraps=True),)

    def _room(self, x: float) -> float:
        return self.width - MARGIN - x

    def form_rect(self, index: int) -> QRectF:
        """The room of a form, in the page's pixels."""
        top = self.tops[index]
        return QRectF(MARGIN, top + 2.0, self._room(MARGIN), self.tops[index + 1] - top - 4.0)

    def _gap(self, index: int) -> float:
        row = self.page.rows[index]
        return MARGIN if index and isinstance(row, Heading) and row.title else 0.0

    def _height(self, row: Row, index: int) -> float:
        if isinstance(row, Formula):
            return self._wrapped(row.text, self._formula_style(row), self._formula_x(row)) + 4.0
        if isinstance(row, Fact):
            return self._wrapped(row.text, self._fact_style(row), MARGIN + self._label)
        if isinstance(row, Note):
            return self._wrapped(row.text, Style.TEXT, MARGIN) + 4.0
        if isinstance(row, Heading):
            return self._gap(index) + self._heading_height(row)
        if isinstance(row, Bar):
            return self._line + (self._small_line if self._bars_are_below else 0.0) + 4.0
        if isinstance(row, Form):
            height = self._form_height.get(row.name)
            return height(int(self._room(MARGIN))) + 4.0 if height else 0.0
        if row.is_compact:
            return self._line + (self._small_line if row.numbers and self._compact_below else 0.0) + 4.0
        if len(row.numbers) == 1:
            return self._line + 4.0
        return self._line + self._term_lines * self._small_line + 6.0

    def _heading_height(self, row: Heading) -> float:
        beside = self._is_beside(row)
        if not row.title:
            return self._small_line if beside else self._term_lines * self._small_line
        lines = 1 if row.is_compact else self._term_lines
        names = 0 if beside or not row.columns else lines
        return self._line + names * self._small_line + 2.0

    def _wrapped(self, text: str, style: Style, x: float) -> float:
        metrics = self._number if style is Style.NUMBER else self._text
        box = QRectF(0.0, 0.0, max(self._room(x), 40.0), 1e6)
        lines = metrics.boundingRect(box, int(Qt.TextFlag.TextWordWrap), text)
        return max(lines.height() + 2.0, self._line)

    def _wrapping(self, x: float, top: float, text: str, style: Style) -> QRectF:
        """The box of words that may wrap, so that their first line stands on the row's base line."""
        metrics = self._number if style is Style.NUMBER else self._text
        shift = (self._line + metrics.ascent() - metrics.descent()) / 2 - metrics.ascent()
        return QRectF(x, top + shift, self._room(x), self._wrapped(text, style, x))

    def _arrangement(self) -> tuple[float, float, int]:
        """Where terms end, the width of a character's place in a column, and the lines of numbers below an address."""
        character = self._small_number.horizontalAdvance("0")
        needed = _ALL_COLUMNS * character
        terms = [row for row in self.page.rows if isinstance(row, Term) and not row.is_compact]
        address = max((len(row.address) for row in terms), default=0) * self._number.horizontalAdvance("0")
        word = max((self._small.horizontalAdvance(row.operation) for row in terms), default=0.0)
        if self._room(MARGIN) >= _INDENT + address + word + 2 * MARGIN + _AIRY * needed:
            return self.width - MARGIN, _AIRY * character, 0
        if self._room(MARGIN) >= needed:
            unit = min(self._room(MARGIN) / _ALL_COLUMNS, _AIRY * character)
            return MARGIN + unit * _ALL_COLUMNS, unit, 1
        return self.width - MARGIN, character, 2

    @property
    def _compact_column(self) -> float:
        return 11 * self._small_number.horizontalAdvance("0")

    def _is_beside(self, row: Heading | Term) -> bool:
        """Whether the columns stand beside the title, or the address, and not below."""
        return not self._compact_below if row.is_compact else self.one_line_terms

    def _compact_width(self) -> float:
        """What compact rows need so that their numbers stand beside."""
        widest = 0.0
        for row in self.page.rows:
            if isinstance(row, Heading) and row.is_compact and row.columns:
                title = _TRIANGLE + self._text.horizontalAdvance(row.title) * 1.1 + 8.0
            elif isinstance(row, Term) and row.is_compact and row.numbers:
                metrics = self._text if row.scalar is None else self._number
                word = self._small.horizontalAdvance(row.operation)
                title = _INDENT + metrics.horizontalAdvance(row.address) + word + 8.0 + MARGIN
            else:
                continue
            widest = max(widest, title + len(row.columns) * self._compact_column)
        return widest

    def _columns(self, names: tuple[str, ...], *, compact: bool = False) -> tuple[QRectF, ...]:
        """Where the numbers of terms with these columns lie, seen from the first line's top."""
        if compact:
            width = min(self._compact_column, self._room(MARGIN) / max(len(names), 1))
            left = self.width - MARGIN - width * len(names)
            top, height = (self._line, self._small_line) if self._compact_below else (0.0, self._line)
            return tuple(QRectF(left + i * width, top, width, height) for i in range(len(names)))
        if self._term_lines == 2:
            width = self._room(MARGIN) / 2
            return tuple(
                QRectF(MARGIN + i % 2 * width, self._line + i // 2 * self._small_line, width, self._small_line)
                for i in range(len(names))
            )
        widths = [self._unit * (13 if _sign(name) else 11 if i else 10) for i, name in enumerate(names)]
        edges = list(accumulate(widths, initial=self._right - sum(widths)))
        top, height = (self._line, self._small_line) if self._term_lines else (0.0, self._line)
        return tuple(QRectF(left, top, edge - left, height) for left, edge in pairwise(edges))

    def _formula_x(self, row: Formula) -> float:
        return MARGIN + self._text.horizontalAdvance(row.operation) * 1.1 + 12.0

    @staticmethod
    def _formula_style(row: Formula) -> Style:
        return Style.TEXT if row.operation == "parameter" else Style.NUMBER

    @staticmethod
    def _fact_style(row: Fact) -> Style:
        return Style.NUMBER if row.full else Style.TEXT

    def _formula_fields(self, row: Formula, top: float) -> tuple[Field, ...]:
        x = self._formula_x(row)
        style = self._formula_style(row)
        return (
            Field(QRectF(MARGIN, top, x - MARGIN, self._line), row.operation, Style.TITLE),
            Field(
                self._wrapping(x, top, row.text, style),
                row.text,
                style,
                copied=row.full,
                name=row.operation,
                wraps=True,
            ),
        )

    def _fact_fields(self, row: Fact, top: float) -> tuple[Field, ...]:
        x = MARGIN + self._label
        style = self._fact_style(row)
        return (
            Field(QRectF(MARGIN, top, self._label, self._line), row.label, Style.QUIET),
            Field(
                self._wrapping(x, top, row.text, style),
                row.text,
                style,
                copied=row.full or row.text,
                name=row.label,
                wraps=True,
            ),
        )

    def _heading_fields(self, row: Heading, top: float) -> tuple[Field, ...]:
        columns = self._columns(row.columns, compact=row.is_compact)
        beside = self._is_beside(row)
        fields = self._title_fields(row, top, columns[0].left() if beside and columns else self.width - MARGIN)
        if not row.title and not beside:
            top -= self._line
        for name, column in zip(row.columns, columns, strict=True):
            fields.append(Field(column.translated(0.0, top), name, Style.SMALL, right=True))
        return tuple(fields)

    def _title_fields(self, row: Heading, top: float, right: float) -> list[Field]:
        if not row.title:
            return []
        left, fields = MARGIN, []
        if row.fold:
            triangle = QRectF(MARGIN, top, _TRIANGLE, self._line)
            fields.append(Field(triangle, "", Style.OPEN if row.is_open else Style.FOLDED))
            left += _TRIANGLE
        width = min(self._text.horizontalAdvance(row.title) * 1.1 + 8.0, self._room(left))
        title = QRectF(left, top, width, self._line)
        tip = f"{'Fold' if row.is_open else 'Open'} (click, or Return)" if row.fold else ""
        fields.append(Field(title, row.title, Style.TITLE, fold=row.fold, tip=tip))
        note = QRectF(left + width, top, max(right - left - width, 0.0), self._line)
        fits = self._text.horizontalAdvance(row.note) <= note.width()
        fields.append(Field(note, row.note if fits else row.note.split(",")[0], Style.QUIET))
        return fields

    @property
    def _bars_are_below(self) -> bool:
        """Whether there is no room for bars beside their labels."""
        number = self._small_number.horizontalAdvance("0") * (_NUMBER_CHARACTERS + _SHARE_CHARACTERS)
        return self._room(MARGIN) - _TRIANGLE - self._bar_label - number - 3 * MARGIN < _SHORTEST_BAR

    def _bar_fields(self, row: Bar, top: float) -> tuple[Field, ...]:
        """A triangle where it opens, the label, the bar, the share and the number."""
        top += 2.0
        character, below = self._small_number.horizontalAdvance("0"), self._bars_are_below
        right, left = self.width - MARGIN, MARGIN + (_TRIANGLE if row.fold else 0.0)
        number = QRectF(right - _NUMBER_CHARACTERS * character, top, _NUMBER_CHARACTERS * character, self._line)
        share = QRectF(0.0, top, _SHARE_CHARACTERS * character if row.share_text else 0.0, self._line)
        if below:
            share.moveTopRight(QPointF(right, top + self._line))
            share.setHeight(self._small_line)
            bar = QRectF(left, share.top(), share.left() - MARGIN - left, self._small_line)
        else:
            share.moveRight(number.left() - MARGIN)
            bar = QRectF(left + self._bar_label, top, share.left() - MARGIN - left - self._bar_label, self._line)
        room = (number.left() if below else bar.left()) - left - 4.0
        label = self._text.elidedText(row.label, Qt.TextElideMode.ElideMiddle, room)
        width = self._text.horizontalAdvance(label) + 1.0
        fields = [
            Field(QRectF(left, top, width, self._line), label, Style.TEXT, tip=row.tip, fold=row.fold),
            Field(bar, "", Style.BAR, share=row.share, is_signed=row.is_signed),
            Field(
                number,
                fitted(row.number, _NUMBER_CHARACTERS) if row.number_name else f"{row.number:,.0f}",
                Style.SMALL_NUMBER,
                copied=full(row.number) if row.number_name else f"{row.number:.0f}",
                name=row.number_name,
                right=True,
            ),
        ]
        if row.fold:
            triangle = QRectF(MARGIN, top, _TRIANGLE, self._line)
            fields.append(Field(triangle, "", Style.OPEN if row.is_open else Style.FOLDED))
        if row.share_text:
            fields.append(Field(share, row.share_text, Style.SMALL_NUMBER, right=True))
        return tuple(fields)

    def _term_fields(self, row: Term, top: float) -> tuple[Field, ...]:
        top += 2.0
        columns = self._columns(row.columns, compact=row.is_compact)
        beside = self._is_beside(row)
        right = columns[0].left() - MARGIN if beside and columns else self._right
        numbers = [self._number_field(row, i, columns[i].translated(0.0, top)) for i in range(len(row.numbers))]
        if len(numbers) == 1 and not beside:  # it goes beside the address
            number = numbers[0]
            width = number.rect.width()
            rect = QRectF(self._right - width, top, width, self._line)
            numbers = [Field(rect, number.text, number.style, number.copied, number.name, right=True)]
            right -= width + MARGIN
        word = self._small.horizontalAdvance(row.operation)
        room = right - MARGIN - _INDENT - (word + 8.0 if word else 0.0)
        metrics, style = (self._text, Style.QUIET) if row.scalar is None else (self._number, Style.LINK)
        text = metrics.elidedText(row.address, Qt.TextElideMode.ElideMiddle, room)
        width = metrics.horizontalAdvance(text) + 1.0
        address = QRectF(MARGIN + _INDENT, top, width, self._line)
        fields = [Field(address, text, style, copied=row.address, scalar=row.scalar, tip=row.tip)]
        fields += numbers
        if word:
            fields.append(Field(QRectF(right - word, top, word, self._line), row.operation, Style.SMALL, right=True))
        if row.marked:
            fields.append(Field(QRectF(MARGIN - 2.0, top, _INDENT, self._line), "", Style.MARK))
        return tuple(fields)

    def _number_field(self, row: Term, i: int, rect: QRectF) -> Field:
        number, sign = row.numbers[i], _sign(row.columns[i])
        name = row.columns[i].removeprefix(sign)
        if number is None:
            return Field(rect, NO_NUMBER, Style.SMALL_NUMBER, name=name, right=True)
        characters = int(rect.width() / self._small_number.horizontalAdvance("0")) - len(sign)
        text = fitted(number, max(min(characters, _NUMBER_CHARACTERS), _NARROWEST_NUMBER))
        return Field(rect, sign + text, Style.SMALL_NUMBER, copied=full(number), name=name, right=True)


def _sign(column: str) -> str:
    """What stands before every number of a column: "× ", "= " or nothing."""
    return column[:2] if column[0] in "×=" else ""
