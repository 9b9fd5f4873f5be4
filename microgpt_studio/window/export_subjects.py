"""Subjects: what can be exported without a window, each shown snapshots until it has all that it needs of a moment.

A subject has a panel that nobody sees and that asks for what it shows, or just asks a question. It raises ValueError,
with one sentence, for what it is to show and the session does not have.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from PySide6.QtCore import QSize, QSizeF

from microgpt.program.addresses import AddressError
from microgpt_studio.debugger.scope_table import ScopeTable, scalars_of
from microgpt_studio.debugger.scopes import ScopeError, parse_address
from microgpt_studio.debugger.snapshot import Description, Moment, Snapshot, Wanted
from microgpt_studio.panels.graph import GraphPanel, MapView
from microgpt_studio.panels.graph.map_colors import Quantity
from microgpt_studio.panels.neighbourhood import NeighbourhoodPanel
from microgpt_studio.panels.neighbourhood.picture import WholePicture
from microgpt_studio.theme import current_theme
from microgpt_studio.window import export

_SHARE = 0.92  # of the window that a scope fills
DEFAULT_SIZE = 1600, 1000


class Subject(ABC):
    """Something to be exported."""

    @abstractmethod
    def begin(self, description: Description) -> None:
        """The session whose snapshots will be shown."""

    @abstractmethod
    def wanted(self) -> Wanted:
        """What it needs of the moment, as far as it knows by now."""

    @abstractmethod
    def show(self, snapshot: Snapshot) -> None:
        """Take what a snapshot has of it."""

    @property
    def is_waiting(self) -> bool:
        """Whether something is on its way that no snapshot brings."""
        return False

    @abstractmethod
    def content(self, suffix: str) -> bytes:
        """The file, of what was shown last."""

    @abstractmethod
    def close(self) -> None:
        """Nothing more is wanted of it."""


class MapSubject(Subject):
    """The map, as large as the picture has room for it: the cell of a scalar, a scope, or the whole document."""

    def __init__(
        self, focus: str | None, selection: str | None, size: tuple[int, int], quantity: Quantity = Quantity.DATA
    ) -> None:
        """Its cells are coloured by a quantity; contributions are those to the selection, or else to the focus."""
        self._focus, self._selection, self._size = focus, selection, size
        self._quantity = quantity
        self._panel = GraphPanel()
        self._scalar: int | None = None
        self._scope: np.ndarray | None = None
        self._placed = False

    def begin(self, description: Description) -> None:
        address = self._focus or self._selection
        try:
            self._scalar = None if address is None else parse_address(address, description.addresses)
        except AddressError as error:
            if self._focus is None or "[" in self._focus:
                raise ValueError(str(error)) from None
            self._scope = _scalars_of(self._focus, description)
        self._panel.show_session(description)
        self._panel.show_selection(self._scalar)
        if self._quantity is Quantity.CONTRIBUTION:
            self._offer_chosen(description)
        self._panel.toolbar.choose_quantity(self._quantity)
        view = self._panel.view
        assert view is not None, "there is a session"
        view.set_minimap(False)
        view.setFixedSize(*self._size)

    def wanted(self) -> Wanted:
        return self._panel.add_wishes(Wanted())

    def show(self, snapshot: Snapshot) -> None:
        self._panel.show_snapshot(snapshot)
        view, picture = self._panel.view, self._panel.whole_picture()
        assert view is not None and picture is not None, "a snapshot was shown"
        around = picture.size - QSizeF(view.size())  # title and legend
        size = QSize(self._size[0], max(self._size[1] - round(around.height()), 1))
        if size != view.size() or not self._placed:
            view.setFixedSize(size)
            self._place(view, snapshot)
            self._panel.show_snapshot(snapshot)  # now that it is known what is seen

    def content(self, suffix: str) -> bytes:
        picture = self._panel.whole_picture()
        assert picture is not None, "a snapshot was shown"
        return export.WRITERS[suffix](picture)

    def close(self) -> None:
        self._panel.deleteLater()

    def _offer_chosen(self, description: Description) -> None:
        """Let the tool bar know to which scalar contributions are wanted."""
        address = self._selection or self._focus or ""
        try:
            chosen = parse_address(address, description.addresses)
        except AddressError as error:
            raise ValueError(f"contributions are to a scalar: {error}") from None
        self._panel.toolbar.offer_scalar(chosen, description.addresses.format(chosen))

    def _place(self, view: MapView, snapshot: Snapshot) -> None:
        """Look where it is wanted."""
        self._placed = True
        if self._scope is not None:
            layout = view.layout_of_map
            cells = np.unique(layout.expressions.cell[self._scope])
            cells = cells[[layout.is_shown(int(cell), snapshot.moment.positions) for cell in cells]]
            if not len(cells):
                raise ValueError(_not_here(self._focus or "", snapshot.moment))
            left, top = float(layout.left[cells].min()), float(layout.top[cells].min())
            right = float((layout.left[cells] + layout.width[cells]).max())
            bottom = float((layout.top[cells] + layout.height[cells]).max())
            window = view.window_of_map()
            view.camera.set_window(window.width(), window.height(), current_theme().text_scale)
            view.camera.show_rectangle(left, top, right - left, bottom - top, share=_SHARE)
        elif self._scalar is not None:
            if view.selected_scalar is None:
                raise ValueError(_not_here(view.description.addresses.format(self._scalar), snapshot.moment))
            if self._focus is not None:
                view.fit()
                view.fit_selection()


class NeighbourhoodSubject(Subject):
    """The neighbourhood of a scalar, as large as it is, or fitted into a size."""

    def __init__(self, address: str, size: tuple[int, int] | None) -> None:
        self._address, self._size = address, size
        self._panel = NeighbourhoodPanel()
        self._failure: str | None = None
        self._panel.layouts.failed.connect(self._fail)

    def begin(self, description: Description) -> None:
        try:
            scalar = parse_address(self._address, description.addresses)
        except AddressError as error:
            raise ValueError(str(error)) from None
        self._panel.show_session(description)
        self._panel.show_selection(scalar)

    def wanted(self) -> Wanted:
        return self._panel.add_wishes(Wanted())

    def show(self, snapshot: Snapshot) -> None:
        self._panel.show_snapshot(snapshot)

    @property
    def is_waiting(self) -> bool:
        return self._panel.is_waiting

    def content(self, suffix: str) -> bytes:
        picture, dot, snapshot = self._panel.whole_picture(), self._panel.dot_text(), self._panel.snapshot
        if self._failure is not None:
            raise ValueError(self._failure)
        if picture is None or dot is None:
            assert snapshot is not None, "one was shown"
            raise ValueError(_not_here(self._address, snapshot.moment))
        if suffix == ".dot":
            return dot.encode()
        size = None if self._size is None else QSizeF(*self._size)
        return export.WRITERS[suffix](neighbourhood_picture(self._panel, picture, size))

    def close(self) -> None:
        self._panel.layouts.stop()
        self._panel.deleteLater()

    def _fail(self, _number: int, sentence: str) -> None:
        self._failure = sentence


class ScopeSubject(Subject):
    """The scalars of a scope as CSV; of the whole document where there is no scope."""

    def __init__(self, scope: str | None) -> None:
        self._inquiry = ScopeTable(scope or "")
        self._snapshot: Snapshot | None = None

    def begin(self, description: Description) -> None:
        _scalars_of(self._inquiry.scope, description)

    def wanted(self) -> Wanted:
        return Wanted(inquiries=frozenset((self._inquiry,)))

    def show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def content(self, suffix: str) -> bytes:  # noqa: ARG002 - it has one format
        table = None if self._snapshot is None else self._snapshot.answer(self._inquiry)
        assert self._snapshot is not None and table is not None, "a snapshot with the answer was shown"
        if table.num_rows == 0:
            raise ValueError(_not_here(self._inquiry.scope, self._snapshot.moment))
        return table.content

    def close(self) -> None:
        """There is nothing to be closed."""


def subject(
    kind: str,
    focus: str | None,
    selection: str | None,
    size: tuple[int, int] | None,
    color: str | None = None,
) -> Subject:
    """The map, the neighbourhood or the scope that a focus names; a neighbourhood without one is the selection's.

    `color` is the name of a Quantity in small letters: what the map's cells are coloured by.
    """
    match kind:
        case "map":
            quantity = Quantity.DATA if color is None else Quantity[color.upper()]
            return MapSubject(focus, selection, size or DEFAULT_SIZE, quantity)
        case "neighbourhood":
            return NeighbourhoodSubject(focus or selection or "", size)
        case _:
            return ScopeSubject(focus)


def neighbourhood_picture(panel: NeighbourhoodPanel, picture: WholePicture, size: QSizeF | None) -> export.Picture:
    """What a panel draws, with the words that go into a file about it."""
    assert panel.description is not None and panel.selection is not None and panel.snapshot is not None
    moment = panel.snapshot.moment
    title = f"Neighbourhood of {panel.description.addresses.format(panel.selection)}"
    return export.Titled(picture, title, f"update {moment.update} · “{moment.document}”", size)


def _scalars_of(scope: str, description: Description) -> np.ndarray:
    try:
        return scalars_of(scope, description.addresses)
    except ScopeError as error:
        raise ValueError(str(error)) from None


def _not_here(what: str, moment: Moment) -> str:
    positions = f"{moment.positions} position{'s' if moment.positions > 1 else ''}"
    return f"{what} is not in this document: “{moment.document}” has {positions}"
