"""The page of the comparison: what plain SGD, and SGD with momentum, would have done with the same gradients."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from math import isfinite, isnan

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from microgpt_studio.debugger.adam_history import AdamHistory
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.sgd import Match
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.optimizer.comparison import Comparison, compare
from microgpt_studio.panels.optimizer.span_chooser import SpanChooser
from microgpt_studio.panels.optimizer.strip_page import StripPage, coverage, key_of
from microgpt_studio.panels.optimizer.strips import Strips
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.faces import use_number_font, use_text_font
from microgpt_studio.widgets.number_text import full, short

_MATCHES = (
    ("equal path", Match.PATH),
    ("equal 1st step", Match.FIRST),
    ("Adam's", Match.SAME),
    ("typed", None),
)
_MARK = "with the gradients g of the actual run"


class DescentPage(StripPage):
    """Asks for one parameter's updates over a span, and goes down the same gradients in other ways."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.chooser = SpanChooser()
        self.match_combo = QComboBox()
        self.match_combo.addItems([text for text, _ in _MATCHES])
        self.match_combo.setAccessibleName("Learning rate of SGD")
        self.match_combo.setToolTip(
            "The learning rate of SGD and of momentum.\n"
            "equal path: the magnitudes of its updates have the same sum as Adam's\n"
            "equal 1st step: its first update has the same magnitude as Adam's\n"
            "Adam's: the number of the session; typed: the one in the field"
        )
        use_text_font(self.match_combo, SMALL)
        self.rate_field = _field("0.1", "Learning rate of SGD and of momentum, above 0")
        self.rate_field.hide()
        self.momentum_field = _field("0.9", "Momentum μ: from 0 to below 1")
        rate, momentum = _labelled("lr", self.match_combo, self.rate_field), _labelled("μ", self.momentum_field)
        super().__init__(self.chooser, (rate, momentum), parent)
        self._refusal = ""
        self._choice: Match | float = Match.PATH
        self._momentum = 0.9
        self._comparison: Comparison | None = None
        self._compared: Hashable = None
        self.chooser.chosen.connect(self._choose_span)
        self.chooser.refused.connect(self._refuse)
        self.match_combo.activated.connect(self._choose_rate)
        self.rate_field.editingFinished.connect(self._read)
        self.momentum_field.editingFinished.connect(self._read)

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return () if self.parameter is None else (AdamHistory(self.parameter, self.chooser.span),)

    @property
    def comparison(self) -> Comparison | None:
        """What can be compared of what has come."""
        if self.snapshot is None or self.parameter is None or self.description is None:
            return None
        rows = self.snapshot.answer(AdamHistory(self.parameter, self.chooser.span))
        if rows is None or not len(rows.values):
            return None
        key = (*key_of(rows), self._choice, self._momentum)
        if key != self._compared or self._comparison is None:
            settings = self.description.settings
            self._comparison = compare(rows, settings.adam, settings.num_steps, self._choice, self._momentum)
            self._compared = key
        return self._comparison

    def hold(self, start: int, end: int) -> None:
        self.chooser.pin(start, end)

    def refresh(self) -> None:
        comparison = self.comparison
        strips = Strips() if comparison is None else comparison.strips()
        key = None if comparison is None else self._compared
        if self._refusal:
            self.draw(strips, self._refusal, key=key, error=True)
            return
        if comparison is None:
            self.draw(strips, coverage(None, self.now))
            return
        plain, momentum = comparison.plain.learning_rate, comparison.momentum.learning_rate
        self.sentence.setToolTip(
            f"lr of SGD {full(plain)}\nlr of momentum {full(momentum)}\nμ {full(self._momentum)}\n"
            "On another path the gradients would have been others: this is a comparison, not a training."
        )
        first = f"{coverage(comparison.rows, self.now).rstrip('.')}, {_MARK}."
        if isnan(plain):
            self.draw(strips, f"{first}\nNo learning rate can be found: every gradient is 0.", key=key)
            return
        ways = (
            f"SGD: w ← w − lrₜ · g with lr = {short(plain)}",
            f"momentum: v ← μ · v + g, w ← w − lrₜ · v with lr = {short(momentum)}",
            "lrₜ = lr · (1 − (t − 1)/T), as for Adam",
        )
        self.draw(strips, "\n".join((first, *ways)), key=key)

    def show_session(self, description: Description) -> None:
        self._comparison = self._compared = None
        super().show_session(description)

    def _choose_span(self) -> None:
        self._refusal = ""
        self.refresh()
        self.wishes_changed.emit()

    def _refuse(self, sentence: str) -> None:
        self._refusal = sentence
        self.refresh()

    def _choose_rate(self, index: int) -> None:
        self.rate_field.setVisible(_MATCHES[index][1] is None)
        self._read()

    def _read(self) -> None:
        """Take what the fields say, or say why that cannot be."""
        self._refusal = ""
        match = _MATCHES[self.match_combo.currentIndex()][1]
        momentum = _number(self.momentum_field.text())
        rate = match if match is not None else _number(self.rate_field.text())
        if momentum is None or not 0.0 <= momentum < 1.0:
            self._refusal = f"μ is “{self.momentum_field.text().strip()}”, but it has to be a number from 0 to below 1."
        elif rate is None or (match is None and not (isfinite(rate) and rate > 0.0)):
            self._refusal = f"lr is “{self.rate_field.text().strip()}”, but it has to be a number above 0."
        else:
            self._choice, self._momentum = rate, momentum
        self.refresh()


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _field(text: str, tip: str) -> QLineEdit:
    field = QLineEdit(text)
    field.setToolTip(tip)
    field.setAccessibleName(tip)
    use_number_font(field, SMALL)
    field.setFixedWidth(current_theme().scaled(52))
    return field


def _labelled(text: str, *widgets: QWidget) -> QWidget:
    pair = QWidget()
    pair.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    label = QLabel(text)
    use_text_font(label, SMALL)
    label.setBuddy(widgets[0])
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    for widget in (label, *widgets):
        row.addWidget(widget)
    return pair
