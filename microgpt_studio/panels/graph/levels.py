"""Levels: moves of the camera from the whole document to a column, a cell, a scalar and back, and the way they took."""

from __future__ import annotations

from microgpt_studio.panels.graph.camera import Camera, Transform
from microgpt_studio.panels.graph.inside import Inside

_MOST = 100  # views that are remembered
_WIDEST_BOX = 220.0  # pixels of a scalar's box at the closest zoom
_BOX_SHARE = 0.35  # of the window that the box of a scalar fills
_SHARE = 0.92  # of the window that something fills when it is opened
_COLUMN_TO_CELL = 24.0  # pixels of a cell's width from which a double click opens the cell and not the column


class Levels:
    """Moves a camera over a map. Discrete moves are remembered; zooms and pans between them count as one."""

    def __init__(self, camera: Camera, inside: Inside) -> None:
        self.camera = camera
        self.inside = inside
        self._past: list[tuple[Transform, bool]] = []
        self._future: list[tuple[Transform, bool]] = []
        self._is_drifting = False  # zoomed or panned since the last remembered view
        opens = inside.opens
        narrowest = float(inside.slot_width[opens].min()) if opens.any() else 1.0
        camera.set_closest(_WIDEST_BOX / narrowest)

    @property
    def can_go_back(self) -> bool:
        """Whether there is an earlier view."""
        return bool(self._past)

    @property
    def can_go_forward(self) -> bool:
        """Whether there is a later view."""
        return bool(self._future)

    def place(self, scalar: int) -> tuple[float, float, float, float]:
        """Where a scalar is shown, in map units: its cell, or its box where the cell is open."""
        layout, t = self.inside.layout, self.camera.transform
        cell = layout.cell_of(scalar)
        is_open = self.inside.is_open(cell, t.scale_x, t.scale_y, self.camera.text_scale)
        return self.inside.box(scalar) if is_open else layout.rect_of(cell)

    def fit(self) -> None:
        """The whole document."""
        if not self.camera.fitted:
            self._leave()
        self.camera.fit()

    def zoom(self, factor: float, x: float, y: float) -> None:
        """Enlarge by a factor about a pixel of the window."""
        self._drift()
        self.camera.zoom(factor, x, y)

    def pan(self, dx: float, dy: float) -> None:
        """Move by so many pixels."""
        self._drift()
        self.camera.pan(dx, dy)

    def begin_move(self) -> None:
        """The zooms and pans that follow are a move of their own."""
        self._is_drifting = False

    def reveal(self, scalar: int) -> None:
        """Pan as little as needed to have a scalar in sight; its cell, or its box where the cell is open."""
        before = self._state()
        self.camera.reveal(*self.place(scalar))
        if self._state() != before:
            self._remember(before)

    def open(self, scalar: int) -> None:
        """Let a scalar's cell fill the window; where it does already, the scalar's box be as large as it can."""
        layout = self.inside.layout
        rect = layout.rect_of(layout.cell_of(scalar))
        self._leave()
        if self._fills(rect) or not self._opens_within(layout.cell_of(scalar)):
            self.camera.show_rectangle(*self.inside.box(scalar), share=_BOX_SHARE)
        else:
            self.camera.show_rectangle(*rect, share=_SHARE)

    def open_at(self, x: float, y: float, positions: int, selected_position: int | None) -> bool:
        """Open what is at a pixel of the window: a column's row, a cell, a scalar. False where there is nothing.

        Left of the window it is the selected position's column, above it the column from its top.
        """
        layout, camera = self.inside.layout, self.camera
        map_x, map_y = camera.transform.to_map(x, y)
        cell = layout.cell_at(map_x, map_y) if x >= 0 and y >= 0 else None
        if cell is not None and layout.is_shown(cell, positions) and (self._width(cell) >= _COLUMN_TO_CELL):
            hit = self.inside.hit(cell, map_x, map_y) if self.inside.opens[cell] else None
            self.open(int(layout.expressions.scalar[cell]) if hit is None else hit.scalar)
            return True
        column = int(map_x // layout.pitch)
        if x < 0:
            first = max(int(camera.transform.to_map(0.0, 0.0)[0] // layout.pitch), 0)
            column = first if selected_position is None else selected_position
        middle = None
        if y >= 0:
            row = layout.row_at(map_y)
            if row is None and map_x >= 0:
                return False
            middle = map_y if row is None else (layout.rows[row].top + layout.rows[row].bottom) / 2
        if not -1 <= column < positions:
            return False
        self._leave()
        camera.show_column(column * layout.pitch, layout.pitch, middle)
        return True

    def go_up(self, scalar: int | None) -> None:
        """One level out: from inside a cell to the cell, to its column, to the whole document."""
        layout, camera = self.inside.layout, self.camera
        column_scale = camera.scale_of_width(layout.pitch)
        if scalar is not None and camera.transform.scale_x > 1.05 * column_scale:
            cell = layout.cell_of(scalar)
            rect = layout.rect_of(cell)
            self._leave()
            if self._fills(rect) and camera.transform.scale_x > 1.05 * camera.scale_of(*rect[2:], share=_SHARE):
                camera.show_rectangle(*rect, share=_SHARE)
            else:
                left, top, _, height = layout.block_of(cell)
                camera.show_column(left, layout.pitch, top + height / 2)
        else:
            self.fit()

    def go_back(self) -> None:
        """To the view before the last move."""
        if self._past:
            self._future.append(self._state())
            self._return_to(self._past.pop())

    def go_forward(self) -> None:
        """To the view that was left by going back."""
        if self._future:
            self._past.append(self._state())
            self._return_to(self._future.pop())

    def _opens_within(self, cell: int) -> bool:
        """Whether a cell that fills the window is open; a wide and low one is not."""
        scale = self.camera.scale_of(*self.inside.layout.rect_of(cell)[2:], share=_SHARE)
        scales = scale, self.camera.ratio(scale) * scale
        return not self.inside.opens[cell] or self.inside.is_open(cell, *scales, self.camera.text_scale)

    def _width(self, cell: int) -> float:
        return float(self.inside.layout.width[cell]) * self.camera.transform.scale_x

    def _fills(self, rect: tuple[float, float, float, float]) -> bool:
        """Whether a rectangle is about as large as the window, or larger."""
        return self.camera.transform.scale_x >= 0.98 * self.camera.scale_of(*rect[2:], share=_SHARE)

    def _state(self) -> tuple[Transform, bool]:
        return self.camera.transform, self.camera.fitted

    def _return_to(self, state: tuple[Transform, bool]) -> None:
        self._is_drifting = False
        self.camera.restore(*state)

    def _drift(self) -> None:
        if not self._is_drifting:
            self._leave()
            self._is_drifting = True

    def _leave(self) -> None:
        """Another view is coming."""
        self._is_drifting = False
        self._remember(self._state())

    def _remember(self, state: tuple[Transform, bool]) -> None:
        self._future.clear()
        if not self._past or self._past[-1] != state:
            self._past.append(state)
            del self._past[:-_MOST]
