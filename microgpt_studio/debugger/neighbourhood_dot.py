"""A neighbourhood as DOT text: without words, for Graphviz to lay out, or with its words and numbers, to take along.

The text for the layout names nodes by their place, n0, n1, …, and holds nothing but sizes: neighbourhoods of the same
shape have the same text, whatever scalars they are of.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from microgpt.program.addresses import Addresses
from microgpt_studio.debugger.neighbourhood import Neighbourhood
from microgpt_studio.debugger.neighbourhood_numbers import NeighbourhoodNumbers
from microgpt_studio.debugger.neighbourhood_words import grad_words, operation_words, reach_words

_POINTS = 72.0  # an inch, in which Graphviz takes lengths
_ROWS = 2.8  # the square of the rows of a column, for each node of all: makes a drawing wider than high
_LEAST_ROWS = 10
_BETWEEN_CURVES = 2.0  # pixels
_MANY_EDGES = 400  # beyond which edges are straight lines to the next column: all else takes Graphviz too long


@dataclass(frozen=True, slots=True)
class Spacing:
    """Lengths of the layout, in pixels."""

    between_columns: float
    between_nodes: float


def layout_text(neighbourhood: Neighbourhood, widths: Sequence[float], height: float, spacing: Spacing) -> str:
    """DOT for a layout from left to right, operands before consumers; the nodes have these sizes in pixels."""
    graph = {
        "rankdir": "LR",
        "ranksep": _inches(spacing.between_columns),
        "nodesep": _inches(_BETWEEN_CURVES),  # curves that pass a column take as much
        "splines": "line" if neighbourhood.num_edges > _MANY_EDGES else "spline",
        "nslimit": "4",
        "mclimit": "0.5" if neighbourhood.num_edges > _MANY_EDGES else "1",
    }
    node = {
        "shape": "box",
        "fixedsize": "true",
        "label": "",
        "height": _inches(height + spacing.between_nodes - _BETWEEN_CURVES),
    }
    nodes = [(f"n{i}", {"width": _inches(width)}) for i, width in enumerate(widths)]
    edge = {"dir": "none", "tailport": "e", "headport": "w"}
    lengths = _lengths(neighbourhood)
    ends = zip(neighbourhood.operand.tolist(), neighbourhood.consumer.tolist(), lengths, strict=True)
    edges = [(f"n{a}", f"n{b}", {"minlen": str(length)} if length > 1 else {}) for a, b, length in ends]
    return _digraph("neighbourhood", graph, node, edge, nodes, edges)


def labelled_text(neighbourhood: Neighbourhood, numbers: NeighbourhoodNumbers, addresses: Addresses, title: str) -> str:
    """DOT with addresses for names, and every number in full."""
    names = [addresses.format(scalar) for scalar in neighbourhood.scalars.tolist()]
    graph = {
        "rankdir": "LR",
        "label": _lines(title.split("\n")),
        "labelloc": "t",
        "fontname": "monospace",
    }
    node = {"shape": "box", "style": "rounded", "fontname": "monospace", "fontsize": "10"}
    edge = {"fontname": "monospace", "fontsize": "8"}
    nodes = []
    for i, name in enumerate(names):
        lines = (
            name,
            operation_words(neighbourhood, numbers, i, full=True),
            f"data {reach_words(numbers.data[i], numbers.data_reach[i])}",
            f"grad {grad_words(numbers.grad[i], numbers.grad_reach[i])}",
        )
        attributes = {"label": _lines(lines)}
        if i == neighbourhood.focus:
            attributes["penwidth"] = "3"
        nodes.append((name, attributes))
    edges = []
    for i, (a, b) in enumerate(zip(neighbourhood.operand.tolist(), neighbourhood.consumer.tolist(), strict=True)):
        derivative = reach_words(numbers.derivative[i], numbers.derivative_reach[i])
        contribution = grad_words(numbers.contribution[i], numbers.contribution_reach[i])
        label = f"local derivative {derivative}\\ncontribution {contribution}"
        edges.append((names[a], names[b], {"label": label}))
    return _digraph("neighbourhood", graph, node, edge, nodes, edges)


def _digraph(
    name: str,
    graph: Mapping[str, str],
    node: Mapping[str, str],
    edge: Mapping[str, str],
    nodes: Sequence[tuple[str, Mapping[str, str]]],
    edges: Sequence[tuple[str, str, Mapping[str, str]]],
) -> str:
    # Imported here: it takes a twentieth of a second, which the start of the program need not wait for.
    from graphviz import Digraph  # noqa: PLC0415

    digraph = Digraph(name, graph_attr=dict(graph), node_attr=dict(node), edge_attr=dict(edge))
    for each, attributes in nodes:
        digraph.node(each, **attributes)
    for tail, head, attributes in edges:
        digraph.edge(tail, head, **attributes)
    return str(digraph.source)


def _lines(lines: Sequence[str]) -> str:
    """Lines of a label, in which a backslash means itself."""
    return "\\n".join(line.replace("\\", "\\\\") for line in lines)


def _inches(pixels: float) -> str:
    return f"{pixels / _POINTS:.4f}"


def _lengths(neighbourhood: Neighbourhood) -> list[int]:
    """(e,) the columns that each edge goes over: nodes at one distance share several where one would be long."""
    distance = np.abs(neighbourhood.distance)
    in_open_sum = (neighbourhood.names >= 0) & ~neighbourhood.folded
    sides = np.where(in_open_sum, np.int32(0), neighbourhood.distance)  # an open sum has a shape of its own
    if neighbourhood.num_edges > _MANY_EDGES:
        return [1] * neighbourhood.num_edges
    rows = max(_LEAST_ROWS, math.ceil(math.sqrt(_ROWS * neighbourhood.num_nodes)))
    columns_before = np.zeros(neighbourhood.num_nodes, dtype=np.int64)
    for side in np.unique(sides[sides != 0]).tolist():
        nodes = np.flatnonzero(sides == side)
        columns_before[nodes] = np.arange(len(nodes)) % -(-len(nodes) // rows)
    operand, consumer = neighbourhood.operand, neighbourhood.consumer
    far = np.where(distance[operand] > distance[consumer], operand, consumer)
    same = distance[operand] == distance[consumer]
    result: list[int] = np.where(same, 1, 1 + columns_before[far]).tolist()
    return result
