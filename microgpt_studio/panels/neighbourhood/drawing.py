"""A drawing: a neighbourhood in the places that Graphviz gave it, in pixels at zoom 1. It holds no numbers."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainterPath

from microgpt.program.addresses import Addresses
from microgpt.program.program import Floats
from microgpt_studio.bridge.layout_process import Layout
from microgpt_studio.debugger.neighbourhood import Neighbourhood
from microgpt_studio.debugger.neighbourhood_dot import Spacing, layout_text
from microgpt_studio.debugger.neighbourhood_words import sum_words
from microgpt_studio.panels.neighbourhood.measures import Measures

_POINTS_ON_EDGE = 49


class Drawing:
    """n nodes and e edges in their places."""

    def __init__(self, neighbourhood: Neighbourhood, addresses: Addresses, measures: Measures, layout: Layout) -> None:
        self.neighbourhood = neighbourhood
        self.measures = measures
        self.size = QSizeF(layout.width, layout.height)
        self.addresses = [addresses.format(scalar) for scalar in neighbourhood.scalars.tolist()]
        self.sums = [sum_words(neighbourhood, node) for node in range(neighbourhood.num_nodes)]
        self.rects = [
            _around(layout.nodes[f"n{i}"], measures.width(address), measures.height)
            for i, address in enumerate(self.addresses)
        ]
        self._boxes = np.array([[r.left(), r.top(), r.right(), r.bottom()] for r in self.rects])  # (n, 4)
        curves = _in_order(neighbourhood, layout)
        self.edges = [_path(curve) for curve in curves]
        self.heads = [_direction(curve) for curve in curves]  # the end of each, and a unit vector into it
        self._lines = np.array([_line(curve) for curve in curves]).reshape(-1, _POINTS_ON_EDGE, 2)
        self._low, self._high = self._lines.min(axis=1), self._lines.max(axis=1)  # (e, 2)
        self.labels = self._place_labels()
        self.index = {scalar: node for node, scalar in enumerate(neighbourhood.scalars.tolist())}

    @staticmethod
    def text(neighbourhood: Neighbourhood, addresses: Addresses, measures: Measures) -> str:
        """What Graphviz has to lay out."""
        widths = [measures.width(addresses.format(scalar)) for scalar in neighbourhood.scalars.tolist()]
        spacing = Spacing(measures.between_columns, measures.between_nodes)
        return layout_text(neighbourhood, widths, measures.height, spacing)

    def node_at(self, x: float, y: float) -> int | None:
        """The node at a point."""
        b = self._boxes
        found = np.flatnonzero((b[:, 0] <= x) & (x <= b[:, 2]) & (b[:, 1] <= y) & (y <= b[:, 3]))
        return int(found[0]) if len(found) else None

    def edge_at(self, x: float, y: float, reach: float) -> int | None:
        """The edge that is nearest to a point, if it is no farther away than `reach`."""
        if not len(self._lines):
            return None
        start, way = self._lines[:, :-1], np.diff(self._lines, axis=1)
        to = np.array([x, y]) - start
        length = np.maximum((way**2).sum(axis=2), 1e-9)
        share = np.clip((to * way).sum(axis=2) / length, 0.0, 1.0)
        distance = np.sqrt(((to - share[..., None] * way) ** 2).sum(axis=2)).min(axis=1)
        nearest = int(distance.argmin())
        return nearest if distance[nearest] <= reach else None

    def nodes_in(self, seen: QRectF) -> list[int]:
        """The nodes of which something is seen."""
        b = self._boxes
        inside = (b[:, 0] <= seen.right()) & (b[:, 2] >= seen.left())
        nodes: list[int] = np.flatnonzero(inside & (b[:, 1] <= seen.bottom()) & (b[:, 3] >= seen.top())).tolist()
        return nodes

    def edges_in(self, seen: QRectF) -> list[int]:
        """The edges of which something may be seen."""
        low, high = self._low, self._high
        inside = (low[:, 0] <= seen.right()) & (high[:, 0] >= seen.left())
        edges: list[int] = np.flatnonzero(inside & (low[:, 1] <= seen.bottom()) & (high[:, 1] >= seen.top())).tolist()
        return edges

    def part_of_edge(self, edge: int, seen: QRectF) -> list[QPointF] | None:
        """Points along as much of an edge as is seen; None where it is seen whole.

        What is outside costs a stroke as much as what is inside, and of a long edge most is outside.
        """
        (left, top), (right, bottom) = self._low[edge].tolist(), self._high[edge].tolist()
        if left >= seen.left() and right <= seen.right() and top >= seen.top() and bottom <= seen.bottom():
            return None
        line = self._lines[edge]
        x, y = line[:, 0], line[:, 1]
        near = (np.maximum(x[:-1], x[1:]) >= seen.left()) & (np.minimum(x[:-1], x[1:]) <= seen.right())
        near &= (np.maximum(y[:-1], y[1:]) >= seen.top()) & (np.minimum(y[:-1], y[1:]) <= seen.bottom())
        pieces = np.flatnonzero(near)
        if not len(pieces):
            return []
        return [QPointF(x, y) for x, y in line[pieces[0] : pieces[-1] + 2].tolist()]

    def is_sum_button(self, node: int, x: float, y: float) -> bool:
        """Whether a point is where a node's long sum is opened and folded."""
        return bool(self.sums[node]) and self.measures.sum_button(self.rects[node], self.sums[node]).contains(x, y)

    def beside(self, node: int, across: int, down: int) -> int:
        """The nearest node to the left, right, above or below; the node itself where there is none."""
        middle = np.stack([self._boxes[:, [0, 2]].mean(axis=1), self._boxes[:, [1, 3]].mean(axis=1)], axis=1)
        away = middle - middle[node]
        along = away @ np.array([across, down])
        aside = np.abs(away @ np.array([down, across]))
        if across:
            candidates = along > 0.5 * self.measures.padding
            columns = along[candidates]
            if len(columns):  # the next column first, and there the nearest
                candidates &= along <= columns.min() + 4 * self.measures.padding
            cost = aside
        else:
            candidates = (along > 0.5) & (aside < self.measures.cell_width)
            cost = along + aside
        found = np.flatnonzero(candidates)
        return int(found[cost[found].argmin()]) if len(found) else node

    def edges_of(self, node: int) -> list[int]:
        """The edges that begin or end at a node."""
        n = self.neighbourhood
        return np.flatnonzero((n.operand == node) | (n.consumer == node)).tolist()

    def label_at(self, edge: int, *, tail: bool) -> QRectF:
        """Where the words of an edge would stand at one of its ends."""
        m, (x, y) = self.measures, self._lines[edge, 0 if tail else -1].tolist()
        left = x + m.padding if tail else x - 2 * m.padding - m.label_width
        return QRectF(left, y - m.line, m.label_width, 2 * m.line)

    def _place_labels(self) -> list[QRectF | None]:
        """Where the words of each edge stand: at the end that no other edge has; None where both ends have more.

        The edges of the selected scalar have theirs at their other end in any case.
        """
        n, m = self.neighbourhood, self.measures
        pairs = np.unique(np.stack([n.operand, n.consumer], axis=1), axis=0)  # two edges with the same ends are as one
        leaving = np.bincount(pairs[:, 0], minlength=n.num_nodes)[n.operand]
        coming = np.bincount(pairs[:, 1], minlength=n.num_nodes)[n.consumer]
        from_focus, to_focus = n.operand == n.focus, n.consumer == n.focus
        at_tail = np.where(from_focus | to_focus, to_focus, leaving <= coming)
        wanted = from_focus | to_focus | (np.minimum(leaving, coming) == 1)
        labels: list[QRectF | None] = [None] * n.num_edges
        width, height = m.label_width, 2 * m.line
        taken: dict[tuple[int, int], list[QRectF]] = defaultdict(list)
        for node in self.rects:
            for column in range(int(node.left() // width), int(node.right() // width) + 1):
                for row in range(int(node.top() // height), int(node.bottom() // height) + 1):
                    taken[column, row].append(node)
        for edge in np.flatnonzero(wanted).tolist():
            label = self.label_at(edge, tail=bool(at_tail[edge]))
            column, row = int(label.left() // width), int(label.top() // height)
            near = [other for i in (-1, 0, 1) for j in (-1, 0, 1) for other in taken[column + i, row + j]]
            if not any(label.intersects(other) for other in near):
                labels[edge] = label
                taken[column, row].append(label)
        return labels


def _around(middle: tuple[float, float], width: float, height: float) -> QRectF:
    return QRectF(middle[0] - width / 2, middle[1] - height / 2, width, height)


def _in_order(neighbourhood: Neighbourhood, layout: Layout) -> list[Floats]:
    """The curves in the order of the edges. Of edges with the same ends, any is any."""
    curves: dict[tuple[str, str], list[Floats]] = defaultdict(list)
    for tail, head, points in layout.edges:
        curves[tail, head].append(points)
    ends = zip(neighbourhood.operand.tolist(), neighbourhood.consumer.tolist(), strict=True)
    return [curves[f"n{a}", f"n{b}"].pop() for a, b in ends]


def _path(curve: Floats) -> QPainterPath:
    points = [QPointF(x, y) for x, y in curve.tolist()]
    path = QPainterPath(points[0])
    for i in range(1, len(points) - 2, 3):
        path.cubicTo(points[i], points[i + 1], points[i + 2])
    return path


def _direction(curve: Floats) -> tuple[QPointF, QPointF]:
    way = curve[-1] - curve[-2]
    if not way.any():
        way = curve[-1] - curve[0]
    unit = way / max(float(np.hypot(*way)), 1e-9)
    return QPointF(*curve[-1].tolist()), QPointF(*unit.tolist())


def _line(curve: Floats) -> Floats:
    """(points, 2) points along a curve, evenly in its parameter."""
    pieces = (len(curve) - 1) // 3
    t = np.linspace(0.0, pieces, _POINTS_ON_EDGE)
    piece = np.minimum(t.astype(np.int64), pieces - 1)
    u = (t - piece)[:, None]
    p = curve[3 * piece[:, None] + np.arange(4)]  # (points, 4, 2)
    return np.asarray(
        (1 - u) ** 3 * p[:, 0] + 3 * (1 - u) ** 2 * u * p[:, 1] + 3 * (1 - u) * u**2 * p[:, 2] + u**3 * p[:, 3]
    )
