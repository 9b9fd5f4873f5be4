"""A form of the Samples panel: three fields, in as many lines as it takes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from microgpt_studio.panels.samples.request import MOST, Field
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.faces import use_text_font
from microgpt_studio.widgets.flow_layout import FlowLayout

_DEFAULTS = {Field.COUNT: "20", Field.SAMPLE: "1", Field.TEMPERATURE: "0.5", Field.SEED: "42"}
_TIPS = {
    Field.COUNT: f"How many samples to draw, 1 to {MOST}.",
    Field.SAMPLE: f"Which of the samples that this seed draws, 1 to {MOST}.",
    Field.TEMPERATURE: "Below 1 the likely tokens become likelier, above 1 the unlikely ones.",
    Field.SEED: "The same seed draws the same samples from the same parameters.",
}
_TYPED = {Field.COUNT: "1000", Field.SAMPLE: "1000", Field.TEMPERATURE: "0.75", Field.SEED: "4242"}  # fits
_PADDING = 20  # pixels of a field's frame at text scale 1


class SamplesForm(QWidget):
    """Fields, and what else a page has to choose. It reads nothing into what is typed."""

    asked = Signal()  # Enter in a field
    edited = Signal()

    def __init__(self, fields: Sequence[Field], choices: Sequence[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edits: dict[Field, QLineEdit] = {}
        self._flow = FlowLayout(self, across=8, down=4)
        for field in fields:
            edit, label = QLineEdit(_DEFAULTS[field]), QLabel(field.value)
            use_text_font(label, SMALL)
            label.setBuddy(edit)
            edit.setToolTip(_TIPS[field])
            label.setToolTip(_TIPS[field])
            edit.setAccessibleName(field.value)
            edit.returnPressed.connect(self.asked)
            edit.textEdited.connect(self.edited)
            self._edits[field] = edit
            pair = QWidget()
            pair.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            line = QHBoxLayout(pair)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(4)
            line.addWidget(label)
            line.addWidget(edit)
            self._flow.addWidget(pair)
        for widget in choices:
            self._flow.addWidget(widget)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._fit()

    def text(self, field: Field) -> str:
        """What stands in a field, without the space around it."""
        return self._edits[field].text().strip()

    def set_text(self, field: Field, text: str) -> None:
        """Put a text into a field."""
        self._edits[field].setText(text)

    def edit(self, field: Field) -> QLineEdit:
        """Where a field is typed."""
        return self._edits[field]

    def point_to(self, field: Field) -> None:
        """Let the user mend a field."""
        self._edits[field].setFocus(Qt.FocusReason.OtherFocusReason)
        self._edits[field].selectAll()

    @property
    def lines(self) -> int:
        """In how many lines the fields stand."""
        return self._flow.lines(self.width())

    def _fit(self) -> None:
        """Fields as wide as what is usually typed there."""
        theme = current_theme()
        metrics = metrics_of(theme.text_font())
        for field, edit in self._edits.items():
            edit.setFixedWidth(round(metrics.horizontalAdvance(_TYPED[field])) + theme.scaled(_PADDING))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
