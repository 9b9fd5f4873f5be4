"""Breakpoints on the map: a dot in the corner of a cell, at the beginning of a scope, and at the label of its row.

A dot is hollow where all that it stands for is disabled, and has a ring where the run has stopped. Breakpoints of lines
have no place here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from microgpt.program.addresses import AddressError
from microgpt_studio.debugger.execution import Phase
from microgpt_studio.debugger.scopes import Scope, ScopeError, parse_address
from microgpt_studio.debugger.snapshot import BreakpointRow, Description, Snapshot
from microgpt_studio.debugger.targets import Definition, Event
from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.theme import Palette

_RADIUS = 3.5  # pixels at text scale 1
_LABEL_RADIUS = 3.0  # the room between labels and map does not grow with text
_RING = 3.0  # pixels from the dot to the ring
_ROOMY = 5.0  # radii that a cell measures to have its dot inside

_AT_SCALARS = (Event.COMPUTED, Event.GRADIENT, Event.UPDATED)


@dataclass(frozen=True, slots=True)
class Dot:
    """What stands at one place."""

    rows: tuple[BreakpointRow, ...]
    stopped: int | None  # id of the breakpoint at which the run stands

    @property
    def enabled(self) -> bool:
        return any(row.enabled for row in self.rows)

    @property
    def emphasised(self) -> bool:
        """Whether the run has stopped at one of them."""
        return any(row.id == self.stopped for row in self.rows)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What each is."""
        return tuple(_sentence(row, self.stopped) for row in self.rows)


class BreakpointMarks:
    """The dots of the latest snapshot; places are found when definitions change."""

    def __init__(self, description: Description, layout: MapLayout) -> None:
        self._description = description
        self._layout = layout
        self._key: object = ()
        self.at_scalars: dict[int, Dot] = {}  # by scalar
        self.at_tensors: dict[int, Dot] = {}  # by tensor
        self.at_rows: dict[int, Dot] = {}  # by row of the map

    def show(self, snapshot: Snapshot) -> None:
        """Show the breakpoints of a snapshot."""
        stop = snapshot.moment.stop
        stopped = None if stop is None else stop.breakpoint
        rows = [row for row in snapshot.breakpoints if row.problem is None]
        key = stopped, [(row.id, row.definition, row.enabled) for row in rows]
        if key != self._key:
            self._key = key
            self._place(rows, stopped)

    def sentences(self, scalar: int) -> tuple[str, ...]:
        """What stands at a scalar, or where its tensor begins; at an element, also what stands inside its cell."""
        expressions, tensor = self._layout.expressions, int(self._description.program.tensor[scalar])
        dots = [self.at_scalars.get(scalar), self.at_tensors.get(tensor)]
        cell = self._layout.cell_of(scalar)
        if expressions.scalar[cell] == scalar:
            dots += [dot for at, dot in self.at_scalars.items() if at != scalar and expressions.cell[at] == cell]
        return tuple(sentence for dot in dots if dot is not None for sentence in dot.sentences)

    def row_sentences(self, row: int) -> tuple[str, ...]:
        """What stands at the label of a row of the map."""
        return self.at_rows[row].sentences if row in self.at_rows else ()

    def paint(
        self,
        painter: QPainter,
        place: Callable[[int], QRectF | None],
        window: QRectF,
        text_scale: float,
        palette: Palette,
    ) -> None:
        """Paint the dots upon scalars, in a window whose corner is (0, 0); `place` is where a scalar is shown."""
        radius = _RADIUS * text_scale
        reach = window.adjusted(-4 * radius, -4 * radius, 4 * radius, 4 * radius)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for scalar, at_left, dot in self._places():
            cell = place(scalar)
            if cell is None:
                continue
            inside = radius + 2.0 if min(cell.width(), cell.height()) >= _ROOMY * radius else 0.0
            middle = cell.topLeft() if at_left else cell.topRight() + QPointF(-inside, inside)
            if reach.contains(middle):
                _paint_dot(painter, middle, radius, dot, palette)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def paint_at_labels(self, painter: QPainter, t: Transform, window: QRectF, palette: Palette) -> None:
        """Paint the dots between the labels of the rows and the map's window, which is in the widget's pixels."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, dot in self.at_rows.items():
            row = self._layout.bands[index]
            y = (row.top + row.bottom) / 2 * t.scale_y + t.y + window.top()
            if window.top() <= y <= window.bottom():
                _paint_dot(painter, QPointF(window.left() - _LABEL_RADIUS, y), _LABEL_RADIUS, dot, palette)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _places(self) -> Iterator[tuple[int, bool, Dot]]:
        """Scalars with a dot, whether it stands at their left as the beginning of a tensor, and the dot."""
        program = self._description.program
        for tensor, dot in self.at_tensors.items():
            yield int(program.element_ids[program.tensors[tensor].first_element]), True, dot
        for scalar, dot in self.at_scalars.items():
            yield scalar, False, dot

    def _place(self, rows: Sequence[BreakpointRow], stopped: int | None) -> None:
        scalars: dict[int, list[BreakpointRow]] = {}
        tensors: dict[int, list[BreakpointRow]] = {}
        labels: dict[int, list[BreakpointRow]] = {}
        program, layout = self._description.program, self._layout
        for row in rows:
            try:
                if row.definition.event in _AT_SCALARS:
                    scalar = parse_address(row.definition.where.strip(), self._description.addresses)
                    scalars.setdefault(scalar, []).append(row)
                elif row.definition.event is Event.SCOPE:
                    for tensor in self._beginnings(row.definition):
                        tensors.setdefault(tensor, []).append(row)
                        at = labels.setdefault(int(layout.row_of[program.tensors[tensor].first_element]), [])
                        if row not in at:
                            at.append(row)
            except (AddressError, ScopeError):
                continue  # of another session: the snapshot that follows says so in its problem
        self.at_scalars = {scalar: Dot(tuple(there), stopped) for scalar, there in scalars.items()}
        self.at_tensors = {tensor: Dot(tuple(there), stopped) for tensor, there in tensors.items()}
        self.at_rows = {row: Dot(tuple(there), stopped) for row, there in labels.items()}

    def _beginnings(self, definition: Definition) -> list[int]:
        """The tensors that run first of a scope, position by position; backward, the last made is the first to run."""
        if definition.phase is Phase.ADAM:
            return []
        program = self._description.program
        end = -1 if definition.phase is Phase.BACKWARD else 0
        return [int(program.tensor[group[end]]) for group in Scope.of(definition.where, program).groups]


def _sentence(row: BreakpointRow, stopped: int | None) -> str:
    state = " has stopped the run" if row.id == stopped else "" if row.enabled else " (disabled)"
    return f"Breakpoint {row.id}{state}: {row.definition}"


def _paint_dot(painter: QPainter, middle: QPointF, radius: float, dot: Dot, palette: Palette) -> None:
    color, seam = QColor(palette.error), QColor(palette.surface)
    if dot.emphasised:
        for pen in (QPen(seam, 4.0), QPen(color, 1.5)):
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(middle, radius + _RING, radius + _RING)
    painter.setPen(QPen(seam, 3.0))
    painter.setBrush(color if dot.enabled else seam)
    painter.drawEllipse(middle, radius, radius)
    painter.setPen(QPen(color, 1.5))
    painter.drawEllipse(middle, radius - 0.5, radius - 0.5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
