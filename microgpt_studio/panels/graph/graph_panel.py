"""The Graph panel: the map of the current document's graph, with its tool bar and legend."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt.program.program import Ids
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.snapshot import Description, Reach, Snapshot
from microgpt_studio.panels.graph.attention_curves import curves_text
from microgpt_studio.panels.graph.captions import inside_note, scale_captions, short_address
from microgpt_studio.panels.graph.footer import Footer
from microgpt_studio.panels.graph.map_colors import Coloring, Numbers, Quantity
from microgpt_studio.panels.graph.map_view import MapView
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.panels.graph.toolbar import Toolbar
from microgpt_studio.panels.graph.whole_map import WholeMap
from microgpt_studio.panels.panel import Panel
from microgpt_studio.widgets.empty_state import EmptyState
from microgpt_studio.widgets.number_text import short


class GraphPanel(Panel):
    """Shows every element of the document's graph as a cell; a click selects it."""

    name = "graph"
    title = "Graph"
    hovered_text = Signal(str)  # what is pointed at, for a status bar; empty for nothing

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toolbar = Toolbar(self)
        self.footer = Footer(self)
        self.view: MapView | None = None
        self._empty = EmptyState("No session yet. The map appears when a program has been recorded.", self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.toolbar)
        self._column.addWidget(self._empty, 1)
        self._column.addWidget(self.footer)
        self.toolbar.coloring_chosen.connect(self._set_coloring)
        self.toolbar.lock_chosen.connect(self._set_locked)
        self.toolbar.minimap_chosen.connect(self._show_minimap)
        self.toolbar.chain_chosen.connect(self._draw_chain)
        self.toolbar.back_chosen.connect(self._go_back)
        self.toolbar.forward_chosen.connect(self._go_forward)
        self.toolbar.fit_chosen.connect(self._fit)
        self.toolbar.fit_selection_chosen.connect(self._fit_selection)
        self.toolbar.zoom_in_chosen.connect(self._zoom_in)
        self.toolbar.zoom_out_chosen.connect(self._zoom_out)
        self._show_toolbar()

    def whole_picture(self) -> WholeMap | None:
        """What the map shows, to be painted elsewhere; None where it shows nothing."""
        picture, frame = (None, None) if self.view is None else (self.view.picture, self.view.frame)
        if self.view is None or picture is None or frame is None:
            return None
        return WholeMap(self.view, picture, frame, moment_wordings(picture))

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return () if self.view is None else self.view.inquiries()

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self.toolbar.offer_scalar(None, "")
        self.toolbar.choose_scalar(None)  # its id is another scalar's now
        if self.view is not None:
            self._column.removeWidget(self.view)
            self.view.hide()
            self.view.deleteLater()
        self.view = MapView(description, self)
        self.view.set_coloring(self.toolbar.coloring)
        self.view.set_locked(self.toolbar.lock.isChecked())
        self.view.set_minimap(self.toolbar.minimap.isChecked())
        self.view.draw_chain(self.toolbar.chain.isChecked())
        self.view.views_changed.connect(self._show_ways)
        self.view.selected.connect(self.selected)
        self.view.hovered.connect(self._hovered)
        self.view.wishes_changed.connect(self.wishes_changed)
        self._column.insertWidget(1, self.view, 1)
        self.view.show()
        self.setFocusProxy(self.view)
        self._show_toolbar()
        self._show_lines()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        if self.view is not None:
            self.view.show_snapshot(snapshot)
            self._show_ways()

    def show_text(self, snapshot: Snapshot) -> None:
        super().show_text(snapshot)
        if self.isVisible():
            self._show_lines()

    def show_selection(self, scalar: int | None) -> None:
        super().show_selection(scalar)
        if self.view is not None:
            self.view.show_selection(scalar)
            self.toolbar.offer_scalar(scalar, self._address(scalar))
            self._show_ways()
            if self.isVisible():
                self._show_lines()

    def show_lit(self, scalars: Ids) -> None:
        super().show_lit(scalars)
        if self.view is not None:
            self.view.show_lit(scalars)

    def _show_toolbar(self) -> None:
        there = self.view is not None
        self._empty.setVisible(not there)
        self.toolbar.setVisible(there)
        self.footer.setVisible(there)

    def _set_coloring(self, coloring: Coloring) -> None:
        if self.view is not None:
            self.view.set_coloring(coloring)
            self._show_lines()

    def _set_locked(self, locked: bool) -> None:
        if self.view is not None:
            self.view.set_locked(locked)
            self._show_lines()

    def _show_minimap(self, shown: bool) -> None:
        if self.view is not None:
            self.view.set_minimap(shown)

    def _draw_chain(self, drawn: bool) -> None:
        if self.view is not None:
            self.view.draw_chain(drawn)

    def _show_ways(self) -> None:
        if self.view is not None:
            levels = self.view.levels
            self.toolbar.show_ways(
                back=levels.can_go_back,
                forward=levels.can_go_forward,
                selection=self.view.selected_scalar is not None,
                out=not levels.camera.fitted,
            )

    def _go_back(self) -> None:
        if self.view is not None:
            self.view.go_back()

    def _go_forward(self) -> None:
        if self.view is not None:
            self.view.go_forward()

    def _fit(self) -> None:
        if self.view is not None:
            self.view.fit()

    def _fit_selection(self) -> None:
        if self.view is not None:
            self.view.fit_selection()

    def _zoom_in(self) -> None:
        if self.view is not None:
            self.view.zoom_in()

    def _zoom_out(self) -> None:
        if self.view is not None:
            self.view.zoom_out()

    def _hovered(self, scalar: int | None) -> None:
        self._show_lines()
        there = scalar is not None and self.view is not None and self.view.picture is not None
        text = self.view.describe(scalar).replace("\n", "   ") if there and self.view and scalar is not None else ""
        self.hovered_text.emit(text)

    def _show_lines(self) -> None:
        view, picture = self.view, None if self.view is None else self.view.picture
        if view is None or picture is None:
            self.footer.lines.say(0)
            self.footer.lines.say(1)
            return
        curves = "" if view.selected_position is None else curves_text(picture, view.selected_position)
        first, *others = moment_wordings(picture)
        self.footer.lines.say(0, *([f"{first} · {curves}"] if curves else []), first, *others, muted=True)
        scalar = view.hovered_scalar if view.hovered_scalar is not None else view.selected_scalar
        self.footer.lines.say(1, *(() if scalar is None else self._scalar_wordings(picture, scalar)))
        band = 0 if scalar is None else int(view.layout_of_map.row_of[view.layout_of_map.cell_of(scalar)])
        captions = scale_captions(picture, band, self._address(picture.coloring.chosen))
        whole = picture.coloring.quantity.is_order
        scale, hatched = picture.scale(band), picture.hatched_text()
        self.footer.show_scale(scale, captions, hatched, note=inside_note(picture), whole=whole)

    def _address(self, scalar: int | None) -> str:
        return "" if scalar is None or self.description is None else self.description.addresses.format(scalar)

    def _scalar_wordings(self, picture: Picture, scalar: int) -> tuple[str, ...]:
        assert self.description is not None, "there is a picture"
        address = self.description.addresses.format(scalar)
        numbers = picture.numbers_of(scalar)
        if numbers is None:
            return (address,)
        of_all, index = numbers
        data, grad = (_brief(each, index) for each in of_all)
        if data == grad == _brief_missing(Reach.NOT_COMPUTED):
            return f"{address}  data and grad {data}", f"{address}  {data}", address
        wordings = [
            f"{where}{figures}"
            for where in (address, short_address(address))
            for figures in (f"  data {data}  grad {grad}", f"  {data}  {grad}")
        ]
        return (*sorted(wordings, key=len, reverse=True), short_address(address))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_lines()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.view is not None:
            text = self.view.copy_text()
            if text is not None:
                QGuiApplication.clipboard().setText(text)
        elif event.key() == Qt.Key.Key_D and not event.modifiers():
            self.toolbar.choose_quantity(Quantity.DATA)
        elif event.key() == Qt.Key.Key_G and not event.modifiers():
            self.toolbar.choose_quantity(Quantity.GRAD)
        elif event.key() == Qt.Key.Key_C and not event.modifiers():
            self.toolbar.choose_contribution()
        elif event.key() == Qt.Key.Key_M and not event.modifiers():
            self.toolbar.minimap.toggle()
        elif event.key() == Qt.Key.Key_P and not event.modifiers():
            self.toolbar.chain.toggle()
        else:
            super().keyPressEvent(event)


