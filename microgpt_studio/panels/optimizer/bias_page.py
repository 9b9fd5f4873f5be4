"""The page of the bias correction: both moments before and after it, and its factors, in the first updates."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from microgpt.adam import Adam
from microgpt_studio.debugger.adam_history import AdamHistory, AdamRows, Column
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.update_spans import first
from microgpt_studio.panels.optimizer.strip_page import StripPage, coverage, key_of
from microgpt_studio.panels.optimizer.strips import Curve, Pen, Strip, Strips
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.faces import use_text_font
from microgpt_studio.widgets.number_text import full, short

_COUNTS = (20, 50, 100, 500)


class BiasPage(StripPage):
    """Asks for the first updates of one parameter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.count_combo = QComboBox()
        self.count_combo.addItems([f"first {count}" for count in _COUNTS])
        self.count_combo.setCurrentIndex(1)
        self.count_combo.setAccessibleName("Updates")
        self.count_combo.setToolTip("How many updates from the session's beginning")
        use_text_font(self.count_combo, SMALL)
        self.count_combo.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        super().__init__(self.count_combo, (), parent)
        self.count_combo.activated.connect(self._choose)

    @property
    def _inquiry(self) -> AdamHistory | None:
        if self.parameter is None:
            return None
        return AdamHistory(self.parameter, first(_COUNTS[self.count_combo.currentIndex()]))

    def inquiries(self) -> Iterable[Inquiry[object]]:
        inquiry = self._inquiry
        return () if inquiry is None else (inquiry,)

    def refresh(self) -> None:
        inquiry = self._inquiry
        rows = None if inquiry is None or self.snapshot is None else self.snapshot.answer(inquiry)
        if rows is None or self.description is None or self.snapshot is None:
            self.draw(Strips(), coverage(rows, self.now))
            return
        adam, t = self.description.settings.adam, self.snapshot.moment.update
        one, two = 1 - adam.beta1**t, 1 - adam.beta2**t
        self.sentence.setToolTip(f"t = {t}\n1 − β₁ᵗ = {full(one)}\n1 − β₂ᵗ = {full(two)}")
        why = "m and v start at 0, so they are too small at first."
        if rows.first:
            why = f"This session begins after update {rows.first:,}: those before are not in it."
        self.draw(
            bias_strips(rows, adam),
            f"{coverage(rows, self.now)} {why} Update t = {t:,} divides m by "
            f"1 − β₁ᵗ = {short(one)} and v by 1 − β₂ᵗ = {short(two)}.",
            key=key_of(rows),
        )

    def _choose(self) -> None:
        self.refresh()
        self.wishes_changed.emit()


def bias_strips(rows: AdamRows, adam: Adam) -> Strips:
    """m with m̂, the factor between them, √v with √v̂, and the factor between v and v̂."""
    begin = rows.first + 1
    updates = range(begin, rows.stop + 1)  # the factors are known before the replay has come to them
    one = np.array([1 / (1 - adam.beta1**t) for t in updates])
    two = np.array([1 / (1 - adam.beta2**t) for t in updates])
    done = len(rows.values)
    return Strips(
        rows.first,
        rows.stop,
        (
            Strip(
                (
                    Curve("m", "the first moment", rows[Column.M], begin, Pen.DASHED),
                    Curve("m̂", "m / (1 − β₁ᵗ)", rows[Column.M_HAT], begin),
                ),
                "nats",
            ),
            Strip((Curve("1/(1 − β₁ᵗ)", "m̂ / m", one[:done], begin),)),
            Strip(
                (
                    Curve("√v", "the root of the second moment", rows[Column.ROOT_V], begin, Pen.DASHED),
                    Curve("√v̂", "the root of v / (1 − β₂ᵗ)", rows[Column.ROOT_V_HAT], begin),
                ),
                "nats",
            ),
            Strip((Curve("1/(1 − β₂ᵗ)", "v̂ / v", two[:done], begin),)),
        ),
    )
