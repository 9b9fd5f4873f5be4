"""The tool tip of a query and a key: everything known of their pair, in full, with the addresses of its scalars."""

from __future__ import annotations

from collections.abc import Mapping

from microgpt.program.program import Ids
from microgpt_studio.debugger.attention_terms import RowNumbers
from microgpt_studio.debugger.earlier_weights import WeightChange
from microgpt_studio.debugger.snapshot import Cells, Description, Moment, Reach
from microgpt_studio.panels.attention.words import at_position
from microgpt_studio.widgets import full

_NOT_YET = "not computed yet"


def describe_cell(
    description: Description,
    moment: Moment,
    cells: Cells,
    places: Mapping[str, Ids],
    pair: tuple[int, int, int, int],
    scalar: int,
    rows: RowNumbers | None,
    change: WeightChange | None,
) -> str:
    """Of the pair (layer, head, query, key); `places` has where weights and scores stand in the arrays of cells."""
    query, key = pair[2:]
    elements, address = description.program.element_ids, description.addresses.format
    lines = [
        address(scalar),
        f"query {at_position(description, moment.tokens, query)}, key {at_position(description, moment.tokens, key)}",
    ]
    if rows is not None:
        dot = full(float(rows.dot[pair])) if rows.dot_known[pair] else _NOT_YET
        lines.append(f"q · k {dot} · {address(int(rows.dot_ids[pair]))}")
        lines.append(f"× 1/√{description.program.config.head_size} = {full(rows.scale)}, a constant")
    for tensor in ("score", "weight"):
        place = int(places[tensor][pair])
        lines.append(
            f"{tensor} {_number(cells.data[place], cells.data_reach[place])} · {address(int(elements[place]))}"
        )
    if rows is not None:
        total = float(rows.weight_sum[pair[:3]])
        weight = int(places["weight"][*pair[:3], query])  # a row's last weight comes last
        known = cells.data_reach[weight] == Reach.KNOWN
        lines.append(f"the row's weights, added up from key 0: {full(total) if known else _NOT_YET}")
    if change is not None and change.then is not None and change.change is not None:
        lines.append(f"weight with the parameters after update {change.updates}: {full(float(change.then[pair]))}")
        if cells.data_reach[places["weight"][pair]] == Reach.KNOWN:
            lines.append(f"change {full(float(change.change[pair]))}")
    for tensor in ("score", "weight"):
        place = int(places[tensor][pair])
        lines.append(f"{tensor} grad {_number(cells.grad[place], cells.grad_reach[place])}")
    if moment.loss is not None:
        lines.append(f"update {moment.update}")
    return "\n".join(lines)


def _number(number: float, reach: int) -> str:
    if reach == Reach.OUTSIDE:
        return "outside the graph"
    return full(number) if reach == Reach.KNOWN else _NOT_YET
