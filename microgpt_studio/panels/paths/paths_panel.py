"""The Paths panel: the ways on which gradient flows from the loss to the selected scalar."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from microgpt.program.program import Ids
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.paths import Paths, PathsOf
from microgpt_studio.debugger.shares import Points
from microgpt_studio.debugger.snapshot import Description, Moment, Snapshot
from microgpt_studio.panels.panel import Panel
from microgpt_studio.panels.paths.chain_view import ChainView
from microgpt_studio.panels.paths.shares_view import SharesView
from microgpt_studio.panels.paths.toolbar import Light, Toolbar, View
from microgpt_studio.panels.paths.words import EMPTY, WAITING, headline, in_full, missing_chain
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import AddressLink, EmptyState
from microgpt_studio.widgets.sentence import Sentence

_NOTHING: Ids = np.empty(0, dtype=np.int32)
_WIDE, _TALL = 760, 560  # pixels at text scale 1 from which both views are seen, side by side or one below the other


class PathsPanel(Panel):
    """A sentence about the paths from the selected scalar, the strongest chain, and the shares of the gradient."""

    name = "paths"
    title = "Paths"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.paths: Paths | None = None  # what is shown
        self._moment: Moment | None = None  # of what is shown
        self._points: Points | None = None
        self._lit: Ids | None = None  # what this panel has lit
        self.address = AddressLink()
        self.sentence = Sentence()
        self.toolbar = Toolbar()
        self.chain = ChainView()
        self.chain_empty = EmptyState()
        self.shares = SharesView()
        self.empty_state = EmptyState(EMPTY)
        self._chain_pages, self._pages = QStackedWidget(), QStackedWidget()
        self._views = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._lay_out()
        self.address.activated.connect(self.selected)
        self.chain.chosen.connect(self.selected)
        self.shares.table.chosen.connect(self._light_cell)
        self.toolbar.view_chosen.connect(self._arrange)
        self.toolbar.light_chosen.connect(self._light)
        self._arrange()

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return () if self.selection is None else (PathsOf(self.selection),)

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self._points = None
        self._forget()

    def show_selection(self, scalar: int | None) -> None:
        changed = scalar != self.selection
        super().show_selection(scalar)
        if changed:
            self._forget()
            if self._lit is not None:  # until there is an answer about this one
                self._tell_lit(_NOTHING)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Answers come a few times a second, as what is read does: not every snapshot has one."""
        super().show_snapshot(snapshot)
        if self.selection is None:
            return
        answer = snapshot.answer(PathsOf(self.selection))
        if answer is not None:
            self.paths, self._moment = answer, snapshot.moment
            self._show()
            if self.toolbar.light is not None:
                self._light()

    def show_lit(self, scalars: Ids) -> None:
        """Something else is lit: what this panel has lit is so no more."""
        if self._lit is not None and scalars is not self._lit:
            self._lit = None
            self.toolbar.put_out()

    def _forget(self) -> None:
        """Nothing is known of the selected scalar yet."""
        self.paths = self._moment = None
        if self.description is None or self.selection is None:
            self._pages.setCurrentIndex(0)
            return
        self._pages.setCurrentIndex(1)
        self.address.set_address(self.description.addresses.format(self.selection), self.selection)
        self.sentence.say(WAITING)
        self.sentence.setToolTip("")

    def _show(self) -> None:
        paths, moment, description = self.paths, self._moment, self.description
        if paths is None or moment is None or description is None:
            return
        self.sentence.say(headline(paths, description, moment))
        self.sentence.setToolTip(in_full(paths))
        self.toolbar.allow(paths=len(paths.on_path) > 0, chain=len(paths.chain) > 0)
        missing = missing_chain(paths)
        self.chain_empty.set_sentence(missing)
        self._chain_pages.setCurrentWidget(self.chain_empty if missing else self.chain)
        self.chain.show_chain(paths.chain, description.program)
        characters = tuple(description.token_text(token) for token in moment.tokens[: moment.positions])
        self.shares.show_paths(paths, characters)

    def _light(self) -> None:
        """Light what is chosen, if it is not lit already."""
        if self.toolbar.light is None:
            if self._lit is not None:
                self._tell_lit(_NOTHING)
                self._lit = None
        elif self.paths is not None:
            scalars = self.paths.on_path if self.toolbar.light is Light.PATHS else self.paths.chain_ids
            if self._lit is None or not np.array_equal(scalars, self._lit):
                self._tell_lit(scalars)

    def _tell_lit(self, scalars: Ids) -> None:
        self._lit = scalars
        self.lit.emit(scalars)

    def _light_cell(self, row: int, position: int) -> None:
        """Light what a cell of the table adds up."""
        if self.description is None:
            return
        if self._points is None:
            self._points = Points.of(self.description.program)
        points = self._points
        self.lit.emit(points.scalars[(points.row == row) & (points.column == position)])

    def _arrange(self) -> None:
        """Both views where there is room, else the chosen one."""
        theme = current_theme()
        wide = self.width() >= theme.scaled(_WIDE)
        both = wide or self.height() >= theme.scaled(_TALL)
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._views.setDirection(direction)
        self._views.setStretch(1, 1 if wide or not both else 0)  # below the chain the table takes what it needs
        self.toolbar.show_views(shown=not both)
        self._chain_pages.setVisible(both or self.toolbar.view is View.CHAIN)
        self.shares.setVisible(both or self.toolbar.view is View.SHARES)

    def _lay_out(self) -> None:
        self._chain_pages.addWidget(self.chain_empty)
        self._chain_pages.addWidget(self.chain)
        self._views.setSpacing(8)
        self._views.addWidget(self._chain_pages, 1)
        self._views.addWidget(self.shares, 1)
        content = QWidget()
        top = QVBoxLayout()
        top.setContentsMargins(8, 8, 8, 0)
        top.setSpacing(4)
        top.addWidget(self.address, 0, Qt.AlignmentFlag.AlignLeft)
        top.addWidget(self.sentence)
        top.addWidget(self.toolbar)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(self._views, 1)
        self._pages.addWidget(self.empty_state)
        self._pages.addWidget(content)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(345), theme.scaled(300))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