def moment_wordings(picture: Picture) -> tuple[str, ...]:
    """Which moment is shown: longest wording first."""
    moment = picture.moment
    loss = picture.mean_loss()
    half = f"update {moment.update}, {moment.cursor.done:,} of {moment.cursor.length:,} operations done"
    begun = half if moment.cursor.done else f"update {moment.update}, not begun"
    finished = moment.cursor.done == moment.cursor.length
    state = f"update {moment.update}" if finished else begun if moment.step else "before the first update"
    parts = [state, f"“{moment.document}”", f"{moment.num_scalars:,} scalars", f"{moment.positions} positions"]
    if loss is not None:
        parts.insert(2, f"loss {short(loss)}")
    longest_first = (" · ".join(parts[:count]) for count in range(len(parts), 0, -1))
    return (*longest_first, state.removesuffix(" operations done"), state.split(",")[0])


def _brief(numbers: Numbers, element: int) -> str:
    reach = Reach(int(numbers.reach[element]))
    if reach is Reach.KNOWN:
        return short(float(numbers.values[element]))
    if reach is Reach.PARTIAL:
        return f"{short(float(numbers.values[element]))} so far"
    return _brief_missing(reach)


def _brief_missing(reach: Reach) -> str:
    return "outside the graph" if reach is Reach.OUTSIDE else "not computed yet"
