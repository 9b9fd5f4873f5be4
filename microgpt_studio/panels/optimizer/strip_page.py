"""A page of strips: controls, if it has some, then curves, and below them what has to be known to read them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from microgpt_studio.debugger.adam_history import AdamRows, Column
from microgpt_studio.panels.optimizer.page import Page
from microgpt_studio.panels.optimizer.strip_view import StripView
from microgpt_studio.panels.optimizer.strips import Strips
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.faces import use_text_font
from microgpt_studio.widgets.flow_layout import FlowLayout
from microgpt_studio.widgets.sentence import Sentence


class StripPage(Page):
    """Subclasses say which strips there are."""

    def __init__(self, corner: QWidget, controls: Sequence[QWidget] = (), parent: QWidget | None = None) -> None:
        super().__init__(corner, parent)
        self.view = StripView()
        self.sentence = Sentence()
        self.symlog = QToolButton()
        self.symlog.setText("symlog")
        self.symlog.setCheckable(True)
        self.symlog.setToolTip(
            "Symmetric-logarithmic axes: small values are seen as well.\n"
            "They are linear below a thousandth of the largest magnitude."
        )
        self.symlog.setAccessibleName("Symmetric-logarithmic axes")
        use_text_font(self.symlog, SMALL)
        self.symlog.toggled.connect(self.view.set_symlog)
        self.view.sought.connect(self._seek)
        head = QWidget(self)
        flow = FlowLayout(head, across=8, down=2)
        for control in controls:
            flow.addWidget(control)
        head.setVisible(bool(controls))
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.view, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.sentence, 1)
        if controls:
            flow.addWidget(self.symlog)
        else:
            foot.addWidget(self.symlog, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(foot)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 0, 8, 4)
        whole.setSpacing(4)
        whole.addWidget(head)
        whole.addWidget(area, 1)
        self.setFocusProxy(self.view)

    def hold(self, start: int, end: int) -> None:
        """Whoever goes to an update of what is shown wants it to stay. Subclasses whose span moves hold it."""

    @property
    def now(self) -> int:
        """Updates that are done at the present moment."""
        return 0 if self.snapshot is None else self.snapshot.moment.step

    def draw(self, strips: Strips, text: str, *, key: Hashable = None, error: bool = False) -> None:
        """Show these, and say this; equal keys are the same numbers."""
        self.view.show_strips(strips, self.now, key)
        self.sentence.say(text, error=error)
        self.view.setAccessibleName(text)

    def _seek(self, update: int) -> None:
        self.hold(self.view.strips.first + 1, self.view.strips.stop)
        self.sought.emit(update)


def key_of(rows: AdamRows) -> tuple[Hashable, ...]:
    """Equal for the same numbers of one session."""
    last = rows.values.item(-1, Column.WEIGHT) if len(rows.values) else None
    return rows.parameter, rows.first, rows.stop, len(rows.values), last


def coverage(rows: AdamRows | None, now: int) -> str:
    """Which updates are shown, or how far the replay has come, as the beginning of a sentence; `now` are done."""
    if rows is None:
        return "Not replayed yet."
    if rows.reason is not None:
        return f"It ends early: {rows.reason}."
    if rows.stop == rows.first:
        return "None of these updates is done yet." if now else "No update is done yet."
    done, total = len(rows.values), rows.stop - rows.first
    if done < total:
        return f"Replayed {done:,} of {total:,} updates."
    return f"Updates {rows.first + 1:,} to {rows.stop:,}." if total > 1 else f"Update {rows.stop:,}."
