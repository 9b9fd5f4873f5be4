"""A neighbourhood as DOT text: without words, for Graphviz to lay out, or with its words and numbers, to take along.

The text for the layout names nodes by their place, n0, n1, …, and holds nothing but sizes: neighbourhoods of the same
shape have the same text, whatever scalars they are of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import graphviz
import numpy as np

from microgpt.program.addresses import Addresses
from microgpt_studio.debugger.neighbourhood import Neighbourhood
from microgpt_studio.debugger.neighbourhood_numbers import NeighbourhoodNumbers
from microgpt_studio.debugger.neighbourhood_words import grad_words, operation_words, reach_words

_POINTS = 72.0  # an inch, in which Graphviz takes lengths
_FULL_COLUMN = 10  # leaves of one node that stand above each other; more of them take another column
_MOST_COLUMNS = 6
_MANY_EDGES = 500  # from which on the curves are not led around nodes: that takes Graphviz most of its time


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
        "nodesep": _inches(spacing.between_nodes),
        "splines": "line" if neighbourhood.num_edges > _MANY_EDGES else "spline",
        "nslimit": "4",
        "mclimit": "0.5" if neighbourhood.num_edges > _MANY_EDGES else "1",
    }
    node = {"shape": "box", "fixedsize": "true", "label": "", "height": _inches(height)}
    nodes = [(f"n{i}", {"width": _inches(width)}) for i, width in enumerate(widths)]
    lengths = _lengths(neighbourhood)
    ends = zip(neighbourhood.operand.tolist(), neighbourhood.consumer.tolist(), lengths, strict=True)
    edges = [(f"n{a}", f"n{b}", {"minlen": str(length)} if length > 1 else {}) for a, b, length in ends]
    return _digraph("neighbourhood", graph, node, {"dir": "none"}, nodes, edges)


def labelled_text(neighbourhood: Neighbourhood, numbers: NeighbourhoodNumbers, addresses: Addresses, title: str) -> str:
    """DOT with addresses for names, and every number in full."""
    names = [addresses.format(scalar) for scalar in neighbourhood.scalars.tolist()]
    graph = {"rankdir": "LR", "label": title, "labelloc": "t", "fontname": "monospace"}
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
        attributes = {"label": "\n".join(lines)}
        if i == neighbourhood.focus:
            attributes["penwidth"] = "3"
        nodes.append((name, attributes))
    edges = []
    for i, (a, b) in enumerate(zip(neighbourhood.operand.tolist(), neighbourhood.consumer.tolist(), strict=True)):
        derivative = reach_words(numbers.derivative[i], numbers.derivative_reach[i])
        contribution = grad_words(numbers.contribution[i], numbers.contribution_reach[i])
        label = f"local derivative {derivative}\ncontribution {contribution}"
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
    digraph = graphviz.Digraph(name, graph_attr=dict(graph), node_attr=dict(node), edge_attr=dict(edge))
    for each, attributes in nodes:
        digraph.node(each, **attributes)
    for tail, head, attributes in edges:
        digraph.edge(tail, head, **attributes)
    return str(digraph.source)


def _inches(pixels: float) -> str:
    return f"{pixels / _POINTS:.4f}"


def _lengths(neighbourhood: Neighbourhood) -> list[int]:
    """(e,) the columns that each edge goes over: many leaves of one node share several columns, not one long one."""
    n = neighbourhood.num_nodes
    operand, consumer = neighbourhood.operand, neighbourhood.consumer
    pairs = np.unique(np.stack([operand, consumer], axis=1), axis=0)  # an edge that is there twice counts once
    neighbours = np.bincount(pairs.ravel(), minlength=n)
    lengths = np.ones(len(operand), dtype=np.int64)
    for leaf, other in ((operand, consumer), (consumer, operand)):
        is_leaf = neighbours[leaf] == 1
        is_leaf &= leaf != neighbourhood.focus
        for node in np.unique(other[is_leaf]).tolist():
            edges = np.flatnonzero(is_leaf & (other == node))
            leaves, which = np.unique(leaf[edges], return_inverse=True)
            columns = min(-(-len(leaves) // _FULL_COLUMN), _MOST_COLUMNS)
            lengths[edges] = 1 + which % columns
    result: list[int] = lengths.tolist()
    return result
