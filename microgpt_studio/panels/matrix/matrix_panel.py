"""The Matrix panel: every edge of the graph as a dot at (operand, consumer)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt.program.program import Ids
from microgpt_studio.debugger.edges import EdgeFigures, Edges, NumbersOfAllEdges, NumbersOfEdges, WholeGraph
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.snapshot import Description, Reach, Snapshot
from microgpt_studio.panels.matrix.footer import Footer, Scale
from microgpt_studio.panels.matrix.marks import Edge
from microgpt_studio.panels.matrix.matrix_view import MatrixView
from microgpt_studio.panels.matrix.pointed import Pointed
from microgpt_studio.panels.matrix.strength import Coloring
from microgpt_studio.panels.matrix.toolbar import Toolbar
from microgpt_studio.panels.panel import Panel
from microgpt_studio.widgets import EmptyState
from microgpt_studio.widgets.number_text import full, short

Written = Callable[[float], str]

_KEYS = {
    Qt.Key.Key_E: Coloring.COUNT,
    Qt.Key.Key_D: Coloring.DERIVATIVE,
    Qt.Key.Key_C: Coloring.CONTRIBUTION,
}
_SETTLED = 60  # milliseconds that the pointer rests on an edge before its numbers are asked for


class MatrixPanel(Panel):
    """Shows every edge of the document's graph; a click selects its consumer, with Shift its operand."""

    name = "matrix"
    title = "Matrix"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view: MatrixView | None = None
        self.toolbar = Toolbar(self)
        self.footer = Footer(self)
        self._asked: tuple[NumbersOfEdges, ...] = ()
        self._empty = EmptyState("No session yet. The matrix appears when a program has been recorded.", self)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(_SETTLED)
        self._settling.timeout.connect(self._ask)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.toolbar)
        self._column.addWidget(self._empty, 1)
        self._column.addWidget(self.footer)
        self.toolbar.hide()
        self.footer.hide()
        self.toolbar.coloring_chosen.connect(self._set_coloring)
        self.toolbar.fit_chosen.connect(self._fit)
        self.toolbar.zoom_in_chosen.connect(self._zoom_in)
        self.toolbar.zoom_out_chosen.connect(self._zoom_out)

    def inquiries(self) -> Iterable[Inquiry[object]]:
        coloring = self.toolbar.coloring
        return (WholeGraph(), *self._asked, *(() if coloring is Coloring.COUNT else (NumbersOfAllEdges(),)))

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self._settling.stop()
        self._asked = ()
        if self.view is not None:
            self._column.removeWidget(self.view)
            self.view.hide()
            self.view.deleteLater()
        self.view = MatrixView(description, self)
        self.view.set_coloring(self.toolbar.coloring)
        self.view.selected.connect(self.selected)
        self.view.hovered.connect(self._look)
        self.view.looked.connect(self._look)
        self._column.insertWidget(1, self.view, 1)
        self.view.show()
        self.setFocusProxy(self.view)
        self._empty.hide()
        self.toolbar.show()
        self.footer.show()
        self._tell()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        edges = snapshot.answer(WholeGraph())
        if self.view is None or edges is None:
            return
        cursor = snapshot.moment.cursor
        self.view.show_edges(edges, cursor.scalar if cursor.done else None, running=snapshot.pace.running)
        self.view.show_figures(self._figures_of(self.view.figured_consumers()))
        if self.view.coloring is not Coloring.COUNT:
            self.view.show_strength(snapshot.answer(NumbersOfAllEdges()))

    def show_text(self, snapshot: Snapshot) -> None:
        super().show_text(snapshot)
        self._tell()

    def show_selection(self, scalar: int | None) -> None:
        super().show_selection(scalar)
        if self.view is not None:
            self.view.show_selection(scalar)
            self._settle()
            self._tell()

    def show_lit(self, scalars: Ids) -> None:
        super().show_lit(scalars)
        if self.view is not None:
            self.view.show_lit(scalars)

    @property
    def edge(self) -> Edge | None:
        """The edge that is pointed at."""
        return None if self.view is None else self.view.marks.hovered

    def describe(self, edge: Edge) -> str:
        """The addresses of an edge and its numbers in full."""
        addresses = f"{self._address(edge[0])} → {self._address(edge[1])}"
        return "   ".join((addresses, *self._numbers(edge, full)))

    def _set_coloring(self, coloring: Coloring) -> None:
        if self.view is not None:
            self.view.set_coloring(coloring)
            if self.snapshot is not None and coloring is not Coloring.COUNT:  # the answer may be there already
                self.view.show_strength(self.snapshot.answer(NumbersOfAllEdges()))
        self.wishes_changed.emit()
        self._tell()

    def _fit(self) -> None:
        if self.view is not None:
            self.view.fit()

    def _zoom_in(self) -> None:
        if self.view is not None:
            self.view.zoom_in()

    def _zoom_out(self) -> None:
        if self.view is not None:
            self.view.zoom_out()

    def _look(self, *_: object) -> None:
        """Something else is pointed at, or another part is seen."""
        self._settle()
        self._tell()

    def _settle(self) -> None:
        """Ask for other numbers soon, if others are needed and nothing changes until then."""
        if self._needed() != self._asked:
            self._settling.start()

    def _ask(self) -> None:
        needed = self._needed()
        if needed != self._asked:
            self._asked = needed
            self.wishes_changed.emit()

    def _needed(self) -> tuple[NumbersOfEdges, ...]:
        if self.view is None or self.view.edges is None:
            return ()
        consumers = self.view.figured_consumers()
        wanted = [] if consumers is None else [NumbersOfEdges(*consumers)]
        if self.edge is not None and (consumers is None or not consumers[0] <= self.edge[1] < consumers[1]):
            wanted.append(NumbersOfEdges(self.edge[1], self.edge[1] + 1))
        return tuple(wanted)

    def _figures_of(self, consumers: tuple[int, int] | None) -> EdgeFigures | None:
        """The numbers of the present moment for these consumers, if they have come."""
        if consumers is None or self.snapshot is None:
            return None
        return self.snapshot.answer(NumbersOfEdges(*consumers))

    def _address(self, place: int) -> str:
        assert self.view is not None and self.view.bands is not None, "there are edges"
        return self.view.bands.address(place)

    def _numbers(self, edge: Edge, written: Written) -> tuple[str, ...]:
        """Local derivative and contribution of an edge, as far as they have come and are known."""
        assert self.view is not None and self.view.edges is not None, "there are edges"
        operand, consumer = edge
        figures = self._figures_of((consumer, consumer + 1)) or self._figures_of(self.view.figured_consumers())
        if figures is None:
            return ()
        k, side = consumer - figures.start, self.view.edges.operands(consumer).index(operand)
        if figures.derivative_reach[k] != Reach.KNOWN:
            return ("derivative not computed yet",)
        derivative = f"derivative {written(float(figures.derivatives[side, k]))}"
        reach = Reach(int(figures.contribution_reach[k]))
        if reach is Reach.KNOWN:
            return derivative, f"contribution {written(float(figures.contributions[side, k]))}"
        outside = reach is Reach.OUTSIDE
        return derivative, "the loss does not depend on it" if outside else "contribution not computed yet"

    def _tell(self) -> None:
        view = self.view
        if view is None or view.edges is None or self.snapshot is None:
            self.footer.lines.say(0)
            self.footer.lines.say(1)
            return
        if view.strength is not None:
            self.footer.legend.set_scale(Scale.of_strength(view.strength, view.coloring))
        elif view.density is not None:
            self.footer.legend.set_scale(Scale.of_count(view.density.limit))
        self.footer.lines.say(0, *seen_wordings(self.snapshot, view.edges), muted=True)
        pointed = None if self.edge is None else self._pointed(view, self.edge)
        self.footer.lines.say(1, *(self._selected_wordings(view) if pointed is None else pointed.wordings))
        view.say(pointed.tip if pointed is not None else "")
        self.toolbar.layers.show_layers(max((len(ruler.layers) for ruler in view.rulers or ()), default=0))

    def _pointed(self, view: MatrixView, edge: Edge) -> Pointed:
        single = view.density is not None and view.density.is_single
        operand, consumer = map(self._address, edge)
        count = 0 if single else view.count_at(edge)
        return Pointed(operand, consumer, self._numbers(edge, short), count, "" if single else view.where(*edge))

    def _selected_wordings(self, view: MatrixView) -> tuple[str, ...]:
        if self.selection is None or view.marks.selected is None:
            return ()
        uses = len(view.marks.selected_edges)
        address = self._address(view.marks.selected)
        return f"{address}  selected, {uses:,} edges: to its operands across, to its consumers down", address

    def _copy_text(self) -> str:
        """The edge that is pointed at, with its numbers, or else the address of the selected scalar."""
        if self.edge is not None:
            return self.describe(self.edge)
        selected = None if self.view is None else self.view.marks.selected
        return "" if selected is None else self._address(selected)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            text = self._copy_text()
            if text:
                QGuiApplication.clipboard().setText(text)
        elif event.key() in _KEYS and not event.modifiers():
            self.toolbar.choose(_KEYS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)


def seen_wordings(snapshot: Snapshot, edges: Edges) -> tuple[str, ...]:
    """What is seen: longest wording first."""
    document = f"“{snapshot.moment.document}”"
    scalars, count = f"{edges.num_scalars:,} scalars", f"{edges.count:,} edges"
    return (
        f"a dot for every edge: x operand, y consumer, in order of execution · {document} · {scalars} · {count}",
        f"x operand, y consumer, in order of execution · {document} · {scalars} · {count}",
        f"{document} · {scalars} · {count}",
        f"{document} · {count}",
        count,
    )
