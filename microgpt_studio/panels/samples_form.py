"""The form of the Samples panel: number, temperature and seed, in one line or, where that is too wide, in two."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QPushButton, QSizePolicy, QWidget

from microgpt_studio.panels.samples_request import Field
from microgpt_studio.panels.samples_sentence import Sentence
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL

_DEFAULTS = {Field.COUNT: ("number", "20"), Field.TEMPERATURE: ("temperature", "0.5"), Field.SEED: ("seed", "42")}
_TIPS = {
    Field.COUNT: "How many samples to draw, 1 to 1000.",
    Field.TEMPERATURE: "Below 1 the likely tokens become likelier, above 1 the unlikely ones.",
    Field.SEED: "The same seed draws the same samples from the same parameters.",
}
AGAIN_EVERY = 100  # updates
_GAP = 4
_PADDING = 18  # pixels of a field's frame at text scale 1


class SamplesForm(QWidget):
    """Three fields, a button and a check box. It reads nothing into what is typed."""

    draw = Signal()  # the button, or Enter in a field
    edited = Signal()

    _fields: dict[Field, QLineEdit] = {}  # noqa: RUF012  # until the form is put together

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(_GAP)
        self._grid.setVerticalSpacing(2)
        self._labels: dict[Field, Sentence] = {}
        self._lines = 0
        fields: dict[Field, QLineEdit] = {}
        for field, (name, default) in _DEFAULTS.items():
            edit, label = QLineEdit(default), Sentence()
            label.say(name)
            for widget in (edit, label):
                widget.setToolTip(_TIPS[field])
            edit.setAccessibleName(name)
            edit.setMinimumWidth(1)
            edit.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            edit.returnPressed.connect(self.draw)
            edit.textEdited.connect(self.edited)
            fields[field], self._labels[field] = edit, label
        self._fields = fields
        self.button = QPushButton("Draw")
        self.button.setToolTip("Draw samples from the parameters of this moment (Enter). Training is not disturbed.")
        self.button.clicked.connect(self.draw)
        self.again = QCheckBox(f"again every {AGAIN_EVERY} updates")
        self.again.setToolTip("Draw again while it trains. The line below says which update the samples are from.")
        self._arrange()

    def text(self, field: Field) -> str:
        """What stands in a field, without the space around it."""
        return self._fields[field].text().strip()

    def set_text(self, field: Field, text: str) -> None:
        """Put a text into a field."""
        self._fields[field].setText(text)

    def point_to(self, field: Field) -> None:
        """Let the user mend a field."""
        self._fields[field].setFocus(Qt.FocusReason.OtherFocusReason)
        self._fields[field].selectAll()

    @property
    def lines(self) -> int:
        """In how many lines the fields stand."""
        return self._lines

    def _arrange(self) -> None:
        """One line of fields where it fits, else two; widths follow what is typed there."""
        widths = self._widths()
        needed = sum(widths.values()) + self.button.sizeHint().width() + 3 * _GAP
        lines = 1 if self.width() >= needed else 2
        if lines == self._lines:
            return
        self._lines = lines
        widgets = (*self._fields.values(), *self._labels.values(), self.button, self.again)
        for widget in widgets:
            self._grid.removeWidget(widget)
        for place, field in enumerate(_DEFAULTS):
            row, col = (0, place) if lines == 1 else divmod(place, 2)
            self._grid.addWidget(self._labels[field], 2 * row, col)
            self._grid.addWidget(self._fields[field], 2 * row + 1, col)
        row, col = (0, 3) if lines == 1 else (1, 1)
        self._grid.addWidget(self.button, 2 * row + 1, col)
        self._grid.addWidget(self.again, 4, 0, 1, 4 if lines == 1 else 2)
        stretches = [widths[field] for field in _DEFAULTS] if lines == 1 else [1, 1, 0]
        for col, stretch in enumerate([*stretches, 0]):
            self._grid.setColumnStretch(col, stretch)
        self.updateGeometry()

    def _widths(self) -> dict[Field, int]:
        """Pixels that a field, or its name, needs."""
        theme = current_theme()
        numbers, words = QFontMetricsF(theme.text_font()), QFontMetricsF(theme.text_font(SMALL))
        typed = {Field.COUNT: "1000", Field.TEMPERATURE: "0.5", Field.SEED: "4242"}
        return {
            field: round(
                max(numbers.horizontalAdvance(typed[field]) + theme.scaled(_PADDING), words.horizontalAdvance(name) + 2)
            )
            for field, (name, _) in _DEFAULTS.items()
        }

    def minimumSizeHint(self) -> QSize:
        widths = self._widths()
        first = widths[Field.COUNT] + widths[Field.TEMPERATURE] + _GAP
        second = widths[Field.SEED] + self.button.sizeHint().width() + _GAP
        width = max(first, second, self.again.sizeHint().width())
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and self._fields:
            self._lines = 0
            self._arrange()
