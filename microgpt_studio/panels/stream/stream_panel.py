"""The Stream panel: the residual stream from stage to stage, what each stage would predict, and the MLP's units."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.logit_lens import LogitLens
from microgpt_studio.debugger.mlp_units import MlpUnits
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.debugger.stream import Stream
from microgpt_studio.debugger.unit_activity import UnitActivity
from microgpt_studio.panels.panel import Panel
from microgpt_studio.panels.stream.grid_layout import Cell
from microgpt_studio.panels.stream.lens_view import LensView
from microgpt_studio.panels.stream.seen import Seen
from microgpt_studio.panels.stream.stream_view import StreamView
from microgpt_studio.panels.stream.toolbar import Toolbar, View
from microgpt_studio.panels.stream.units_view import UnitsView
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import EmptyState
from microgpt_studio.widgets.one_line import OneLine

_KEYS = {Qt.Key.Key_S: View.STREAM, Qt.Key.Key_L: View.LENS, Qt.Key.Key_M: View.UNITS}
_HINT = {
    View.STREAM: "Click or arrows select a vector's first component; Ctrl+C copies the table",
    View.LENS: "Click or arrows select the target's logit; Ctrl+C copies the table",
    View.UNITS: "Click or arrows select a ReLU; Ctrl+C copies the table",
}
_WAITING = "The numbers are being computed…"  # until the first answer


class StreamPanel(Panel):
    """Three views of the residual stream; each asks for its own numbers while it is seen."""

    name = "stream"
    title = "Stream"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toolbar = Toolbar()
        self.stream, self.lens, self.units = StreamView(), LensView(), UnitsView()
        self._views: dict[View, StreamView | LensView | UnitsView] = {
            View.STREAM: self.stream,
            View.LENS: self.lens,
            View.UNITS: self.units,
        }
        self.line = OneLine()
        self.empty = EmptyState("No session yet. The residual stream appears with the first update.")
        self._pages = QStackedWidget()
        for view in self._views.values():
            self._pages.addWidget(view)
            view.chosen.connect(self._select)
            view.pointed.connect(self._tell)
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        column.addWidget(self._pages, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(8, 0, 8, 2)
        foot.addWidget(self.line)
        column.addLayout(foot)
        self._whole = QStackedWidget()
        self._whole.addWidget(self.empty)
        self._whole.addWidget(self._content)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._whole)
        self.toolbar.view_chosen.connect(self._show_view)
        self.toolbar.quantity_chosen.connect(self._show_quantity)
        self.toolbar.updates_chosen.connect(self.wishes_changed)
        self._show_view()

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return {
            View.STREAM: (Stream(),),
            View.LENS: (LogitLens(),),
            View.UNITS: (MlpUnits(), UnitActivity(self.toolbar.updates)),
        }[self.toolbar.view]

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        for view in self._views.values():
            view.show_session(description)
        self._whole.setCurrentWidget(self._content)
        self.toolbar.line.say("")
        self._tell()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Answers that are to be read come a few times a second while training runs: not every snapshot has one."""
        super().show_snapshot(snapshot)
        if self.description is None:
            return
        seen = Seen(self.description, snapshot.moment, snapshot.pace.running)
        stream, lens, units = snapshot.answer(Stream()), snapshot.answer(LogitLens()), snapshot.answer(MlpUnits())
        if stream is not None:
            self.stream.show_numbers(stream, seen)
        if lens is not None:
            self.lens.show_numbers(lens, seen)
        if units is not None:
            self.units.show_numbers(units, snapshot.answer(UnitActivity(self.toolbar.updates)), seen)
        if stream is not None or lens is not None or units is not None:
            self._outline()

    def show_text(self, snapshot: Snapshot) -> None:
        super().show_text(snapshot)
        if self.description is not None:
            self.toolbar.line.say(Seen(self.description, snapshot.moment).when)
            self._tell()

    def show_selection(self, scalar: int | None) -> None:
        super().show_selection(scalar)
        self._outline()

    @property
    def view(self) -> StreamView | LensView | UnitsView:
        """What is seen."""
        return self._views[self.toolbar.view]

    def _show_view(self) -> None:
        self._pages.setCurrentWidget(self.view)
        self.setFocusProxy(self.view)
        self.wishes_changed.emit()
        self._outline()
        self._tell()

    def _show_quantity(self) -> None:
        self.units.set_quantity(self.toolbar.quantity)

    def _outline(self) -> None:
        self.view.set_selected(self.view.cell_of(self.selection))

    def _select(self, cell: Cell) -> None:
        self.selected.emit(self.view.scalar_at(cell))

    def _tell(self) -> None:
        cell = self.view.current
        if not self.view.blocks:
            self.line.say(_WAITING)
        else:
            self.line.say(_HINT[self.toolbar.view] if cell is None else self.view.brief(cell))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        view = _KEYS.get(Qt.Key(event.key()))
        if view is not None and not event.modifiers() and self._whole.currentWidget() is self._content:
            self.toolbar.button(view).click()
            self.view.setFocus()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(480), theme.scaled(320))
