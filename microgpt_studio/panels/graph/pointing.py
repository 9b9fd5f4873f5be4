"""Pointing: which scalar is at a point of the map, and which is the next one for the arrow keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt_studio.debugger.binding import Binding
from microgpt_studio.panels.graph.frame import HIT_FROM, Frame
from microgpt_studio.panels.graph.inside import Inside


@dataclass(frozen=True, slots=True)
class Pointed:
    """A scalar; at a port, the operand that enters there."""

    scalar: int
    is_port: bool = False


def pointed_at(frame: Frame, point: tuple[float, float], binding: Binding, tokens: tuple[int, ...]) -> Pointed | None:
    """What is at a point in map units: something inside a cell that is open, or else what stands for the cell."""
    layout, inside = frame.layout, frame.inside
    cell = layout.cell_at(*point)
    if cell is None or not layout.is_shown(cell, frame.positions):
        return None
    if frame.openness_of(cell) >= HIT_FROM:
        hit = inside.hit(cell, *point)
        if hit is not None and hit.port is None and hit.scalar in frame.scalars:
            return Pointed(hit.scalar)
        if hit is not None and hit.port is not None:
            scalar = np.array([hit.scalar])
            operands = layout.program.second[scalar] if hit.port else binding.first_of(scalar, tokens)
            return Pointed(int(operands[0]), is_port=True)
    return Pointed(int(layout.expressions.scalar[cell]))


def neighbour(inside: Inside, scalar: int, across: int, down: int, positions: int, *, is_open: bool) -> int:
    """The next scalar in a direction: inside an open cell as long as there is one, then of the next cell."""
    layout, expressions = inside.layout, inside.expressions
    cell = layout.cell_of(scalar)
    if is_open:
        members = expressions.of(cell)
        boxes = inside.boxes(members)
        own = int(np.flatnonzero(members == scalar)[0])
        x, y = boxes.left + boxes.width / 2, boxes.top + boxes.height / 2
        far_x, far_y = (x - x[own]) / inside.slot_width[cell], (y - y[own]) / inside.slot_height[cell]
        ahead, aside = (far_x * across, far_y) if across else (far_y * down, far_x)
        cost = np.where(ahead > 0.5, ahead + 3 * np.abs(aside), np.inf)
        if np.isfinite(cost).any():
            return int(members[int(cost.argmin())])
    return int(expressions.scalar[layout.neighbour(cell, across, down, positions)])
