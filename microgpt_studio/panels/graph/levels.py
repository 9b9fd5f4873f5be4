"""Levels: moves of the camera from the whole document to a column, a cell, a scalar and back, and the way they took."""

from __future__ import annotations

from microgpt_studio.panels.graph.camera import Camera, Transform
from microgpt_studio.panels.graph.inside import Inside
from microgpt_studio.panels.graph.inside_figures import room_for
from microgpt_studio.theme import current_theme

Rectangle = tuple[float, float, float, float]  # left, top, width and height, in map units
Stop = tuple[float, float, float]  # horizontal scale, and what of the map is in the middle of the window

_MOST = 100  # views that are remembered
_WIDEST_BOX = 220.0  # pixels of a scalar's box at the closest zoom
_BOX_SHARE = 0.35  # of the window that the box of a scalar fills
_SHARE = 0.92  # of the window that something fills when it is opened
_SPARE = 0.5  # pixels of height more than the lines of a box need
_STEP = 1.1  # how much closer a stop is than the one before, at least
_FIGURES, _NAMED_FIGURES = 2, 3  # lines in a box: data and grad; the name above them
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

    def place(self, scalar: int) -> Rectangle:
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
        """Go to the next stop on the way in: a scalar's cell, the figures around its box, the box alone.

        The cell fills the window. The figures are a stop where the boxes of that cell are too small to be read.
        """
        stops, scale = self._stops(scalar), self.camera.transform.scale_x
        self._go(next((stop for stop in stops if 0.98 * stop[0] > scale), stops[-1]))

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
        """One level out: from stop to stop of a scalar, to its column, to the whole document."""
        layout, camera = self.inside.layout, self.camera
        scale = camera.transform.scale_x
        if scalar is None or scale <= 1.05 * camera.scale_of_width(layout.pitch):
            self.fit()
            return
        farther = [stop for stop in self._stops(scalar) if 1.05 * stop[0] < scale]
        if farther:
            self._go(farther[-1])
        else:
            left, top, _, height = layout.block_of(layout.cell_of(scalar))
            self._leave()
            camera.show_column(left, layout.pitch, top + height / 2)

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

    def _stops(self, scalar: int) -> list[Stop]:
        """Where to look on the way in, from far to near: at least one, and each clearly closer than the last."""
        inside, camera = self.inside, self.camera
        cell = inside.layout.cell_of(scalar)
        rect, box = inside.layout.rect_of(cell), inside.box(scalar)
        if not inside.opens[cell]:
            return [(camera.scale_of(*rect[2:], share=_SHARE), *_middle(rect))]
        stops = []
        whole = self._scale_of_cell(rect, box)
        if inside.is_open(cell, whole, whole * camera.ratio(whole), camera.text_scale):  # a wide and low one is not
            stops.append((whole, *_middle(rect)))
        figures, alone = self._scale_of_figures(box, _NAMED_FIGURES), camera.scale_of(*box[2:], share=_BOX_SHARE)
        if figures > alone or alone >= _STEP * figures:
            self._add(stops, (figures, *self._middle_within(rect, box, figures)))
        self._add(stops, (alone, *_middle(box)))
        return stops

    @staticmethod
    def _add(stops: list[Stop], stop: Stop) -> None:
        """Add it unless the one before is almost as close."""
        if not stops or stop[0] >= _STEP * stops[-1][0]:
            stops.append(stop)

    def _scale_of_cell(self, rect: Rectangle, box: Rectangle) -> float:
        """At which a cell fills the window with something around it; without that if only then its boxes have figures.

        `box` is one of them: all are of one size.
        """
        usual, most = (self.camera.scale_of(*rect[2:], share=share) for share in (_SHARE, 1.0))
        figures = self._scale_of_figures(box, _FIGURES)
        return max(figures, usual) if figures <= most else usual

    def _scale_of_figures(self, box: Rectangle, lines: int) -> float:
        """From which on a box has so many lines."""
        width, height = room_for(lines, current_theme())
        return self.camera.scale_from(*box[2:], width, height + _SPARE)

    def _middle_within(self, rect: Rectangle, box: Rectangle, scale: float) -> tuple[float, float]:
        """The middle of a window with a box in it as near to the middle as a cell allows that fills the window."""
        window, scales = self.camera.window, (scale, scale * self.camera.ratio(scale))
        x, y = (
            _nearest(rect[i] + rect[i + 2] / 2, box[i] + box[i + 2] / 2, (rect[i + 2] - window[i] / scales[i]) / 2)
            for i in (0, 1)
        )
        return x, y

    def _width(self, cell: int) -> float:
        return float(self.inside.layout.width[cell]) * self.camera.transform.scale_x

    def _go(self, stop: Stop) -> None:
        """Look there; where that is looked at already, no view is left."""
        before, self._is_drifting = self._state(), False
        self.camera.show_at(*stop)
        if self._state() != before:
            self._remember(before)

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


def _middle(rect: Rectangle) -> tuple[float, float]:
    return rect[0] + rect[2] / 2, rect[1] + rect[3] / 2


def _nearest(middle: float, wanted: float, most: float) -> float:
    """What is nearest to a wanted place, and not farther than that from the middle."""
    most = max(most, 0.0)
    return min(max(wanted, middle - most), middle + most)
