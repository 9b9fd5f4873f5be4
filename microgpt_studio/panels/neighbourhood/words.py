"""What the Neighbourhood panel says of a node or an edge that is pointed at, with every digit."""

from __future__ import annotations

from microgpt_studio.debugger.neighbourhood import MOST_NODES
from microgpt_studio.debugger.neighbourhood_words import grad_words, operation_words, reach_words
from microgpt_studio.debugger.snapshot import Moment, Reach
from microgpt_studio.panels.neighbourhood.drawing import Drawing
from microgpt_studio.panels.neighbourhood.figures import Figures
from microgpt_studio.widgets.number_text import short

_NOT_HERE = "not in this document"


def describe_node(drawing: Drawing, figures: Figures, node: int) -> str:
    """Address, operation, data and grad, what is not drawn, and what a click does; one a line."""
    neighbourhood, numbers = drawing.neighbourhood, figures.numbers
    lines = [drawing.addresses[node], operation_words(neighbourhood, numbers, node, full=True)]
    if not figures.nodes_there[node]:
        return "\n".join((*lines, _NOT_HERE))
    lines.append(f"data {reach_words(numbers.data[node], numbers.data_reach[node])}")
    lines.append(f"grad {grad_words(numbers.grad[node], numbers.grad_reach[node])}")
    operands, consumers = int(figures.operands_left[node]), int(figures.consumers_left[node])
    if operands or consumers:
        lines.append(
            f"not drawn: {_counted(operands, 'edge')} from operands, {_counted(consumers, 'edge')} to consumers"
        )
    if drawing.sums[node]:
        lines.append("click Σ, or press Space: " + ("show its terms" if neighbourhood.folded[node] else "fold them"))
    return "\n".join(lines)


def describe_edge(drawing: Drawing, figures: Figures, edge: int) -> str:
    """Both ends, local derivative and contribution, one a line."""
    neighbourhood, numbers = drawing.neighbourhood, figures.numbers
    operand = drawing.addresses[int(neighbourhood.operand[edge])]
    consumer = drawing.addresses[int(neighbourhood.consumer[edge])]
    lines = [f"{operand} → {consumer}"]
    if not figures.edges_there[edge]:
        return "\n".join((*lines, _NOT_HERE))
    derivative = reach_words(numbers.derivative[edge], numbers.derivative_reach[edge])
    contribution = grad_words(numbers.contribution[edge], numbers.contribution_reach[edge])
    lines.append(f"local derivative {derivative}")
    lines.append(f"contribution {contribution}")
    return "\n".join(lines)


def node_wordings(drawing: Drawing, figures: Figures, node: int) -> tuple[str, ...]:
    """The same in one line, longest wording first."""
    facts = describe_node(drawing, figures, node).splitlines()
    numbers, address = figures.numbers, facts[0]
    brief = []
    for word, values, reach in (("data", numbers.data, numbers.data_reach), ("grad", numbers.grad, numbers.grad_reach)):
        brief.append(f"{word} {short(float(values[node]))}" if reach[node] == Reach.KNOWN else f"{word} –")
    lines = ("   ".join(facts), "   ".join((address, *facts[2:4])), "   ".join((address, *brief)), address)
    return lines if figures.nodes_there[node] else lines[:2]


def edge_wordings(drawing: Drawing, figures: Figures, edge: int) -> tuple[str, ...]:
    """The same in one line, longest wording first."""
    facts = describe_edge(drawing, figures, edge).splitlines()
    return "   ".join(facts), "   ".join(facts[1:])


def what_is_drawn(drawing: Drawing, moment: Moment) -> tuple[str, ...]:
    """How many nodes and edges of which moment, and what there was no room for; longest wording first."""
    neighbourhood = drawing.neighbourhood
    nodes, edges = _counted(neighbourhood.num_nodes, "node"), _counted(neighbourhood.num_edges, "edge")
    state = f"update {moment.update}" if moment.cursor.done else "before the first update"
    if 0 < moment.cursor.done < moment.cursor.length:
        state += f", {moment.cursor.done:,} of {moment.cursor.length:,} operations done"
    counts = f"{nodes}, {edges}"
    if neighbourhood.omitted:
        all_nodes = _counted(neighbourhood.num_nodes + neighbourhood.omitted, "node")
        counts = f"{neighbourhood.num_nodes:,} of at least {all_nodes}, {edges}"
    return f"{state} · “{moment.document}” · {counts}", f"“{moment.document}” · {counts}", counts


def no_room(drawing: Drawing) -> str | None:
    """Why a Σ that should be open is not; None where all are."""
    node = drawing.neighbourhood.without_room
    if node is None:
        return None
    return (
        f"{drawing.addresses[node]} stays folded: with its {drawing.neighbourhood.terms[node]:,} terms there would be "
        f"more than {MOST_NODES} nodes. A smaller depth makes room."
    )


def not_here(address: str, moment: Moment) -> str:
    """Why there is no neighbourhood."""
    positions = f"{moment.positions} position{'s' if moment.positions > 1 else ''}"
    return f"{address} is not in this document: “{moment.document}” has {positions}."


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
