"""The question row of the History panel: when was something last so. It sends nothing that makes no sense."""

from __future__ import annotations

from math import isfinite

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QWidget

from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.questions import Question, Was
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.text_metrics import metrics_of

_LEVELS = (Was.CROSSED, Was.LARGER)
_EXAMPLE = 'abs(grad("wte[0,0]")) > 0.1'
_TYPED = {True: "-1.234e-05", False: _EXAMPLE}  # what a field has room for: a level, or a condition


class RefusedQuestion(ValueError):
    """What is typed is no question; the message says what to do."""


def read_question(was: Was, quantity: Quantity, scalar: int | None, text: str) -> Question:
    """The question that is asked with a text in the field. Raises RefusedQuestion."""
    text = text.strip()
    if was is Was.CONDITION:
        if not text:
            raise RefusedQuestion(f"There is no condition to look for; write one, such as {_EXAMPLE}.")
        return Question(was, condition=text)
    if scalar is None:
        raise RefusedQuestion("There is no scalar to ask about; select one, or ask for a condition.")
    if was is Was.FIRED:
        return Question(was, Quantity.DATA, scalar)
    return Question(was, quantity, scalar, _level(was, text) if was in _LEVELS else None)


def _level(was: Was, text: str) -> float:
    if not text:
        raise RefusedQuestion("There is no level to compare with; write a number, such as 0.1 or -2e-5.")
    try:
        level = float(text)
    except ValueError:
        raise RefusedQuestion(f"{text!r} is no level; write a number, such as 0.1 or -2e-5.") from None
    if not isfinite(level):
        raise RefusedQuestion(f"{text!r} is no level; write a finite number.")
    if was is Was.LARGER and level < 0:
        raise RefusedQuestion(f"Every magnitude is larger than {text}; write a level of 0 or more.")
    return level


class QuestionRow(QWidget):
    """What may have been so, a field for a level or a condition, and a button."""

    asked = Signal(object)  # Question
    refused = Signal(str)  # why what is typed is no question

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quantity, self._scalar = Quantity.DATA, 0
        self._has_scalar = False
        self._preferred = Was.SIGN  # chosen by hand; asked for wherever it makes sense
        self.choice = QComboBox()
        self.choice.addItems([""] * len(Was))
        self.choice.setAccessibleName("Question to the past")
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.field = _Field()
        self.button = QPushButton("Find")
        self.button.setAutoDefault(True)  # Return presses it while it has the focus
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.choice, self.field, self.button):
            row.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.choice.activated.connect(self._choose)
        self.button.clicked.connect(self.ask)
        self.show_subject(Quantity.DATA, None, is_relu=False)

    @property
    def was(self) -> Was:
        """What is chosen."""
        return list(Was)[self.choice.currentIndex()]

    def choose(self, was: Was) -> None:
        """As if it were chosen by hand."""
        self._preferred = was
        self._follow()

    def show_subject(self, quantity: Quantity, scalar: int | None, *, is_relu: bool) -> None:
        """What the questions are about; without a scalar only conditions can be asked for."""
        self._quantity, self._scalar, self._has_scalar = quantity, scalar or 0, scalar is not None
        texts = {
            Was.SIGN: f"{quantity} last changed sign",
            Was.CROSSED: f"{quantity} last crossed …",
            Was.LARGER: f"|{quantity}| was last above …",
            Was.FIRED: "it last fired",
            Was.CONDITION: "a condition was last true",
        }
        model = self.choice.model()
        assert isinstance(model, QStandardItemModel)
        for row, was in enumerate(Was):
            possible = was is Was.CONDITION or (self._has_scalar and (was is not Was.FIRED or is_relu))
            reason = (
                "only a ReLU fires, and the selected scalar is none" if self._has_scalar else "no scalar is selected"
            )
            self.choice.setItemText(row, texts[was])
            model.item(row).setEnabled(possible)
            model.item(row).setData("" if possible else f"Not to be asked: {reason}.", Qt.ItemDataRole.ToolTipRole)
        self._follow()

    def ask(self) -> None:
        """Ask what stands there, or say why that cannot be."""
        try:
            scalar = self._scalar if self._has_scalar else None
            question = read_question(self.was, self._quantity, scalar, self.field.text())
        except RefusedQuestion as refusal:
            self.refused.emit(str(refusal))
            self.point_to_field()
        else:
            self.asked.emit(question)

    def point_to_field(self) -> None:
        """Let the user mend what is typed."""
        if self.field.isVisible():
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.field.selectAll()

    def _choose(self, row: int) -> None:
        self.choose(list(Was)[row])

    def _possible(self) -> Was:
        """The question that is nearest to the preferred one."""
        model = self.choice.model()
        assert isinstance(model, QStandardItemModel)
        for was in (self._preferred, Was.SIGN):
            if model.item(list(Was).index(was)).isEnabled():
                return was
        return Was.CONDITION

    def _follow(self) -> None:
        """The question that is asked, and the field that it needs."""
        was = self._possible()
        self.choice.setCurrentIndex(list(Was).index(was))
        is_level = was in _LEVELS
        self.field.setVisible(is_level or was is Was.CONDITION)
        self.field.fit(_TYPED[is_level])
        self.field.setPlaceholderText("level" if is_level else _EXAMPLE)
        self.field.setAccessibleName("Level" if is_level else "Condition")
        self.field.setToolTip(
            "A finite number, such as 0.1 or -2e-5."
            if is_level
            else f"An expression over the numbers at the end of an update, such as {_EXAMPLE}."
        )
        subject = "the condition was true" if was is Was.CONDITION else self.choice.currentText().rstrip(" …")
        self.choice.setToolTip(f"The question: the latest update in which {subject}.")
        self.button.setToolTip("Search the updates before the moment that is shown, and go there (Return).")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # The chooser and the field leave Return to the row.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.ask()
        else:
            super().keyPressEvent(event)


class _Field(QLineEdit):
    """A line for a level or a condition, as wide as what is usually typed there."""

    def __init__(self) -> None:
        super().__init__()
        self._typed = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def fit(self, typed: str) -> None:
        """Leave room for such a text."""
        if typed != self._typed:
            self._typed = typed
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        padding = current_theme().scaled(20) + 4
        return QSize(
            round(metrics_of(self.font()).horizontalAdvance(self._typed)) + padding, super().sizeHint().height()
        )
