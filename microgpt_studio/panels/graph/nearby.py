"""What is near: the cells of which the numbers inside are asked for, before they open and around the window."""

from __future__ import annotations

import numpy as np

from microgpt_studio.debugger.inside_numbers import InsideCells
from microgpt_studio.panels.graph.camera import Camera
from microgpt_studio.panels.graph.inside import Inside
from microgpt_studio.panels.graph.lines import Indices
from microgpt_studio.theme import current_theme

_ASK_FROM = 0.5  # of the zoom at which a cell begins to open: what is inside is asked for before it is shown
_AROUND = 0.5  # windows beyond each side of the window, of which it is asked for as well
_NONE = np.empty(0, dtype=np.int32)


class Nearby:
    """Asks for more than is in sight, so that a small move asks for nothing new."""

    def __init__(self, inside: Inside, camera: Camera) -> None:
        self._inside, self._camera = inside, camera
        self.inquiry: InsideCells | None = None  # None while no cell is open or soon will be

    def look(self, positions: int) -> bool:
        """Ask for what is inside the cells in the camera's window, if it was not yet; whether the inquiry changed."""
        needed = self._opening(positions, 0.0)
        asked = _NONE if self.inquiry is None else np.frombuffer(self.inquiry.cells, dtype=np.int32)
        if len(needed) == 0 and len(asked):
            self.inquiry = None
        elif not np.isin(needed, asked).all():
            self.inquiry = InsideCells.of(np.sort(self._opening(positions, _AROUND)))
        else:
            return False
        return True

    def _opening(self, positions: int, around: float) -> Indices:
        """The cells that are open at a little more than this zoom, in the window and so many windows around it."""
        t, text_scale = self._camera.transform, current_theme().text_scale
        scales = t.scale_x / _ASK_FROM, t.scale_y / _ASK_FROM
        if not self._inside.may_be_open(*scales, text_scale):
            return _NONE
        width, height = self._camera.window
        left, top = t.to_map(-around * width, -around * height)
        right, bottom = t.to_map((1 + around) * width, (1 + around) * height)
        cells = self._inside.layout.cells_within(left, top, right, bottom, positions)
        return cells[self._inside.openness(cells, *scales, text_scale) > 0]
