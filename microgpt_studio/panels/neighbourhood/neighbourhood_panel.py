"""The Neighbourhood panel: the selected scalar with its operands and consumers, laid out by Graphviz.

It asks for the neighbourhood of the selection, has a new shape laid out in the layout process, and shows it when the
layout has come; until then, and where it does not come, the last picture stays. New numbers are drawn in place.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from time import monotonic

from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from microgpt_studio.bridge.layout_process import Layout, LayoutProcess
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.neighbourhood import Extent, Neighbourhood
from microgpt_studio.debugger.neighbourhood_dot import labelled_text
from microgpt_studio.debugger.neighbourhood_numbers import NeighbourhoodAnswer, NeighbourhoodInquiry
from microgpt_studio.debugger.snapshot import Description, Moment, Snapshot
from microgpt_studio.panels.neighbourhood.drawing import Drawing
from microgpt_studio.panels.neighbourhood.figures import Figures, has_all_of
from microgpt_studio.panels.neighbourhood.footer import Footer
from microgpt_studio.panels.neighbourhood.measures import Measures
from microgpt_studio.panels.neighbourhood.picture import WholePicture
from microgpt_studio.panels.neighbourhood.toolbar import Toolbar
from microgpt_studio.panels.neighbourhood.view import NeighbourhoodView
from microgpt_studio.panels.neighbourhood.walk import Walk
from microgpt_studio.panels.neighbourhood.words import no_room, not_here, what_is_drawn
from microgpt_studio.panels.panel import Panel
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import EmptyState

_NO_SCALAR = "Select a scalar to see what it is made from and what uses it."
_MOST_LAYOUTS = 128  # kept
_STILL = 1.0  # seconds that a picture is kept at least while training runs: every document would have another one


class NeighbourhoodPanel(Panel):
    """Shows the selected scalar with its operands and consumers."""

    name = "neighbourhood"
    title = "Neighbourhood"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toolbar = Toolbar(self)
        self.view = NeighbourhoodView(self)
        self.footer = Footer(self)
        self.empty = EmptyState(_NO_SCALAR, self)
        self.layouts = LayoutProcess(self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        column.addWidget(self._pages, 1)
        column.addWidget(self.footer)
        self.setFocusProxy(self.view)
        self._walk = Walk()
        self._opened: frozenset[int] = frozenset()
        self._all_opened = False
        self._known: OrderedDict[str, Layout] = OrderedDict()  # by DOT text
        self._asked: tuple[int, str, Neighbourhood] | None = None  # number of the request, its text, what it is of
        self._refused: str | None = None  # the text that Graphviz has failed at
        self._problem: str | None = None
        self._anchor: int | None = None  # the scalar whose node keeps its place in the next picture
        self._answer: NeighbourhoodAnswer | None = None
        self._moment: Moment | None = None  # of the numbers that are shown
        self._changes_from = 0.0  # when another document may bring another picture, while training runs
        self._connect()
        self._show_page()

    def _connect(self) -> None:
        self.toolbar.extent_changed.connect(self._ask_again)
        self.toolbar.fold_all_chosen.connect(self._fold_all)
        self.toolbar.unfold_all_chosen.connect(self._unfold_all)
        self.toolbar.back_chosen.connect(self._go_back)
        self.toolbar.forward_chosen.connect(self._go_forward)
        self.toolbar.fit_chosen.connect(self.view.fit)
        self.toolbar.zoom_in_chosen.connect(self.view.zoom_in)
        self.toolbar.zoom_out_chosen.connect(self.view.zoom_out)
        self.view.chosen.connect(self.selected)
        self.view.toggled.connect(self._toggle)
        self.view.pointed.connect(self._show_pointed)
        self.view.restyled.connect(self._restyle)
        self.view.went_back.connect(self._go_back)
        self.view.went_forward.connect(self._go_forward)
        self.layouts.laid_out.connect(self._take_layout)
        self.layouts.failed.connect(self._take_failure)

    # What others call

    @property
    def extent(self) -> Extent | None:
        """What is asked for."""
        if self.selection is None:
            return None
        return Extent(self.selection, self.toolbar.steps, self.toolbar.direction, self._opened, self._all_opened)

    @property
    def is_waiting(self) -> bool:
        """Whether another picture is on its way."""
        return self._asked is not None

    def dot_text(self) -> str | None:
        """What is drawn as DOT, with addresses and full numbers; None where nothing is."""
        drawing, figures = self.view.drawing, self.view.figures
        if drawing is None or figures is None or self.description is None or self._moment is None:
            return None
        title = f"{self._picture_title(drawing)}\n{what_is_drawn(drawing, self._moment)[0]}"
        return labelled_text(drawing.neighbourhood, figures.numbers, self.description.addresses, title)

    def whole_picture(self) -> WholePicture | None:
        """What is drawn, to be painted elsewhere; None where nothing is."""
        drawing, figures = self.view.drawing, self.view.figures
        if drawing is None or figures is None or self._moment is None:
            return None
        subtitle = what_is_drawn(drawing, self._moment)[0]
        return WholePicture(drawing, figures, current_theme(), self._picture_title(drawing), subtitle)

    def _picture_title(self, drawing: Drawing) -> str:
        assert self.description is not None, "something is drawn"
        return f"Neighbourhood of {self.description.addresses.format(drawing.neighbourhood.extent.scalar)}"

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return () if self.extent is None else (NeighbourhoodInquiry(self.extent),)

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self._walk = Walk()
        self._opened, self._all_opened = frozenset(), False
        self._answer = self._asked = self._problem = self._anchor = None
        self.layouts.cancel()
        self.view.clear()
        self._show_page()

    def show_selection(self, scalar: int | None) -> None:
        before = self.extent
        super().show_selection(scalar)
        if self.extent != before:
            self._answer = self._problem = self._refused = None
        if scalar is not None:
            self._walk.visit(scalar)
        self._anchor = None
        self.toolbar.show_ways(back=self._walk.previous is not None, forward=self._walk.next is not None)
        self._show_page()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        extent = self.extent
        answer = None if extent is None else snapshot.answer(NeighbourhoodInquiry(extent))
        if answer is not None:
            self._answer = answer
            self._show_answer(answer, running=snapshot.pace.running)

    def show_text(self, snapshot: Snapshot) -> None:
        super().show_text(snapshot)
        self._show_status()
        self._show_pointed()

    # Pictures

    def _show_answer(self, answer: NeighbourhoodAnswer, *, running: bool) -> None:
        """Show numbers in the picture that is there, if it is of this neighbourhood, or have another one laid out."""
        neighbourhood, drawing = answer.neighbourhood, self.view.drawing
        if neighbourhood is None or answer.numbers is None:
            if running and drawing is not None and drawing.neighbourhood.extent == self.extent:
                self._show_figures(Figures.absent(drawing.neighbourhood))
            else:
                self.view.clear()
            self._show_page()
            return
        if drawing is None or not self._is_drawn(drawing, neighbourhood, running=running):
            self._lay_out(neighbourhood)
            drawing = self.view.drawing
        if drawing is not None and drawing.neighbourhood.extent.scalar == self.selection:
            self._show_figures(Figures.of(drawing.neighbourhood, neighbourhood, answer.numbers))
        self._show_page()

    def _show_figures(self, figures: Figures) -> None:
        self.view.show_figures(figures)
        self.footer.show_scales(figures)
        self._moment = self.snapshot.moment if self.snapshot is not None else None

    def _is_drawn(self, drawing: Drawing, present: Neighbourhood, *, running: bool) -> bool:
        """Whether the picture does. While training runs it keeps still where it shows all of it, or is new."""
        drawn = drawing.neighbourhood
        if drawing.measures != Measures.of(current_theme()):
            return False
        if running and drawn.extent == present.extent:
            return monotonic() < self._changes_from or has_all_of(drawn, present)
        return drawn == present

    def _lay_out(self, neighbourhood: Neighbourhood) -> None:
        assert self.description is not None
        measures = Measures.of(current_theme())
        text = Drawing.text(neighbourhood, self.description.addresses, measures)
        if text in self._known:
            self._known.move_to_end(text)
            self._asked = self._problem = None
            self.layouts.cancel()
            self._draw(neighbourhood, self._known[text])
        elif text != self._refused and (self._asked is None or self._asked[1] != text):
            self._problem = self._refused = None
            self._asked = (self.layouts.request(text), text, neighbourhood)
        elif self._asked is not None:
            self._asked = (*self._asked[:2], neighbourhood)

    def _draw(self, neighbourhood: Neighbourhood, layout: Layout) -> None:
        assert self.description is not None
        answer = self._answer
        if answer is None or answer.neighbourhood is None or answer.numbers is None:
            return
        drawing = Drawing(neighbourhood, self.description.addresses, Measures.of(current_theme()), layout)
        figures = Figures.of(neighbourhood, answer.neighbourhood, answer.numbers)
        same = self.view.drawing is not None and self.view.drawing.neighbourhood.extent == neighbourhood.extent
        anchor = neighbourhood.extent.scalar if same and self._anchor is None else self._anchor
        self.view.show_drawing(drawing, figures, anchor)
        if self.snapshot is not None and self.snapshot.pace.running:
            self._changes_from = monotonic() + _STILL
        self._show_figures(figures)
        self._anchor = None
        self._show_page()

    def _take_layout(self, number: int, layout: Layout) -> None:
        asked = self._asked
        if asked is None or asked[0] != number:
            return
        self._asked = None
        self._known[asked[1]] = layout
        while len(self._known) > _MOST_LAYOUTS:
            self._known.popitem(last=False)
        self._draw(asked[2], layout)

    def _take_failure(self, number: int, sentence: str) -> None:
        if self._asked is None or self._asked[0] != number:
            return
        self._refused, self._asked = self._asked[1], None
        stays = (
            ""
            if self._moment is None
            else f" The last picture stays, with its numbers of update {self._moment.update}."
        )
        self._problem = f"{sentence}{stays if self.view.drawing is not None else ''} A smaller depth has fewer nodes."
        self._show_page()

    def _restyle(self) -> None:
        """Other sizes of letters need another layout."""
        if self._answer is not None and self.snapshot is not None and self.isVisible():
            self._show_answer(self._answer, running=self.snapshot.pace.running)

    # Choices

    def _ask_again(self) -> None:
        self._ask_for_more(self.selection)

    def _ask_for_more(self, anchor: int | None) -> None:
        self._anchor, self._refused = anchor, None
        self.wishes_changed.emit()

    def _fold_all(self) -> None:
        self._opened, self._all_opened = frozenset(), False
        self._ask_again()

    def _unfold_all(self) -> None:
        self._all_opened = True
        self._ask_again()

    def _toggle(self, node: int) -> None:
        """Open the long sum of a node, or fold it. One that the selected scalar is inside of stays open."""
        drawing = self.view.drawing
        if drawing is None or drawing.neighbourhood.names[node] < 0:
            return
        neighbourhood = drawing.neighbourhood
        name = int(neighbourhood.names[node])
        if self._all_opened:  # from now on one by one
            shown = neighbourhood.names[(neighbourhood.terms > 0) & ~neighbourhood.folded]
            self._opened, self._all_opened = frozenset(shown.tolist()), False
        self._opened ^= {name}
        head = (neighbourhood.names == name) & (neighbourhood.terms > 0)
        self._ask_for_more(int(neighbourhood.scalars[head][0]))

    def _go_back(self) -> None:
        scalar = self._walk.back()
        if scalar is not None:
            self.selected.emit(scalar)

    def _go_forward(self) -> None:
        scalar = self._walk.forward()
        if scalar is not None:
            self.selected.emit(scalar)

    # Words

    def _show_page(self) -> None:
        drawing = self.view.drawing
        self.empty.set_sentence(self._empty_words())
        self._pages.setCurrentWidget(self.view if drawing is not None else self.empty)
        self.toolbar.setVisible(self.selection is not None)
        self.footer.setVisible(drawing is not None)
        self._show_status()

    def _empty_words(self) -> str:
        if self.selection is None or self.description is None:
            return _NO_SCALAR
        if self._answer is not None and self._answer.neighbourhood is None and self.snapshot is not None:
            return not_here(self.description.addresses.format(self.selection), self.snapshot.moment)
        return self._problem or "Graphviz lays it out…"

    def _show_status(self) -> None:
        drawing, moment = self.view.drawing, self._moment
        if drawing is None or moment is None:
            return
        self.footer.show_problem(self._problem or no_room(drawing))
        prefix = "laying out… · " if self._asked is not None else ""
        self.footer.say(*(prefix + text for text in what_is_drawn(drawing, moment)))

    def _show_pointed(self) -> None:
        self.footer.point(*self.view.wordings())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._answer is not None and self.description is not None:
            self._show_answer(self._answer, running=False)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # a minimized window comes back
            self._asked = None
            self.layouts.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.view.description():
            QGuiApplication.clipboard().setText(self.view.description())
        else:
            super().keyPressEvent(event)
