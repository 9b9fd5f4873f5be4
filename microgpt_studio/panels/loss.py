"""The Loss panel: the loss of every update, a smoothed line through it, and the level of random guessing."""

from __future__ import annotations

from math import log
from typing import ClassVar

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.loss_legend import LossLegend, Reading
from microgpt_studio.panels.loss_plot import LossPlot
from microgpt_studio.panels.loss_spans import SpanChooser
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import full


class LossPanel(Panel):
    """Draws what every snapshot carries; the line above is refreshed when it can be read."""

    name: ClassVar[str] = "loss"
    title: ClassVar[str] = "Loss"
    parts: ClassVar[Part] = Part.NONE

    moment_wanted = Signal(object)  # the moment after so many updates (int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = LossPlot()
        self.legend = LossLegend()
        self.spans = SpanChooser()
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 0, 0, 0)
        bar.setSpacing(4)
        bar.addWidget(self.legend, 1)
        bar.addWidget(self.spans)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(2)
        layout.addLayout(bar)
        layout.addWidget(self.plot, 1)
        self.setFocusProxy(self.plot)
        self.setTabOrder(self.plot, self.spans.buttons[0])
        self.spans.chosen.connect(self.plot.set_span)
        self.plot.span_changed.connect(self.spans.mark)
        self.plot.pointed.connect(self._read)
        self.plot.sought.connect(self.moment_wanted)

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        vocabulary = description.tokenizer.vocab_size
        self.plot.begin(description.settings.num_steps, log(vocabulary))
        self._read()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        if self.isVisible():
            self.plot.show_losses(snapshot.losses, snapshot.moment.step)

    def show_text(self, snapshot: Snapshot) -> None:
        super().show_text(snapshot)
        if self.isVisible():
            self._read()

    def _read(self, *_: object) -> None:
        """Show the numbers of the update under the crosshair, or else of the current one."""
        description = self.description
        if description is None:
            self.legend.show_reading(None)
            return
        curve, crosshair = self.plot.curve, self.plot.crosshair
        update = min(self.plot.now, len(curve)) if crosshair is None else crosshair
        self.legend.show_reading(
            Reading(
                update=update,
                num_steps=description.settings.num_steps,
                loss=float(curve.losses[update - 1]) if update else float("nan"),
                smoothed=float(curve.smoothed[update - 1]) if update else float("nan"),
                vocabulary=description.tokenizer.vocab_size,
                level=self.plot.level,
                pointed=crosshair is not None,
                notes=self._notes(),
            )
        )

    def _notes(self) -> tuple[str, ...]:
        notes = []
        if self.plot.bins.width > 1:
            notes.append(f"smallest to largest of every {self.plot.bins.width} updates")
        if self.plot.beyond:
            notes.append(f"{self.plot.beyond} off the scale")
        if self.plot.curve.first_known:
            notes.append(f"hatched: before this session (to update {self.plot.curve.first_known})")
        return tuple(notes)

    def sizeHint(self) -> QSize:
        return QSize(640, current_theme().scaled(130))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, current_theme().scaled(96))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.snapshot is not None:
            self.plot.show_losses(self.snapshot.losses, self.snapshot.moment.step)
        self._read()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        reading = self.legend.reading
        if event.matches(QKeySequence.StandardKey.Copy) and reading is not None:
            QGuiApplication.clipboard().setText(full(reading.loss))
        else:
            super().keyPressEvent(event)
