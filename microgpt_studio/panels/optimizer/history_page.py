"""The page of a parameter's past: gradient, moments, step size, update and weight below each other."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtWidgets import QWidget

from microgpt_studio.debugger.adam_history import AdamHistory, AdamRows, Column
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.panels.optimizer.span_chooser import SpanChooser
from microgpt_studio.panels.optimizer.strip_page import StripPage, coverage, key_of
from microgpt_studio.panels.optimizer.strips import Curve, Pen, Strip, Strips


class HistoryPage(StripPage):
    """Asks for one parameter's updates over a span."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.chooser = SpanChooser()
        super().__init__(self.chooser, (), parent)
        self._refusal = ""
        self.chooser.chosen.connect(self._choose)
        self.chooser.refused.connect(self._refuse)

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return () if self.parameter is None else (AdamHistory(self.parameter, self.chooser.span),)

    @property
    def rows(self) -> AdamRows | None:
        """What has come of what is asked for."""
        if self.snapshot is None or self.parameter is None:
            return None
        return self.snapshot.answer(AdamHistory(self.parameter, self.chooser.span))

    def hold(self, start: int, end: int) -> None:
        self.chooser.pin(start, end)

    def refresh(self) -> None:
        rows = self.rows
        key = None if rows is None else key_of(rows)
        self.draw(adam_strips(rows), self._refusal or coverage(rows, self.now), key=key, error=bool(self._refusal))

    def _choose(self) -> None:
        self._refusal = ""
        self.refresh()
        self.wishes_changed.emit()

    def _refuse(self, sentence: str) -> None:
        self._refusal = sentence
        self.refresh()


def adam_strips(rows: AdamRows | None) -> Strips:
    """Five strips: g with m̂, √v̂, the step size, the update, the weight."""
    if rows is None:
        return Strips()
    first = rows.first + 1
    weights = np.concatenate([[rows.before], rows[Column.WEIGHT]]) if len(rows.values) else np.empty(0)
    return Strips(
        rows.first,
        rows.stop,
        (
            Strip(
                (
                    Curve("g", "the gradient of the loss", rows[Column.GRAD], first, Pen.FAINT),
                    Curve("m̂", "the first moment without its bias: where g has been going", rows[Column.M_HAT], first),
                ),
                "nats",
            ),
            Strip((Curve("√v̂", "how large g usually is", rows[Column.ROOT_V_HAT], first),), "nats"),
            Strip(
                (Curve("lr/(√v̂ + ε)", "the step size: what m̂ is multiplied by", rows[Column.STEP_SIZE], first),),
                "1/nats",
            ),
            Strip((Curve("Δ", "the update: what is subtracted from w", rows[Column.CHANGE], first),)),
            Strip((Curve("w", "the weight after the update", weights, rows.first),)),
        ),
    )
